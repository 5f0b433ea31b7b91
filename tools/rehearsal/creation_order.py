"""Every resource as late as its dependents let it be: whoever needs it without saying so is
refused.

The engine does at once what does not depend on one another, so a dependency that is missing shows
in some runs only. Here it always shows: the plan is created in as many orders as it has
resources, each of which the engine could take, and destroyed in the reverse of each.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from tools.recording import Recording, Resource
from tools.rehearsal.constraints import PROTECTIONS
from tools.rehearsal.fake_cloud.cloud import Cloud, RefusedError, Values
from tools.rehearsal.run import Act, SceneError


def late_orders(recording: Recording) -> Iterator[Sequence[Resource]]:
    """For each resource, the order in which all that does not depend on it comes before it."""
    before = {each.urn: recording.before(each) for each in recording.made}
    for late in recording.made:
        after = [each for each in recording.made if late.urn in before[each.urn]]
        held = {late.urn, *(each.urn for each in after)}
        yield [*(each for each in recording.made if each.urn not in held), late, *after]


def late(recording: Recording, empty: Callable[[Recording], Cloud], of: str = "") -> Act:
    """Creates a plan in every late order and destroys it in the reverse, each in an empty cloud.

    `of` says whose plan it is, if not the stack file's own.

    Raises SceneError with everything that was refused.
    """
    start = time.monotonic()
    refused: dict[str, str] = {}
    orders = list(late_orders(recording))
    for order in orders:
        cloud, verb, each = empty(recording), "create", order[0]
        ids: dict[str, str] = {}
        try:
            for each in order:
                ids[each.urn] = cloud.create(each.type, each.urn, _unprotected(each)).id
            verb = "delete"
            for each in reversed(order):
                if each.options.get("retainOnDelete"):
                    continue
                cloud.delete(each.type, ids[each.urn], each.urn)
        except RefusedError as error:
            refused[each.urn] = f"{verb} {each.type} {each.name}: {error}"
    if refused:
        raise SceneError(f"order{of}: " + "; ".join(refused[urn] for urn in sorted(refused)))
    told = f"{len(orders)} orders of creation, and the reverse of each: nothing refused"
    seconds = time.monotonic() - start
    return Act(scene="order", what=f"each as late as can be{of}", told=told, seconds=seconds)


def _unprotected(resource: Resource) -> Values:
    """A resource's inputs without protection, as people have to set them before they destroy."""
    off = {key: False for key in PROTECTIONS if key in resource.inputs}
    if "forceDestroy" in resource.inputs:
        off["forceDestroy"] = True
    return {**resource.inputs, **off}
