import pytest

from components.cluster.core_dns import core_dns


def configuration(zones: int) -> dict[str, object]:
    return dict(core_dns(zones).configuration)


@pytest.mark.parametrize(("zones", "minimum"), [(1, 2), (2, 2), (3, 3), (6, 6)])
def test_each_zone_has_a_replica_and_there_are_at_least_two(zones: int, minimum: int) -> None:
    scaling = configuration(zones)["autoScaling"]
    assert scaling == {"enabled": True, "minReplicas": minimum, "maxReplicas": 100}


def test_only_the_autoscaler_sets_the_replicas() -> None:
    assert "replicaCount" not in configuration(3), (
        "the add-on and its autoscaler would overwrite each other"
    )


def test_replicas_prefer_different_zones_and_nodes() -> None:
    spread = configuration(3)["topologySpreadConstraints"]
    assert isinstance(spread, list)
    assert [each["topologyKey"] for each in spread] == [
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    ]
    for each in spread:
        assert each["labelSelector"] == {"matchLabels": {"k8s-app": "kube-dns"}}
        assert each["whenUnsatisfiable"] == "ScheduleAnyway", (
            "replicas of a failed zone would stay pending"
        )


def test_at_most_one_replica_is_evicted_at_a_time() -> None:
    assert configuration(3)["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}


def test_a_terminating_pod_answers_for_20_of_the_30_seconds_before_kill() -> None:
    lines = str(configuration(3)["corefile"]).splitlines()
    assert lines[2:4] == ["    health {", "        lameduck 20s"]


def test_the_corefile_is_that_of_eks_except_for_the_lameduck_period() -> None:
    words = " ".join(str(configuration(3)["corefile"]).replace("20s", "5s").split())
    assert words == (
        ".:53 { errors health { lameduck 5s } ready "
        "kubernetes cluster.local in-addr.arpa ip6.arpa "
        "{ pods insecure fallthrough in-addr.arpa ip6.arpa } "
        "prometheus :9153 forward . /etc/resolv.conf cache 30 loop reload loadbalance }"
    )
