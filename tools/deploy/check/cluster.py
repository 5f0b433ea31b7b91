"""Checks of the control plane, its add-ons, the nodes and zonal shifts.

https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddon.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeNodegroup.html
https://docs.aws.amazon.com/arc-zonal-shift/latest/api/API_GetManagedResource.html
"""

from collections import Counter
from collections.abc import Iterator

from core import labels
from core.tags import POOL, SPANNING, ZONE
from tools.deploy.add_on_checks import wanted_versions
from tools.deploy.check.result import (
    Object,
    Readings,
    Result,
    count,
    ids_in_state,
    inputs_of,
    is_true,
    not_ok,
    ok,
    skipped,
)
from tools.recording import Recording

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


def control_plane(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields the result of the control plane."""
    found = readings.aws("eks", "describe-cluster", "--name", recording.stack)["cluster"]
    wanted, live = recording.settings.cluster.version, found["version"]
    issues = _issues(found)
    figures = f"{found['status']}, version {live}"
    if found["status"] != "ACTIVE" or issues:
        yield not_ok(
            "control plane",
            "; ".join([figures, *issues]),
            f"aws eks describe-cluster --name {recording.stack} --query cluster.health",
        )
    elif live != wanted:
        yield not_ok(
            "control plane",
            f"{figures}, but the stack file has {wanted}",
            f"run make up STACK={recording.stack} (docs/upgrade.md)",
        )
    else:
        yield ok("control plane", figures)


def add_ons(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for each add-on: its status, its issues and its version."""
    cluster = recording.settings.cluster
    for each in recording.of_type("aws:eks/addon:Addon"):
        name = str(each.inputs["addonName"])
        named = ("--cluster-name", recording.stack, "--addon-name", name)
        found = readings.aws("eks", "describe-addon", *named)["addon"]
        live, issues = found["addonVersion"], _issues(found)
        wanted = wanted_versions(readings.aws, cluster, name)
        if found["status"] != "ACTIVE" or issues:
            yield not_ok(
                name,
                "; ".join([f"{found['status']}, {live}", *issues]),
                f"aws eks describe-addon {' '.join(named)} --query addon.health",
            )
        elif live not in wanted:
            yield not_ok(
                name,
                f"{live}, but a deployment installs {', '.join(wanted) or 'no version'}",
                f"run make up STACK={recording.stack}, or pin {live} in cluster.addOns",
            )
        else:
            yield ok(name, f"ACTIVE, {live}")


def node_groups(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for all node groups, and one for each node group with an issue."""
    ids = ids_in_state(readings.state(), _NODE_GROUP)
    well = 0
    for each in recording.of_type(_NODE_GROUP):
        if each.urn not in ids:
            yield not_ok(each.name, "not in the state", f"run make up STACK={recording.stack}")
            continue
        named = (
            "--cluster-name",
            recording.stack,
            "--nodegroup-name",
            ids[each.urn].split(":")[-1],
        )
        found = readings.aws("eks", "describe-nodegroup", *named)["nodegroup"]
        issues = _issues(found)
        if found["status"] != "ACTIVE" or issues:
            yield not_ok(
                each.name,
                "; ".join([found["status"], *issues]),
                f"aws eks describe-nodegroup {' '.join(named)} --query nodegroup.health "
                "(docs/runbooks/autoscaler.md#new-nodes-do-not-start)",
            )
        else:
            well += 1
    if well:
        yield ok("node groups", f"{count(well, 'node group')} ACTIVE, without issues")


def nodes(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for the nodes of each pool and zone, and one for each unhealthy node."""
    live = readings.objects("nodes")
    ready = [each for each in live if is_true(each, "Ready")]
    schedulable = [each for each in ready if not each["spec"].get("unschedulable")]
    counts = Counter((_label(each, labels.POOL), _label(each, labels.ZONE)) for each in schedulable)
    pools = Counter(pool for pool, _ in counts.elements())
    for group in recording.of_type(_NODE_GROUP):
        inputs = inputs_of(group)
        pool, zone, size = inputs["tags"][POOL], inputs["tags"][ZONE], inputs["scalingConfig"]
        number = pools[pool] if zone == SPANNING else counts[pool, zone]
        low, high = size["minSize"], size["maxSize"]
        figures = f"{count(number, 'node')} ready, {low} to {high}"
        if low <= number <= high:
            yield ok(f"{pool} in {zone}", figures)
        else:
            yield not_ok(
                f"{pool} in {zone}", figures, "docs/runbooks/autoscaler.md#new-nodes-do-not-start"
            )
    version = recording.settings.cluster.version
    for each in live:
        name, kubelet = each["metadata"]["name"], each["status"]["nodeInfo"]["kubeletVersion"]
        if each not in ready:
            yield not_ok(f"node {name}", "not ready", "docs/runbooks/node-not-ready.md")
        elif each not in schedulable:
            yield not_ok(
                f"node {name}",
                "cordoned",
                f"kubectl uncordon {name}, unless the node is being drained",
            )
        if not kubelet.startswith(f"v{version}."):
            yield not_ok(
                f"node {name}",
                f"runs {kubelet}, not {version}",
                "finish the upgrade (docs/upgrade.md)",
            )


def zonal_shifts(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for each resource that can be shifted out of a zone."""
    balancers = ids_in_state(readings.state(), "aws:lb/loadBalancer:LoadBalancer")
    for urn, arn in balancers.items():
        internal = "internal " if urn.endswith("::ilb") else ""
        yield from _shifts(readings, f"{internal}load balancer", arn)
    if not recording.settings.cluster.zonal_shift:
        yield skipped("cluster", "cluster.zonalShift is false")
        return
    cluster = readings.aws("eks", "describe-cluster", "--name", recording.stack)["cluster"]
    yield from _shifts(readings, "cluster", cluster["arn"])


def _shifts(readings: Readings, subject: str, arn: str) -> Iterator[Result]:
    """Yields a result for each zone that a resource is shifted out of."""
    request = ("arc-zonal-shift", "get-managed-resource", "--resource-identifier", arn)
    found = readings.aws(*request)
    applied = [
        each
        for each in [*found["zonalShifts"], *found.get("autoshifts", ())]
        if each["appliedStatus"] == "APPLIED"
    ]
    if not applied:
        yield ok(subject, "all zones in service")
    for shift in applied:
        until = f" until {shift['expiryTime']}" if "expiryTime" in shift else ""
        id_ = shift.get("zonalShiftId")
        remedy = "AWS ends an autoshift when the zone works again"
        if id_:
            cancel = f"aws arc-zonal-shift cancel-zonal-shift --zonal-shift-id {id_}"
            remedy = f"when the zone works again: {cancel}"
        yield not_ok(subject, f"shifted out of {shift['awayFrom']}{until}", remedy)


def _issues(found: Object) -> list[str]:
    """Returns the issues in the health of a cluster, an add-on or a node group."""
    issues = found.get("health", {}).get("issues") or ()
    return [f"{each['code']}: {each.get('message', 'no message')}" for each in issues]


def _label(node: Object, name: str) -> str:
    return node["metadata"].get("labels", {}).get(name, "")
