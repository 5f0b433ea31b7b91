"""Scenario `order`: creates the recorded resources in many orders, to find missing dependencies.

The engine creates independent resources in parallel, so a missing dependency fails only in some
runs. This scenario fails in every run: for each resource, the recording is created in the order in
which this resource comes as late as its dependents allow, and is deleted in the reverse order.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from tools.recording import Recording, Resource
from tools.rehearsal.constraints import PROTECTIONS
from tools.rehearsal.fake_cloud.cloud import FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values
from tools.rehearsal.run import ScenarioError, Step


def latest_orders(recording: Recording) -> Iterator[Sequence[Resource]]:
    """Yields, for each resource, an order in which all resources that do not depend on it precede
    it.
    """
    before = {each.urn: recording.before(each) for each in recording.cloud_resources}
    for latest in recording.cloud_resources:
        dependents = [each for each in recording.cloud_resources if latest.urn in before[each.urn]]
        last = {latest.urn, *(each.urn for each in dependents)}
        yield [
            *(each for each in recording.cloud_resources if each.urn not in last),
            latest,
            *dependents,
        ]


def check_orders(
    recording: Recording, empty_cloud: Callable[[Recording], FakeCloud], network: str = ""
) -> Step:
    """Creates a recording in each of the latest orders and deletes it in the reverse order.

    Each order starts with an empty cloud. `network` names the network mode of the recording, if it
    is not the one of the stack file.

    Raises ScenarioError with all refused operations.
    """
    start = time.monotonic()
    refused: dict[str, str] = {}
    orders = list(latest_orders(recording))
    inputs = {each.urn: _unprotected_inputs(each) for each in recording.cloud_resources}
    for order in orders:
        cloud, verb, each = empty_cloud(recording), "create", order[0]
        ids: dict[str, str] = {}
        try:
            for each in order:
                ids[each.urn] = cloud.create(each.type, each.urn, inputs[each.urn]).id
            verb = "delete"
            for each in reversed(order):
                if each.options.get("retainOnDelete"):
                    continue
                cloud.delete(each.type, ids[each.urn], each.urn)
        except RefusedError as error:
            refused[each.urn] = f"{verb} {each.type} {each.name}: {error}"
    scenario = "networks" if network else "order"
    name = f"{network}, creation orders" if network else "creation orders"
    if refused:
        problems = "; ".join(refused[urn] for urn in sorted(refused))
        raise ScenarioError(f"{scenario}: {name}: a dependency is missing: {problems}")
    return Step(
        scenario=scenario,
        name=name,
        result=f"{len(orders):,} orders of creation and deletion, none refused",
        seconds=time.monotonic() - start,
    )


def _unprotected_inputs(resource: Resource) -> Values:
    """Returns the inputs without deletion protection, as docs/teardown.md turns it off."""
    off = {key: False for key in PROTECTIONS if key in resource.inputs}
    if "forceDestroy" in resource.inputs:
        off["forceDestroy"] = True
    return {**resource.inputs, **off}
