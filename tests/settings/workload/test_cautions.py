"""Tests of the cautions about apps."""

import pytest

from tests.settings.stack_files import CACHE, POOLS, WEB, Change, cautions_of

GENERAL = (POOLS, "general")
KEY = ".".join(WEB)


@pytest.mark.parametrize(
    ("spread", "text"),
    [
        (
            {"zones": "preferred"},
            "after a burst, a rollout or the return of a zone, pods can stay spread unevenly, and "
            "the failure of the fullest zone can then leave fewer than 4 needed pods; strict keeps "
            "the zones even",
        ),
        (
            {"nodes": "strict"},
            "one full node can keep new pods pending although other nodes have capacity, and the "
            "Cluster Autoscaler may not detect that a new node would help; the claim that the pods "
            "of a failed zone fit into the other zones does not cover these pods",
        ),
    ],
    ids=str,
)
def test_a_spread_other_than_strict_over_zones_is_a_caution(
    spread: dict[str, str], text: str
) -> None:
    [field] = spread
    assert cautions_of(((*WEB, "spread"), spread)) == {f"{KEY}.spread.{field}": text}


def test_pods_that_can_use_more_storage_than_they_request_can_be_evicted() -> None:
    requests = {"cpu": "250m", "memory": "64Mi", "ephemeralStorage": "1Gi"}
    scratch: Change = ((*WEB, "scratch"), {"/tmp": "1Gi"})
    assert cautions_of(((*WEB, "requests"), requests), scratch) == {
        f"{KEY}.requests.ephemeralStorage": (
            "scratch and logs of a pod can use 1088Mi; if the pods of a node together fill its "
            "disk, the kubelet evicts pods, also of other workloads"
        )
    }
    enough = {**requests, "ephemeralStorage": "1088Mi"}
    assert cautions_of(((*WEB, "requests"), enough), scratch) == {}


def test_pods_on_nodes_of_two_architectures_need_an_image_for_both() -> None:
    graviton: Change = (
        (POOLS, "graviton"),
        {
            "instanceTypes": ["m7g.large"],
            "amiType": "AL2023_ARM_64_STANDARD",
            "perZone": {"min": 0, "max": 3},
        },
    )
    found = cautions_of(graviton, ((*WEB, "pool"), "general"))
    assert found["ha-eks:apps.cache.image"] == (
        "pods run on nodes of x86_64 (pool general) and arm64 (pool graviton), and do not start on "
        "nodes that the image does not support; use an image for both architectures, or write a "
        "pool"
    )
    assert f"{KEY}.image" not in found


def test_iam_policies_are_useless_without_a_route_to_aws() -> None:
    policies: Change = ((*WEB, "policies"), ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"])
    found = cautions_of(policies, ((*WEB, "reaches"), [{"cidr": "10.0.0.0/8", "port": 5432}]))
    assert found == {
        f"{KEY}.policies": "the pods have IAM policies, but network policies deny their "
        "connections to AWS (port 443); add {cidr: 0.0.0.0/0, port: 443} or the subnets of VPC "
        "endpoints to reaches"
    }
    assert cautions_of(policies, ((*WEB, "reaches"), [{"cidr": "0.0.0.0/0", "port": 443}])) == {}


@pytest.mark.parametrize(
    ("shutdown", "kubelet", "grace"),
    [
        (95, {}, None),
        (96, {}, 120),
        (96, {"shutdownGraceCriticalSeconds": 10}, None),
        (20, {"shutdownGraceSeconds": 74}, 44),
    ],
)
def test_a_grace_period_longer_than_a_node_shutdown_may_drop_requests(
    shutdown: int, kubelet: dict[str, int], grace: int | None
) -> None:
    found = cautions_of(((*WEB, "shutdownSeconds"), shutdown), ((*GENERAL, "kubelet"), kubelet))
    text = (
        f"pods need preStop 20s + shutdown {shutdown}s + 5s = {shutdown + 25}s from deletion to "
        f"KILL, but have {grace}s when a node of pool general shuts down without a drain, and may "
        "then drop requests or jobs; lower shutdownSeconds or raise the pool's "
        "kubelet.shutdownGraceSeconds"
    )
    assert found.get(f"{KEY}.shutdownSeconds") == (text if grace else None)


def test_bottlerocket_nodes_have_no_configured_shutdown_grace_period() -> None:
    change: Change = ((*GENERAL, "amiType"), "BOTTLEROCKET_x86_64")
    assert cautions_of(((*WEB, "shutdownSeconds"), 200), change) == {}


def test_a_maximum_of_pods_that_the_pools_cannot_run_leaves_pods_pending() -> None:
    found = cautions_of(((*WEB, "replicas", "max"), 60), stack="prod")
    assert found[f"{KEY}.replicas.max"] == (
        "about 24 of 60 pods would stay pending, because its pools reach perZone.max "
        "first; raise perZone.max or lower replicas.max"
    )
    assert cautions_of(((*WEB, "replicas", "max"), 30)) == {}


def test_maxima_that_fit_alone_but_not_together_are_a_caution() -> None:
    cache = ((*CACHE, "replicas"), {"needed": 2, "max": 10})
    requests = ((*CACHE, "requests"), {"cpu": "800m", "memory": "160Mi"})
    fits, too_many = (((*WEB, "replicas"), {"needed": 4, "max": each}) for each in (24, 27))
    assert cautions_of(cache, requests, too_many)[POOLS] == (
        "if all workloads are at replicas.max, about 3 of 27 web pods stay pending, because the "
        "pools reach perZone.max first; raise perZone.max, or lower replicas.max"
    )
    assert POOLS not in cautions_of(cache, requests, fits)


def test_maxima_that_do_not_fit_alone_are_no_second_caution() -> None:
    found = cautions_of(((*WEB, "replicas"), {"needed": 4, "max": 60}))
    assert POOLS not in found
    assert "ha-eks:apps.web.replicas.max" in found
