"""Checks that AWS and Kubernetes are as the stack file says.

A preview never writes: it takes no lock, and a refresh in a preview does not change the state.
https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/
"""

from collections import Counter
from collections.abc import Iterator

from tools.deploy.check.result import Readings, Result, count, not_ok, ok
from tools.deploy.preview_steps import changing, short
from tools.recording import Recording

_NAMED = 3
"""Resources that are named; the preview lists the others."""


def drift(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields the result of a preview with a refresh."""
    steps = readings.changes()
    changed = {str(each["urn"]): str(each["op"]) for each in changing(steps)}
    if not changed:
        resources = {each["urn"] for each in steps}
        yield ok("stack file", f"{count(len(resources), 'resource')} as the stack file says")
        return
    operations = Counter(changed.values())
    numbers = ", ".join(f"{number} {operation}" for operation, number in operations.items())
    names = ", ".join(short(urn) for urn in [*changed][:_NAMED])
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    yield not_ok(
        "stack file",
        f"{numbers}: {names}{more}",
        f"pulumi preview --refresh --diff -s {recording.stack} shows each; make up STACK="
        f"{recording.stack} applies the stack file",
    )
