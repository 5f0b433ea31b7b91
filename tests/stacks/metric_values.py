"""Values of the metrics of healthy and failing cells.

The values of a healthy cell are derived from its settings, not from the thresholds of its alarms.
"""

import re
from collections.abc import Callable

from core.tags import SPANNING
from tests.alarm_evaluation import Data, MetricQuery, Values, alarms, goes_off
from tests.stacks.resources import outputs_of
from tools.recording import Recording

REQUESTS_PER_MINUTE = 1000.0
"""Requests per minute."""
Match = Callable[[MetricQuery], bool]


def in_alarm(recording: Recording, data: Data) -> set[str]:
    """Returns the keys of the alarms that go off and notify subscribers."""
    return {
        key
        for key, alarm in alarms(recording).items()
        if alarm.inputs["alarmActions"] and goes_off(alarm, data)
    }


def metric(name: str, **dimensions: str) -> Match:
    return lambda m: m.name == name and dimensions.items() <= m.dimensions.items()


def with_values(data: Data, *changes: tuple[Match, float | Values | None]) -> Data:
    """Returns the data with other values for the matching metrics."""

    def changed(each: MetricQuery) -> float | Values | None:
        return next((value for match, value in changes if match(each)), data(each))

    return changed


def exposed(recording: Recording) -> list[str]:
    """Returns the apps behind the public load balancer; the alarms on the internal one are like
    theirs."""
    return [*recording.settings.load_balancer("public").exposed]


def keys_of(recording: Recording, per_app: str, per_balancer: str = "") -> set[str]:
    """Returns the keys of an alarm on each app, and of one on each load balancer."""
    found: set[str] = set()
    for kind, balancer in recording.settings.load_balancers.items():
        end = "-internal" if kind == "internal" else ""
        found |= {f"app/{app}/{per_app}{end}" for app in balancer.exposed}
        found |= {f"{per_balancer}{end}"} if per_balancer else set()
    return found


def groups_of_apps(recording: Recording) -> dict[str, str]:
    """Returns each exposed app by the name of its target group in metrics."""
    found = outputs_of(recording, "aws:lb/targetGroup:TargetGroup")
    return {
        each["arnSuffix"]: next(
            name
            for name in recording.settings.exposed
            if re.match(f"targetgroup/i?lb-{name}-[0-9a-f]{{7}}/", each["arnSuffix"])
        )
        for each in sorted(found, key=lambda each: str(each["arnSuffix"]))
    }


def group_of(recording: Recording, app: str) -> str:
    return next(
        group
        for group, name in groups_of_apps(recording).items()
        if name == app and group.startswith("targetgroup/lb-")
    )


def scaling_groups(recording: Recording) -> dict[str, tuple[str, str, int, int]]:
    """Returns pool, zone or SPANNING, minimum and maximum of each Auto Scaling group, by name."""
    found: dict[str, tuple[str, str, int, int]] = {}
    for each in outputs_of(recording, "aws:eks/nodeGroup:NodeGroup"):
        tags, size = each["tags"], each["scalingConfig"]
        name = each["resources"][0]["autoscalingGroups"][0]["name"]
        found[name] = (
            tags["ha-eks:pool"], tags["ha-eks:zone"], size["minSize"], size["maxSize"]
        )  # fmt: skip
    return found


def minimum_replicas(recording: Recording, app: str) -> int:
    settings = recording.settings
    return settings.deployments[app].minimum_replicas(settings.network.effective_zones)


def healthy(recording: Recording) -> Data:
    """Returns the metrics of a cell under usual load, at minimum size, spread evenly over zones."""
    zones = recording.settings.network.zones_in
    apps, groups = groups_of_apps(recording), scaling_groups(recording)

    def data(each: MetricQuery) -> float | None:
        dimensions = each.dimensions
        if each.name == "HealthyHostCount":
            pods = minimum_replicas(recording, apps[dimensions["TargetGroup"]])
            if "AvailabilityZone" not in dimensions:
                return pods
            return pods // len(zones) or None
        if each.name == "TargetResponseTime":
            return 0.0005
        if each.name in ("GroupInServiceInstances", "GroupDesiredCapacity"):
            return groups[dimensions["AutoScalingGroupName"]][2]
        if each.name in ("replicas_desired", "replicas_ready"):
            return minimum_replicas(recording, dimensions["PodName"])
        values = {
            "RequestCount": REQUESTS_PER_MINUTE, "apiserver_request_total": REQUESTS_PER_MINUTE,
            "HealthCheckStatus": 1,
            "cluster_node_count": 4, "cluster_failed_node_count": 0, "pod_status_pending": 0,
            "ErrorPortAllocation": 0, "node_status_condition_ready": 1,
            "status_replicas_unavailable": 0,
        }  # fmt: skip
        return values.get(each.name)

    return data


def zone_failure(recording: Recording, zone: str) -> Data:
    """Returns the metrics after the failure of a zone: no pod is evicted and no node is added."""
    network, before = recording.settings.network, healthy(recording)
    apps, groups = groups_of_apps(recording), scaling_groups(recording)

    def data(each: MetricQuery) -> float | Values | None:
        dimensions, value = each.dimensions, before(each)
        if each.name == "HealthyHostCount":
            if dimensions.get("AvailabilityZone") == zone:
                return None
            pods = minimum_replicas(recording, apps[dimensions["TargetGroup"]])
            return (
                value
                if "AvailabilityZone" in dimensions
                else pods - -(-pods // len(network.zones_in))
            )
        if each.name == "GroupInServiceInstances":
            pool, part, minimum, _ = groups[dimensions["AutoScalingGroupName"]]
            if part == SPANNING:
                return minimum - recording.settings.pools[pool].per_zone.min
            return 0 if part == zone else value
        if each.name == "cluster_failed_node_count":
            return 1
        if each.name == "pod_status_pending" and dimensions["Namespace"] == "headroom":
            return float(str(dimensions["PodName"]).endswith(f"-{zone}"))
        return value

    return data
