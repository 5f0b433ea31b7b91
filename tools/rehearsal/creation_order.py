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
    """Yields, for each resource, the order of this resource and of those recorded after it in which
    all that do not depend on it precede it.
    """
    before = {each.urn: recording.before(each) for each in recording.cloud_resources}
    for position, latest in enumerate(recording.cloud_resources):
        later = recording.cloud_resources[position + 1 :]
        yield [
            *(each for each in later if latest.urn not in before[each.urn]),
            latest,
            *(each for each in later if latest.urn in before[each.urn]),
        ]


def check_orders(
    recording: Recording, empty_cloud: Callable[[Recording], FakeCloud], network: str = ""
) -> Step:
    """Creates a recording in each of the latest orders and deletes it in the reverse order.

    All resources that are recorded before the latest one are in the recorded order. They are
    created only once, in a cloud that is copied for each of the latest orders, and deleted only
    once. `network` names the network mode of the recording, if it is not the one of the stack file.

    Raises ScenarioError with all refused operations.
    """
    start = time.monotonic()
    refused: dict[str, str] = {}
    orders = list(latest_orders(recording))
    cloud = empty_cloud(recording)
    for latest, order in zip(recording.cloud_resources, orders, strict=True):
        copy = cloud.copy()
        if _create(copy, order, refused):
            _delete(copy, order, refused)
        if not _create(cloud, [latest], refused):
            break  # the recorded order is refused, and each further order begins with it
    else:
        _delete(cloud, recording.cloud_resources, refused)
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


def _create(cloud: FakeCloud, resources: Sequence[Resource], refused: dict[str, str]) -> bool:
    """Creates resources until one is refused. True if none is refused."""
    for each in resources:
        try:
            cloud.create(each.type, each.urn, _unprotected_inputs(each))
        except RefusedError as error:
            refused[each.urn] = f"create {each.type} {each.name}: {error}"
            return False
    return True


def _delete(cloud: FakeCloud, resources: Sequence[Resource], refused: dict[str, str]) -> None:
    """Deletes resources in reverse order until one is refused, except those that are retained."""
    ids = {each.urn: each.id for each in cloud.resources.values()}
    for each in reversed(resources):
        if each.urn not in ids or each.options.get("retainOnDelete"):
            continue
        try:
            cloud.delete(each.type, ids[each.urn], each.urn)
        except RefusedError as error:
            refused[each.urn] = f"delete {each.type} {each.name}: {error}"
            return


def _unprotected_inputs(resource: Resource) -> Values:
    """Returns the inputs without deletion protection, as docs/teardown.md turns it off."""
    off = {key: False for key in PROTECTIONS if key in resource.inputs}
    if "forceDestroy" in resource.inputs:
        off["forceDestroy"] = True
    return {**resource.inputs, **off}
