import pytest

from components.cluster.core_dns import core_dns


def configuration(zones: int) -> dict[str, object]:
    return dict(core_dns(zones).configuration)


@pytest.mark.parametrize(("zones", "least"), [(1, 2), (2, 2), (3, 3), (6, 6)])
def test_every_zone_has_a_replica_and_one_zone_has_two(zones: int, least: int) -> None:
    scaling = configuration(zones)["autoScaling"]
    assert scaling == {"enabled": True, "minReplicas": least, "maxReplicas": 100}


def test_replicas_are_the_autoscaler_s_alone() -> None:
    assert "replicaCount" not in configuration(3), "two would set them in turn"


def test_replicas_spread_over_zones_and_nodes_by_their_own_labels() -> None:
    spread = configuration(3)["topologySpreadConstraints"]
    assert isinstance(spread, list)
    assert [each["topologyKey"] for each in spread] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    for each in spread:
        assert each["labelSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}
        assert each["whenUnsatisfiable"] == "ScheduleAnyway", "a lost zone would leave it pending"


def test_replicas_are_evicted_one_by_one() -> None:
    assert configuration(3)["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}


def test_a_pod_that_goes_answers_until_no_node_asks_it() -> None:
    lines = str(configuration(3)["corefile"]).splitlines()
    assert lines[2:4] == ["    health {", "        lameduck 30s"]


def test_the_corefile_is_that_of_eks_otherwise() -> None:
    words = " ".join(str(configuration(3)["corefile"]).replace("30s", "5s").split())
    assert words == (
        ".:53 { errors health { lameduck 5s } ready "
        "kubernetes cluster.local in-addr.arpa ip6.arpa "
        "{ pods insecure fallthrough in-addr.arpa ip6.arpa } "
        "prometheus :9153 forward . /etc/resolv.conf cache 30 loop reload loadbalance }"
    )
