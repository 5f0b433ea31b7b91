"""Lines of preview on the failure of a zone."""

from pathlib import Path

from tests.settings.stack_files import (
    ABSENT,
    APPS,
    AUTOSCALING,
    NETWORK,
    POOLS,
    RESILIENCE,
    TRAFFIC,
    WORKERS,
    Change,
    accepted,
)
from tools.preview.zone_failure import zone_failure_lines


def lines(folder: Path, stack: str, *changes: Change) -> list[str]:
    return [*zone_failure_lines(accepted(folder, stack, *changes))]


def test_preview_states_how_long_requests_and_connections_go_to_a_failed_zone(
    tmp_path: Path,
) -> None:
    assert lines(tmp_path, "prod") == [
        "if a zone fails, its pods still receive requests from the load balancer for 14s, and from "
        "Services for 40s to 50s, until Kubernetes marks the nodes as not ready",
        "if a zone fails, 1 of 3 new connections to the load balancer fails for 60s to 120s, until "
        "DNS no longer returns the address in that zone; clients that try another address are not "
        "affected, and a zonal shift shortens this time",
        "if Kubernetes evicts the pods of a failed zone (EKS does not guarantee this), they are "
        "created again within 100s to 130s: 40s to 50s until the nodes are marked as not ready, "
        "plus tolerationSeconds of the pods, plus 10s for each of 3 nodes after the first",
        "after a burst, a rollout or the return of a zone, the descheduler moves one pod of each "
        "workload every 30s until the zones are even; until then, the failure of the fullest zone "
        "can leave fewer than the needed pods",
        "if a zone receives no new nodes, at most 11 of 18 web, 8 of 12 cache pods run, because "
        "spread.zones: strict keeps the zones even; make zone-out lifts this limit",
    ]


def test_a_preferred_spread_does_not_limit_the_pods(tmp_path: Path) -> None:
    web, cache = (((APPS, name, "spread"), {"zones": "preferred"}) for name in ("web", "cache"))
    assert lines(tmp_path, "prod", web, cache) == lines(tmp_path, "prod")[:-1]
    assert "at most 8 of 12 cache pods" in lines(tmp_path, "prod", web)[-1]


def test_a_cell_without_a_descheduler_has_no_time_until_zones_are_even(tmp_path: Path) -> None:
    off = ((AUTOSCALING,), {"descheduler": False})
    everything = lines(tmp_path, "prod")
    assert lines(tmp_path, "prod", off) == [*everything[:-2], everything[-1]]


def test_tolerations_of_all_apps_and_nodes_of_all_pools_delay_the_replacement(
    tmp_path: Path,
) -> None:
    toleration = ((APPS, "web", "tolerationSeconds"), {"unreachable": 30})
    more = ((POOLS, "more"), {"instanceTypes": ["m7i.large"], "perZone": {"min": 2, "max": 3}})
    replacement = lines(tmp_path, "prod", toleration, more)[2]
    assert "within 70s to 140s" in replacement
    assert "of 4 nodes" in replacement


def test_a_zone_out_still_has_an_address_of_the_load_balancer(tmp_path: Path) -> None:
    _, connections, *_ = lines(tmp_path, "prod", ((NETWORK, "zonesOut"), ["us-east-1b"]))
    assert "1 of 3 new connections" in connections


def test_nothing_is_stated_if_only_one_zone_is_in_service(tmp_path: Path) -> None:
    assert lines(tmp_path, "prod", ((NETWORK, "zonesOut"), ["us-east-1b", "us-east-1c"])) == []


def test_a_cell_without_a_load_balancer_has_no_time_until_its_connections_work(
    tmp_path: Path,
) -> None:
    internal: list[Change] = [
        ((APPS, "web", "expose"), ABSENT),
        ((TRAFFIC,), ABSENT),
        ((RESILIENCE,), ABSENT),
    ]
    assert lines(tmp_path, "prod", *internal)[:2] == [
        "if a zone fails, its pods still receive requests from Services for 40s to 50s, until "
        "Kubernetes marks the nodes as not ready",
        lines(tmp_path, "prod")[2],
    ]


def test_a_cell_of_workers_receives_no_requests(tmp_path: Path) -> None:
    worker = {
        "image": "example.com/mailer:1",
        "requests": {"cpu": "100m", "memory": "64Mi"},
        "longestJobSeconds": 10,
    }
    workers: list[Change] = [
        ((APPS,), ABSENT),
        ((TRAFFIC,), ABSENT),
        ((WORKERS,), {"mailer": {**worker, "replicas": {"needed": 2, "max": 4}}}),
    ]
    first = lines(tmp_path, "prod", *workers)[0]
    assert first.startswith("if Kubernetes evicts the pods of a failed zone")
