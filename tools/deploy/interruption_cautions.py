"""Cautions about changes in which requests fail, from the state of a stack and its recording."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.interruptions import interruptions
from tools.deploy.programs import ProgramError
from tools.deploy.stack_state import StackState
from tools.recording import Recording


@dataclass(frozen=True, kw_only=True)
class _Deployed:
    """A resource in the state."""

    type: str
    urn: str
    inputs: Mapping[str, Any]  # Any: JSON of any shape
    sources: Mapping[str, Sequence[str]]


def interruption_cautions(state: StackState, recording: Recording) -> Iterator[str]:
    """Yields a text for each change from the state to the recording in which requests fail.

    Leaves out an app that moves to the other load balancer, of which the program itself warns in
    each `pulumi up`. Yields the reason if the state cannot be read.
    """
    try:
        before = [
            _Deployed(
                type=each["type"],
                urn=each["urn"],
                inputs=each.get("inputs", {}),
                sources=each.get("propertyDependencies", {}),
            )
            for each in state.resources()
            if not each.get("delete")
        ]
    except (ProgramError, LookupError, TypeError) as error:
        yield (
            f"{recording.stack}: the state cannot be read, so that changes in which requests fail "
            f"are not found: {error}"
        )
        return
    for each in interruptions(before, recording.resources):
        if not each.moves_app:
            yield str(each)
