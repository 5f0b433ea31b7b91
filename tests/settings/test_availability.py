"""Tests of the zone model that is calculated from a stack file."""

from pathlib import Path

from settings.availability import headroom_of, zone_model_of
from tests.settings.stack_files import APPS, NETWORK, POOLS, Change, accepted, app, pool


def test_replicas_headroom_and_nodes_are_calculated_for_the_zones_in_service(
    tmp_path: Path,
) -> None:
    settings = accepted(tmp_path, "prod", ((NETWORK, "zonesOut"), ["us-east-1c"]))
    web, network = settings.apps["web"], settings.network
    assert (network.zones_in, network.effective_zones) == (("us-east-1a", "us-east-1b"), 2)
    assert web.replicas.minimum(network.effective_zones) == 8
    assert web.scaling.cpu_target(network.effective_zones) == 45
    assert headroom_of(settings).pods["web"] == 4
    assert zone_model_of(settings).pools["general"].min == 3, "2 nodes × 3 zones in 2 zones"


def test_nodes_have_the_allocatable_resources_of_the_smallest_instance_type(
    tmp_path: Path,
) -> None:
    types: Change = ((POOLS, "general", "instanceTypes"), ["m7i.xlarge", "c7i.large", "r7i.large"])
    nodes = zone_model_of(accepted(tmp_path, "dev", types)).pools["general"]
    assert (nodes.free.cpu, nodes.free.pods) == (1440, 22)
    assert nodes.free.memory == 3114 - 687
    assert nodes.name == "m7i.xlarge or c7i.large or r7i.large"


def test_prefixes_allow_more_pods_on_a_node_and_a_pod_network_fewer(tmp_path: Path) -> None:
    def max_pods(**pods: object) -> int:
        settings = accepted(tmp_path, "dev", ((NETWORK, "pods"), pods))
        return zone_model_of(settings).pools["general"].free.pods

    daemons = 7
    assert max_pods(prefixDelegation=True) == 110 - daemons
    assert max_pods(cidr="100.64.0.0/16") == 20 - daemons
    assert max_pods() == 29 - daemons


def test_resources_that_kubelet_reserves_are_not_allocatable(tmp_path: Path) -> None:
    kubelet: Change = ((POOLS, "general", "kubelet"), {"systemReserved": {"cpu": "200m"}})
    assert zone_model_of(accepted(tmp_path, "dev", kubelet)).pools["general"].free.cpu == 1240


def test_system_pods_do_not_run_on_tainted_pools(tmp_path: Path) -> None:
    batch: Change = ((POOLS, "batch"), pool(2, "NO_SCHEDULE"))
    job: Change = ((APPS, "job"), app(pool="batch"))
    model = zone_model_of(accepted(tmp_path, "dev", batch, job))
    assert {each.pod.pools for each in model.system} == {frozenset(["general"])}
    assert {each.pod.name: set(each.pod.pools) for each in model.apps}["job"] == {"batch"}
