"""The Helm releases of a recorded stack."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.recording import Recording

_RELEASE = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True)
class RecordedChart:
    """A chart that the stack installs."""

    name: str
    version: str
    namespace: str
    values: Mapping[str, Any]  # Any: JSON of any shape


def recorded_chart(recording: Recording, name: str) -> RecordedChart:
    """Returns the release of a chart."""
    [release] = (
        each.inputs for each in recording.of_type(_RELEASE) if each.inputs["chart"] == name
    )
    return RecordedChart(name, release["version"], release["namespace"], release["values"])
