"""When the alarms of a plan go off, and when they do not: on what CloudWatch would have measured.

What a cell shows follows from its settings, and not from the thresholds of its alarms.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.availability.replicas import redistributed
from core.tags import SPANNING
from settings import read_stack_file
from settings.availability import headroom_of
from tests.alarm_evaluation import Data, Measured, Values, alarms, children, goes_off, measured
from tests.stacks.test_properties import outputs_of
from tools.recording import Recording, record
from tools.recording.record import ROOT

_BUSY = 1000.0
"""Requests a minute."""

Config = dict[str, Any]
Match = Callable[[Measured], bool]


def fired(recording: Recording, data: Data) -> set[str]:
    """Keys of the alarms that go off."""
    return {key for key, alarm in alarms(recording).items() if goes_off(alarm, data)}


def named(name: str, **dimensions: str) -> Match:
    return lambda m: m.name == name and dimensions.items() <= m.dimensions.items()


def but(data: Data, *changes: tuple[Match, float | Values | None]) -> Data:
    """Data in which some metrics have another value."""

    def other(each: Measured) -> float | Values | None:
        return next((value for match, value in changes if match(each)), data(each))

    return other


def exposed(recording: Recording) -> list[str]:
    return [name for name, app in recording.settings.apps.items() if app.expose]


def groups_of_apps(recording: Recording) -> dict[str, str]:
    """Each exposed app by its target group, as metrics name that."""
    found = outputs_of(recording, "aws:lb/targetGroup:TargetGroup")
    return {
        each["arnSuffix"]: next(
            name
            for name in exposed(recording)
            if each["arnSuffix"].startswith(f"targetgroup/lb-{name}-")
        )
        for each in sorted(found, key=lambda each: str(each["arnSuffix"]))
    }


def group_of(recording: Recording, app: str) -> str:
    return next(group for group, name in groups_of_apps(recording).items() if name == app)


def scaling_groups(recording: Recording) -> dict[str, tuple[str, str, int, int]]:
    """Pool, part, minimum and maximum of each Auto Scaling group, by name."""
    found: dict[str, tuple[str, str, int, int]] = {}
    for each in outputs_of(recording, "aws:eks/nodeGroup:NodeGroup"):
        tags, size = each["tags"], each["scalingConfig"]
        name = each["resources"][0]["autoscalingGroups"][0]["name"]
        found[name] = (
            tags["ha-eks:pool"], tags["ha-eks:zone"], size["minSize"], size["maxSize"]
        )  # fmt: skip
    return found


def least(recording: Recording, app: str) -> int:
    return recording.settings.apps[app].minimum_replicas(recording.settings.network.effective_zones)


def at_rest(recording: Recording) -> Data:
    """A cell with its usual load, and all that it holds at least, evenly over its zones."""
    zones = recording.settings.network.zones_in
    apps, groups = groups_of_apps(recording), scaling_groups(recording)

    def data(each: Measured) -> float | None:
        of = each.dimensions
        if each.name == "HealthyHostCount":
            pods = least(recording, apps[of["TargetGroup"]])
            if "AvailabilityZone" not in of:
                return pods
            return pods // len(zones) or None
        if each.name == "TargetResponseTime":
            return 0.0005
        if each.name in ("GroupInServiceInstances", "GroupDesiredCapacity"):
            return groups[of["AutoScalingGroupName"]][2]
        if each.name == "replicas_desired":
            return least(recording, of["PodName"])
        values = {
            "RequestCount": _BUSY, "apiserver_request_total": _BUSY, "HealthCheckStatus": 1,
            "cluster_node_count": 4, "cluster_failed_node_count": 0, "pod_status_pending": 0,
            "ErrorPortAllocation": 0,
        }  # fmt: skip
        return values.get(each.name)

    return data


def test_nothing_goes_off_at_rest(recording: Recording) -> None:
    assert fired(recording, at_rest(recording)) == set()


def test_nothing_goes_off_because_nobody_comes(recording: Recording) -> None:
    quiet = but(
        at_rest(recording), (named("RequestCount"), None), (named("TargetResponseTime"), None)
    )
    assert fired(recording, quiet) == set()
    zero = but(quiet, (named("RequestCount"), 0))
    assert fired(recording, zero) == set(), "x / 0"


def test_an_app_that_fails_more_than_it_may_hurts_users(recording: Recording) -> None:
    for app in exposed(recording):
        group, objective = (
            group_of(recording, app),
            recording.settings.apps[app].expose.objective,
        )
        errors = named("HTTPCode_Target_5XX_Count", TargetGroup=group)
        may = _BUSY * objective.error_percent / 100
        assert fired(recording, but(at_rest(recording), (errors, may * 0.99))) == set()
        now = may * 1.005
        if now > _BUSY:
            continue
        assert fired(recording, but(at_rest(recording), (errors, now))) == {f"app/{app}/errors"}
        three, two = ([now, None, now, None, now], [now, None, None, None, now])
        assert fired(recording, but(at_rest(recording), (errors, three))) == {f"app/{app}/errors"}
        assert fired(recording, but(at_rest(recording), (errors, two))) == set(), (
            "over before anybody looks"
        )


def test_an_app_that_is_too_slow_hurts_users(recording: Recording) -> None:
    for app in exposed(recording):
        group, objective = (
            group_of(recording, app),
            recording.settings.apps[app].expose.objective,
        )
        slow = objective.p99_milliseconds / 1000 * 1.01
        of_group = named("TargetResponseTime", TargetGroup=group)

        def some(m: Measured, of_group: Match = of_group) -> bool:
            return of_group(m) and m.statistic == "p99"

        rest = at_rest(recording)
        assert fired(recording, but(rest, (some, slow))) == {f"app/{app}/latency"}
        assert fired(recording, but(rest, (some, [slow, 0.0001, slow, 0.0001, slow]))) == {
            f"app/{app}/latency"
        }
        all_of_them = fired(recording, but(rest, (of_group, slow)))
        assert all_of_them == {f"app/{app}/latency", f"app/{app}/slow"}
        assert fired(recording, but(rest, (of_group, slow / 1.02))) == set()


def test_one_pod_too_few_hurts_users_and_one_more_does_not(recording: Recording) -> None:
    for app in exposed(recording):
        needed = recording.settings.apps[app].replicas.needed
        hosts = named("HealthyHostCount", TargetGroup=group_of(recording, app))

        def total(m: Measured, hosts: Match = hosts) -> bool:
            return hosts(m) and "AvailabilityZone" not in m.dimensions

        assert fired(recording, but(at_rest(recording), (total, needed))) == set()
        assert fired(recording, but(at_rest(recording), (total, needed - 1))) == {
            f"app/{app}/hosts"
        }


def test_without_any_pod_users_are_hurt_and_the_load_balancer_says_so(recording: Recording) -> None:
    """Then the load balancer answers by itself, and its count of requests is silent."""
    gone = but(
        at_rest(recording),
        (named("HealthyHostCount"), None),
        (named("RequestCount"), None),
        (named("TargetResponseTime"), None),
        (named("HTTPCode_ELB_5XX_Count"), _BUSY),
    )
    impact = fired(recording, gone) & {*children(recording, "impact")}
    assert impact == {"balancer/errors", *(f"app/{app}/hosts" for app in exposed(recording))}


def test_what_the_load_balancer_fails_counts_by_the_strictest_objective(
    recording: Recording,
) -> None:
    objectives = [recording.settings.apps[app].expose.objective for app in exposed(recording)]
    percent = min(each.error_percent for each in objectives)
    own = named("HTTPCode_ELB_5XX_Count")
    may = _BUSY * percent / (100 - percent) if percent < 100 else _BUSY
    assert fired(recording, but(at_rest(recording), (own, may * 0.99))) == set()
    if percent < 100:
        assert fired(recording, but(at_rest(recording), (own, may * 1.01))) == {"balancer/errors"}


def lost(recording: Recording, zone: str) -> Data:
    """A zone is gone: its pods, its nodes, and the room that it held; nothing is evicted."""
    network, rest = recording.settings.network, at_rest(recording)
    apps, groups = groups_of_apps(recording), scaling_groups(recording)

    def data(each: Measured) -> float | Values | None:
        of, value = each.dimensions, rest(each)
        if each.name == "HealthyHostCount":
            if of.get("AvailabilityZone") == zone:
                return None
            pods = least(recording, apps[of["TargetGroup"]])
            return value if "AvailabilityZone" in of else pods - -(-pods // len(network.zones_in))
        if each.name == "GroupInServiceInstances":
            pool, part, fewest, _ = groups[of["AutoScalingGroupName"]]
            if part == SPANNING:
                return fewest - recording.settings.pools[pool].per_zone.min
            return 0 if part == zone else value
        if each.name == "cluster_failed_node_count":
            return 1
        if each.name == "pod_status_pending" and of["Namespace"] == "headroom":
            return float(str(of["PodName"]).endswith(f"-{zone}"))
        return value

    return data


def test_a_lost_zone_tells_of_the_reserve_and_hurts_nobody(recording: Recording) -> None:
    network, found = recording.settings.network, alarms(recording)
    if len(network.zones_in) < 2 or any(
        recording.settings.apps[app].volume for app in exposed(recording)
    ):
        return
    for zone in network.zones_in:
        off = fired(recording, lost(recording, zone))
        assert off & {*children(recording, "impact")} == set(), "what is left carries the load"
        of_others = tuple(f"/{other}" for other in network.zones_in if other != zone)
        assert not [key for key in off if key.endswith(of_others)], "that of another zone"
        expected = {key for key in found if key.endswith(f"/{zone}") and key[:4] != "nat/"}
        spanning = {
            f"nodes/{name}/{SPANNING}"
            for name, pool in recording.settings.pools.items()
            if pool.layout == SPANNING and pool.per_zone.min
        }
        headroom = {key for key in found if key.startswith("headroom/")}
        assert off == expected | spanning | headroom | {"nodes/not-ready"}
        assert any(key.startswith("nodes/") for key in off), "nobody would be told"


def test_when_the_agents_are_silent_one_alarm_says_so(recording: Recording) -> None:
    silent = but(at_rest(recording), (lambda m: m.namespace == "ContainerInsights", None))
    assert fired(recording, silent) == {"metrics/silent"}
    late = [*[4.0] * 9, None]
    assert fired(recording, but(at_rest(recording), (named("cluster_node_count"), late))) == set()


def test_a_pod_that_waits_for_longer_than_a_node_takes_is_told(recording: Recording) -> None:
    minutes = recording.settings.autoscaling.node_provision_minutes + 5
    workloads = {
        each.workload
        for alarm in alarms(recording).values()
        for each in measured(alarm).values()
        if each.name == "pod_status_pending"
    }
    assert workloads
    for space, name in sorted(workloads, key=str):
        of = named("pod_status_pending", Namespace=str(space), PodName=str(name))
        off = fired(recording, but(at_rest(recording), (of, 1)))
        assert len(off) == 1
        [key] = off
        assert key.startswith("headroom/") is (space == "headroom")
        if key.startswith(("headroom/", "system/")):  # of one metric, CloudWatch waits for it
            late = [1.0] * (minutes - 2) + [None] * 2
            assert fired(recording, but(at_rest(recording), (of, late))) == off, (
                "its sum has no gaps"
            )
        node = [1.0] * (minutes - 5) + [0.0] * 5
        assert fired(recording, but(at_rest(recording), (of, node))) == set(), (
            "a node may take that long"
        )


def test_room_that_nobody_holds_is_not_missed(recording: Recording) -> None:
    headroom = {name for name, pods in headroom_of(recording.settings).pods.items() if pods}
    held = {key.partition("/")[2] for key in alarms(recording) if key.startswith("headroom/")}
    assert held == (headroom if recording.settings.headroom.mode == "pausePods" else set())


def test_an_app_at_its_maximum_is_told_and_one_below_is_not(recording: Recording) -> None:
    for app in [key.split("/")[1] for key in alarms(recording) if key.endswith("/at-max")
                and key.startswith("app/")]:  # fmt: skip
        most = recording.settings.apps[app].replicas.max
        of = named("replicas_desired", Namespace=app, PodName=app)
        assert fired(recording, but(at_rest(recording), (of, most))) == {f"app/{app}/at-max"}
        assert fired(recording, but(at_rest(recording), (of, most - 1))) == set()
        assert fired(recording, but(at_rest(recording), (of, [most] * 14 + [most - 1]))) == set(), (
            "a burst"
        )


def test_a_pool_at_its_maximum_is_told_and_one_below_is_not(recording: Recording) -> None:
    groups, zones = scaling_groups(recording), recording.settings.network.zones_in
    for key in [k for k in alarms(recording) if k.startswith("nodes/") and k.endswith("/at-max")]:
        pool = key.split("/")[1]
        mine = {n: most for n, (p, part, _, most) in groups.items()
                if p == pool and (part == SPANNING or part in zones)}  # fmt: skip
        full = [(named("GroupDesiredCapacity", AutoScalingGroupName=n), most)
                for n, most in mine.items()]  # fmt: skip
        assert fired(recording, but(at_rest(recording), *full)) == {key}
        for index, (match, most) in enumerate(full):
            one_less = [*full[:index], (match, most - 1), *full[index + 1 :]]
            assert fired(recording, but(at_rest(recording), *one_less)) == set(), (
                "there is one more to come"
            )


def test_a_group_with_a_node_too_few_is_told(recording: Recording) -> None:
    for name, (pool, part, fewest, _) in scaling_groups(recording).items():
        of = named("GroupInServiceInstances", AutoScalingGroupName=name)
        off = fired(recording, but(at_rest(recording), (of, fewest - 1)))
        assert off == ({f"nodes/{pool}/{part}"} if fewest else set())
        if fewest:
            assert fired(recording, but(at_rest(recording), (of, None))) == off, (
                "no group, no metric"
            )


def test_a_zone_that_is_out_is_missed_by_nobody(recording: Recording) -> None:
    network = recording.settings.network
    for zone in network.zones_out:
        assert not [k for k in alarms(recording) if k.endswith(f"/{zone}") and k[:4] != "nat/"]
    for pool in recording.settings.pools.values():
        if pool.layout != SPANNING:
            each = redistributed(pool.per_zone.min, len(network.zones), len(network.zones_in))
            assert each * len(network.zones_in) >= pool.per_zone.min * len(network.zones)


def zone_out(config: Config) -> None:
    config["ha-eks:network"]["zonesOut"] = config["ha-eks:network"]["zones"][-1:]


def fixed_pool(config: Config) -> None:
    config["ha-eks:pools"]["general"]["perZone"] = {"min": 6, "max": 6}


def capacity_buffers(config: Config) -> None:
    config["ha-eks:headroom"] = {"mode": "capacityBuffer"}


@pytest.mark.parametrize("change", [zone_out, fixed_pool, capacity_buffers])
def test_cells_of_another_shape_tell_what_is_so_of_them(
    change: Callable[[Config], None], tmp_path: Path
) -> None:
    config = read_stack_file(ROOT / "Pulumi.prod.yaml")
    change(config)
    (tmp_path / "Pulumi.own.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    recording = record("own", root=tmp_path)
    test_nothing_goes_off_at_rest(recording)
    test_a_group_with_a_node_too_few_is_told(recording)
    test_a_zone_that_is_out_is_missed_by_nobody(recording)
    test_a_lost_zone_tells_of_the_reserve_and_hurts_nobody(recording)
    test_a_pool_at_its_maximum_is_told_and_one_below_is_not(recording)
    test_room_that_nobody_holds_is_not_missed(recording)
    assert ("nodes/general/at-max" in alarms(recording)) is (change is not fixed_pool)


def test_what_the_cell_stands_on_is_told(recording: Recording) -> None:
    rest = at_rest(recording)
    for key in [key for key in alarms(recording) if key.startswith("nat/")]:
        [own] = _measured(recording, key)
        of = named(own.name, **own.dimensions)
        assert fired(recording, but(rest, (of, [1, 0, 1, 0, 1]))) == {key}
        assert fired(recording, but(rest, (of, [1, 0, 0, 0, 1]))) == set()
    for what, name, percent in (("errors", "5XX", 3), ("throttled", "429", 5)):
        of = named(f"apiserver_request_total_{name}")
        assert fired(recording, but(rest, (of, _BUSY * percent / 100))) == set()
        assert fired(recording, but(rest, (of, _BUSY * percent / 100 + 1))) == {f"api/{what}"}
    of = named("AutoscalerUnschedulable")
    assert fired(recording, but(rest, (of, 1))) == {"autoscaler/unschedulable"}
    assert fired(recording, but(rest, (of, [1, None]))) == set(), (
        "a pod that found its node after all"
    )
    of = named("cluster_failed_node_count")
    assert fired(recording, but(rest, (of, 1))) == {"nodes/not-ready"}
    assert fired(recording, but(rest, (of, [1, 1, 0, 1, 1]))) == set(), "nodes that come"
    for key in [key for key in alarms(recording) if key.startswith("health/")]:
        [own] = _measured(recording, key)
        for value in (0, None):
            assert fired(recording, but(rest, (named(own.name, **own.dimensions), value))) == {key}


def _measured(recording: Recording, key: str) -> list[Measured]:
    return [*measured(alarms(recording)[key]).values()]
