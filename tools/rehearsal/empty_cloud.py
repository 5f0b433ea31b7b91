"""An empty fake cloud for a stack."""

from collections.abc import Mapping, Sequence

from tools.recording import Recording
from tools.recording.made_up_outputs import PRINCIPALS, MadeUpOutputs
from tools.rehearsal.constraints import CONSTRAINTS
from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud
from tools.rehearsal.fake_cloud.references import strings_in


def empty_cloud(
    recording: Recording,
    *,
    delays: Mapping[str, float] = {},
    constraints: Sequence[Constraint] = CONSTRAINTS,
) -> FakeCloud:
    """Returns a cloud without resources; IDs and ARNs of the stack file exist outside of it."""
    settings = recording.settings.model_dump(mode="json", by_alias=True)
    return FakeCloud(
        made_up_outputs=MadeUpOutputs.for_settings(recording.settings),
        external=frozenset(strings_in(settings)) | PRINCIPALS,
        constraints=tuple(constraints),
        delays=delays,
    )
