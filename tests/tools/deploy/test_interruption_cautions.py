"""`make up` says in which changes of the deployed resources requests fail."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.core.test_interruptions import BOOKING, changed, moved_app
from tests.shared_recordings import recorded
from tools.deploy import interruption_cautions as interruption_cautions_module
from tools.deploy.interruption_cautions import interruption_cautions
from tools.deploy.programs import ProgramError
from tools.deploy.stack_state import StackState
from tools.recording import Resource
from tools.recording.record import ROOT

RECORDING = "internal", ROOT / "examples"


def exported(resources: Sequence[Resource]) -> list[Mapping[str, Any]]:
    """Returns resources as `pulumi stack export` prints them, with values that AWS decided."""
    return [
        {
            "urn": each.urn,
            "type": each.type,
            "inputs": {**each.inputs, "vpcId": "vpc-1", "name": "lb-1", "__defaults": ["name"]},
            "propertyDependencies": {key: [*urns] for key, urns in each.sources.items()},
        }
        for each in resources
    ]


class State(StackState):
    """A state with some resources, or one that cannot be read."""

    def __init__(self, resources: Sequence[Mapping[str, Any]] | None) -> None:
        self._resources = resources

    def resources(self) -> Sequence[Mapping[str, Any]]:
        """Returns the resources."""
        if self._resources is None:
            raise ProgramError("pulumi stack export: no access")
        return self._resources


def cautions(resources: Sequence[Mapping[str, Any]] | None) -> list[str]:
    return [*interruption_cautions(State(resources), recorded(*RECORDING))]


def test_an_unchanged_cell_has_no_caution() -> None:
    assert cautions(exported(recorded(*RECORDING).resources)) == cautions([]) == []


def test_a_change_from_the_deployed_protocol_is_a_caution() -> None:
    state = exported(changed(BOOKING, protocolVersion="GRPC"))
    [caution] = cautions(state)
    assert caution.startswith("booking: another protocol needs a new target group")
    assert cautions([{**each, "delete": True} for each in state]) == [], "a former resource"


def test_an_app_that_moves_is_left_to_the_warning_of_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved = moved_app()
    assert len(moved) == 1
    monkeypatch.setattr(interruption_cautions_module, "interruptions", lambda before, after: moved)
    assert cautions([]) == []


def test_a_state_that_cannot_be_read_is_a_caution() -> None:
    assert cautions(None) == [
        "internal: the state cannot be read, so that changes in which requests fail are not found: "
        "pulumi stack export: no access"
    ]
