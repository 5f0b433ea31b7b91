"""Evaluation of the alarms of each stack for metric values of healthy and failing cells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.availability.replicas import redistributed
from core.load_balancers import suffix_of
from core.tags import SPANNING
from settings import read_stack_file
from settings.availability import headroom_of
from tests.alarm_evaluation import MetricQuery, Values, alarms, children, queries_of
from tests.stacks.metric_values import (
    REQUESTS_PER_MINUTE,
    Match,
    exposed,
    group_of,
    groups_of_apps,
    healthy,
    in_alarm,
    keys_of,
    metric,
    scaling_groups,
    with_values,
    zone_failure,
)
from tools.recording import Recording, record
from tools.recording.record import ROOT

Config = dict[str, Any]


def test_no_alarm_goes_off_in_a_healthy_cell(recording: Recording) -> None:
    assert in_alarm(recording, healthy(recording)) == set()


def test_no_impact_alarm_goes_off_when_it_is_created(recording: Recording) -> None:
    """An alarm of a new app is created after its pods are healthy: as many as the new Deployment
    has. Before, the target group had no targets, and published no data."""
    apps = groups_of_apps(recording)
    replicas = {
        each.name: each.inputs["spec"]["replicas"]
        for each in recording.of_type("kubernetes:apps/v1:Deployment")
        if each.name in recording.settings.deployments and "replicas" in each.inputs["spec"]
    }

    def data(each: MetricQuery) -> Values | None:
        if each.name != "HealthyHostCount" or "AvailabilityZone" in each.dimensions:
            return None
        return None, None, replicas[apps[each.dimensions["TargetGroup"]]]

    impact = {*children(recording, "impact")}
    assert not in_alarm(recording, data) & impact, "subscribers would be notified of every new app"
    assert impact & in_alarm(recording, lambda _: None) == keys_of(recording, "hosts"), (
        "without pods, requests fail"
    )


def test_no_alarm_goes_off_without_requests(recording: Recording) -> None:
    quiet = with_values(
        healthy(recording), (metric("RequestCount"), None), (metric("TargetResponseTime"), None)
    )
    assert in_alarm(recording, quiet) == set()
    zero = with_values(quiet, (metric("RequestCount"), 0))
    assert in_alarm(recording, zero) == set(), "without requests, subscribers would be notified"


def test_errors_above_the_objective_set_off_only_the_error_alarm(recording: Recording) -> None:
    for app in exposed(recording):
        group, objective = (
            group_of(recording, app),
            recording.settings.exposed[app].objective,
        )
        errors = metric("HTTPCode_Target_5XX_Count", TargetGroup=group)
        allowed = REQUESTS_PER_MINUTE * objective.error_percent / 100
        assert (
            in_alarm(recording, with_values(healthy(recording), (errors, allowed * 0.99))) == set()
        )
        above = allowed * 1.005
        if above > REQUESTS_PER_MINUTE:
            continue
        assert in_alarm(recording, with_values(healthy(recording), (errors, above))) == {
            f"app/{app}/errors"
        }
        three, two = ([above, None, above, None, above], [above, None, None, None, above])
        assert in_alarm(recording, with_values(healthy(recording), (errors, three))) == {
            f"app/{app}/errors"
        }
        assert in_alarm(recording, with_values(healthy(recording), (errors, two))) == set(), (
            "errors in two of five minutes set off no alarm"
        )


def test_response_times_above_the_objective_set_off_the_latency_alarms(
    recording: Recording,
) -> None:
    for app in exposed(recording):
        group, objective = (
            group_of(recording, app),
            recording.settings.exposed[app].objective,
        )
        slow = objective.p99_milliseconds / 1000 * 1.01
        response_time = metric("TargetResponseTime", TargetGroup=group)

        def p99(query: MetricQuery, response_time: Match = response_time) -> bool:
            return response_time(query) and query.statistic == "p99"

        data = healthy(recording)
        assert in_alarm(recording, with_values(data, (p99, slow))) == {f"app/{app}/latency"}
        assert in_alarm(
            recording, with_values(data, (p99, [slow, 0.0001, slow, 0.0001, slow]))
        ) == {f"app/{app}/latency"}
        found = in_alarm(recording, with_values(data, (response_time, slow)))
        assert found == {f"app/{app}/latency", f"app/{app}/slow"}
        assert in_alarm(recording, with_values(data, (response_time, slow / 1.02))) == set()


def test_fewer_healthy_pods_than_needed_set_off_the_host_alarm(recording: Recording) -> None:
    for app in exposed(recording):
        needed = recording.settings.deployments[app].needed
        hosts = metric("HealthyHostCount", TargetGroup=group_of(recording, app))

        def total(query: MetricQuery, hosts: Match = hosts) -> bool:
            return hosts(query) and "AvailabilityZone" not in query.dimensions

        assert in_alarm(recording, with_values(healthy(recording), (total, needed))) == set()
        assert in_alarm(recording, with_values(healthy(recording), (total, needed - 1))) == {
            f"app/{app}/hosts"
        }


def test_without_healthy_pods_the_host_and_load_balancer_alarms_go_off(
    recording: Recording,
) -> None:
    """The load balancer responds itself, and RequestCount has no data."""
    no_pods = with_values(
        healthy(recording),
        (metric("HealthyHostCount"), None),
        (metric("RequestCount"), None),
        (metric("TargetResponseTime"), None),
        (metric("HTTPCode_ELB_5XX_Count"), REQUESTS_PER_MINUTE),
    )
    impact = in_alarm(recording, no_pods) & {*children(recording, "impact")}
    assert impact == keys_of(recording, "hosts", "balancer/errors")


def test_load_balancer_errors_are_compared_with_the_strictest_objective(
    recording: Recording,
) -> None:
    strictest = {
        f"balancer/errors{suffix_of(kind)}": min(
            each.objective.error_percent for each in balancer.exposed.values()
        )
        for kind, balancer in recording.settings.load_balancers.items()
    }
    if not strictest:
        return
    percent = min(strictest.values())
    errors = metric("HTTPCode_ELB_5XX_Count")
    allowed = (
        REQUESTS_PER_MINUTE * percent / (100 - percent) if percent < 100 else REQUESTS_PER_MINUTE
    )
    assert in_alarm(recording, with_values(healthy(recording), (errors, allowed * 0.99))) == set()
    if percent < 100:
        found = in_alarm(recording, with_values(healthy(recording), (errors, allowed * 1.01)))
        assert found == {key for key, each in strictest.items() if each == percent}


def test_a_zone_failure_sets_off_redundancy_alarms_and_no_impact_alarm(
    recording: Recording,
) -> None:
    network, keys = recording.settings.network, alarms(recording)
    if len(network.zones_in) < 2 or any(
        app in recording.settings.singletons for app in recording.settings.exposed
    ):
        return
    for zone in network.zones_in:
        fired = in_alarm(recording, zone_failure(recording, zone))
        impact = {*children(recording, "impact")}
        assert fired & impact == set(), "the other zones carry the load"
        of_others = tuple(f"/{other}" for other in network.zones_in if other != zone)
        assert not [key for key in fired if key.endswith(of_others)], "alarms of other zones"
        expected = {key for key in keys if key.endswith(f"/{zone}") and key[:4] != "nat/"}
        spanning = {
            f"nodes/{name}/{SPANNING}"
            for name, pool in recording.settings.pools.items()
            if pool.layout == SPANNING and pool.per_zone.min
        }
        headroom = {key for key in keys if key.startswith("headroom/")}
        assert fired == expected | spanning | headroom | {"nodes/not-ready"}
        assert any(key.startswith("nodes/") for key in fired), "no subscriber is notified"


def test_a_failure_of_the_agents_sets_off_one_alarm(recording: Recording) -> None:
    no_data = with_values(
        healthy(recording), (lambda query: query.namespace == "ContainerInsights", None)
    )
    assert in_alarm(recording, no_data) == {"metrics/silent"}
    delayed = (metric("cluster_node_count"), [*[4.0] * 9, None])
    assert in_alarm(recording, with_values(healthy(recording), delayed)) == set()


def test_a_pod_pending_longer_than_a_node_takes_sets_off_one_alarm(recording: Recording) -> None:
    minutes = recording.settings.autoscaling.node_provision_minutes + 5
    workloads = {
        each.workload
        for alarm in alarms(recording).values()
        for each in queries_of(alarm).values()
        if each.name == "pod_status_pending"
    }
    assert workloads
    for namespace, name in sorted(workloads, key=str):
        pending = metric("pod_status_pending", Namespace=str(namespace), PodName=str(name))
        found = in_alarm(recording, with_values(healthy(recording), (pending, 1)))
        assert len(found) == 1
        [key] = found
        assert key.startswith("headroom/") is (namespace == "headroom")
        # CloudWatch waits for delayed data of a single metric, but FILL yields 0 in a sum.
        if key.startswith(("headroom/", "system/")):
            delayed = [1.0] * (minutes - 2) + [None] * 2
            assert (
                in_alarm(recording, with_values(healthy(recording), (pending, delayed))) == found
            ), "delayed data would reset the alarm"
        scheduled = [1.0] * (minutes - 5) + [0.0] * 5
        assert (
            in_alarm(recording, with_values(healthy(recording), (pending, scheduled))) == set()
        ), "a new node may take that long"


def test_a_stuck_rollout_sets_off_an_alarm_and_a_rollout_that_finishes_does_not(
    recording: Recording,
) -> None:
    node = recording.settings.autoscaling.node_provision_minutes
    zones = len(recording.settings.network.zones_in)
    for name, app in recording.settings.deployments.items():
        surge_pods = metric("status_replicas_unavailable", Namespace=name, PodName=name)
        stuck = in_alarm(recording, with_values(healthy(recording), (surge_pods, zones)))
        assert stuck == {f"app/{name}/not-ready"}, "no subscriber would learn that headroom is used"
        pods = app.minimum_replicas(recording.settings.network.effective_zones)
        seconds = app.rollout_seconds(pods=pods, surge=zones, node_seconds=60 * node)
        finished = [float(zones)] * (seconds // 60) + [0.0]
        found = in_alarm(recording, with_values(healthy(recording), (surge_pods, finished)))
        assert found == set(), "the longest rollout of the minimum replicas sets off the alarm"


def test_too_few_ready_pods_of_workers_and_singletons_set_off_an_alarm(
    recording: Recording,
) -> None:
    settings = recording.settings
    node = settings.autoscaling.node_provision_minutes * 60
    minutes = dict.fromkeys(settings.workers, 5) | {
        name: max(each.gaps(node)) // 60 + 1
        for name, each in settings.singletons.items()
        if name not in settings.exposed
    }
    assert {key for key in alarms(recording) if key.endswith("/ready")} == {
        f"app/{name}/ready" for name in minutes
    }
    for name, gap in minutes.items():
        ready = metric("replicas_ready", Namespace=name, PodName=name)
        few = float(settings.deployments[name].needed - 1)
        fired = in_alarm(recording, with_values(healthy(recording), (ready, few)))
        assert fired == {f"app/{name}/ready"}, "no subscriber would learn that work is not done"
        back = [few] * (gap - 1) + [few + 1]
        assert in_alarm(recording, with_values(healthy(recording), (ready, back))) == set()


def test_headroom_alarms_exist_only_for_pause_pods(recording: Recording) -> None:
    headroom = {name for name, pods in headroom_of(recording.settings).pods.items() if pods}
    found = {key.partition("/")[2] for key in alarms(recording) if key.startswith("headroom/")}
    assert found == (headroom if recording.settings.headroom.mode == "pausePods" else set())


def test_an_app_at_its_maximum_sets_off_an_alarm_and_one_below_does_not(
    recording: Recording,
) -> None:
    for app in [key.split("/")[1] for key in alarms(recording) if key.endswith("/at-max")
                and key.startswith("app/")]:  # fmt: skip
        maximum = recording.settings.deployments[app].maximum_replicas
        desired = metric("replicas_desired", Namespace=app, PodName=app)
        assert in_alarm(recording, with_values(healthy(recording), (desired, maximum))) == {
            f"app/{app}/at-max"
        }
        assert in_alarm(recording, with_values(healthy(recording), (desired, maximum - 1))) == set()
        burst = [maximum] * 14 + [maximum - 1]
        assert in_alarm(recording, with_values(healthy(recording), (desired, burst))) == set(), (
            "a short burst sets off no alarm"
        )


def test_a_pool_at_its_maximum_sets_off_an_alarm_and_one_node_below_does_not(
    recording: Recording,
) -> None:
    groups, zones = scaling_groups(recording), recording.settings.network.zones_in
    for key in [k for k in alarms(recording) if k.startswith("nodes/") and k.endswith("/at-max")]:
        pool = key.split("/")[1]
        maximums = {n: maximum for n, (p, part, _, maximum) in groups.items()
                if p == pool and (part == SPANNING or part in zones)}  # fmt: skip
        full = [(metric("GroupDesiredCapacity", AutoScalingGroupName=n), maximum)
                for n, maximum in maximums.items()]  # fmt: skip
        assert in_alarm(recording, with_values(healthy(recording), *full)) == {key}
        for index, (match, maximum) in enumerate(full):
            one_less = [*full[:index], (match, maximum - 1), *full[index + 1 :]]
            assert in_alarm(recording, with_values(healthy(recording), *one_less)) == set(), (
                "one more node can be added"
            )


def test_a_node_group_below_its_minimum_sets_off_an_alarm(recording: Recording) -> None:
    for name, (pool, part, minimum, _) in scaling_groups(recording).items():
        nodes = metric("GroupInServiceInstances", AutoScalingGroupName=name)
        found = in_alarm(recording, with_values(healthy(recording), (nodes, minimum - 1)))
        assert found == ({f"nodes/{pool}/{part}"} if minimum else set())
        if minimum:
            assert in_alarm(recording, with_values(healthy(recording), (nodes, None))) == found, (
                "a deleted group publishes no metric"
            )


def test_a_zone_in_zones_out_has_no_alarms(recording: Recording) -> None:
    network = recording.settings.network
    for zone in network.zones_out:
        assert not [k for k in alarms(recording) if k.endswith(f"/{zone}") and k[:4] != "nat/"]
    for pool in recording.settings.pools.values():
        if pool.layout != SPANNING:
            per_zone = redistributed(pool.per_zone.min, len(network.zones), len(network.zones_in))
            assert per_zone * len(network.zones_in) >= pool.per_zone.min * len(network.zones)


def zone_out(config: Config) -> None:
    config["ha-eks:network"]["zonesOut"] = config["ha-eks:network"]["zones"][-1:]


def fixed_pool(config: Config) -> None:
    config["ha-eks:pools"]["general"]["perZone"] = {"min": 6, "max": 6}


def capacity_buffers(config: Config) -> None:
    config["ha-eks:headroom"] = {"mode": "capacityBuffer"}


@pytest.mark.parametrize("change", [zone_out, fixed_pool, capacity_buffers])
def test_the_alarms_of_other_configurations_behave_the_same(
    change: Callable[[Config], None], tmp_path: Path
) -> None:
    config = read_stack_file(ROOT / "Pulumi.prod.yaml")
    change(config)
    (tmp_path / "Pulumi.changed.yaml").write_text(
        yaml.safe_dump({"config": config}), encoding="utf-8"
    )
    recording = record("changed", root=tmp_path)
    test_no_alarm_goes_off_in_a_healthy_cell(recording)
    test_a_node_group_below_its_minimum_sets_off_an_alarm(recording)
    test_a_zone_in_zones_out_has_no_alarms(recording)
    test_a_zone_failure_sets_off_redundancy_alarms_and_no_impact_alarm(recording)
    test_a_pool_at_its_maximum_sets_off_an_alarm_and_one_node_below_does_not(recording)
    test_headroom_alarms_exist_only_for_pause_pods(recording)
    assert ("nodes/general/at-max" in alarms(recording)) is (change is not fixed_pool)


def test_failures_of_aws_services_and_nodes_set_off_their_alarms(recording: Recording) -> None:
    data = healthy(recording)
    for key in [key for key in alarms(recording) if key.startswith("nat/")]:
        [query] = _queries(recording, key)
        port_errors = metric(query.name, **query.dimensions)
        assert in_alarm(recording, with_values(data, (port_errors, [1, 0, 1, 0, 1]))) == {key}
        assert in_alarm(recording, with_values(data, (port_errors, [1, 0, 0, 0, 1]))) == set()
    for alarm, name, percent in (("errors", "5XX", 3), ("throttled", "429", 5)):
        failures = metric(f"apiserver_request_total_{name}")
        assert (
            in_alarm(recording, with_values(data, (failures, REQUESTS_PER_MINUTE * percent / 100)))
            == set()
        )
        above = with_values(data, (failures, REQUESTS_PER_MINUTE * percent / 100 + 1))
        assert in_alarm(recording, above) == {f"api/{alarm}"}
    events = metric("AutoscalerUnschedulable")
    assert in_alarm(recording, with_values(data, (events, 1))) == {"autoscaler/unschedulable"}
    assert in_alarm(recording, with_values(data, (events, [1, None]))) == set(), (
        "the pod was scheduled in the second period"
    )
    failed = metric("cluster_failed_node_count")
    assert in_alarm(recording, with_values(data, (failed, 1))) == {"nodes/not-ready"}
    assert in_alarm(recording, with_values(data, (failed, [1, 1, 0, 1, 1]))) == set(), (
        "new nodes are not ready in their first minute"
    )
    ready = metric("node_status_condition_ready")
    assert in_alarm(recording, with_values(data, (ready, 0))) == {"nodes/not-ready"}, (
        "a node without pressure that reports that it is not ready"
    )
    assert in_alarm(recording, with_values(data, (ready, [0, 0, 1, 0, 0]))) == set()
    for key in [key for key in alarms(recording) if key.startswith("health/")]:
        [query] = _queries(recording, key)
        status = metric(query.name, **query.dimensions)
        for value in (0, None):
            assert in_alarm(recording, with_values(data, (status, value))) == {key}


def _queries(recording: Recording, key: str) -> list[MetricQuery]:
    return [*queries_of(alarms(recording)[key]).values()]
