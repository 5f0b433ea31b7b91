"""The Helm releases of a recorded stack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.recording import Recording, Resource

RELEASE = "kubernetes:helm.sh/v3:Release"


@dataclass(frozen=True)
class RecordedChart:
    """A chart that the stack installs."""

    name: str
    version: str
    namespace: str
    values: Mapping[str, Any]  # Any: JSON of any shape
    files: tuple[str, ...] = ()
    """Further values in YAML, which `values` override."""

    @property
    def archive(self) -> str:
        """File name of the chart, as `helm pull` writes it."""
        return f"{self.name}-{self.version}.tgz"


def recorded_charts(recording: Recording) -> Sequence[RecordedChart]:
    """Returns all charts that the stack installs."""
    return [chart_of(each) for each in recording.of_type(RELEASE)]


def recorded_chart(recording: Recording, name: str) -> RecordedChart:
    """Returns a chart that the stack installs once, by name."""
    [chart] = (each for each in recorded_charts(recording) if each.name == name)
    return chart


def chart_of(release: Resource) -> RecordedChart:
    """Returns the chart of a recorded release."""
    inputs = release.inputs
    return RecordedChart(
        name=str(inputs["chart"]).rpartition("/")[2],  # of the address of an OCI registry
        version=str(inputs["version"]),
        namespace=str(inputs["namespace"]),
        values=inputs["values"],
        files=tuple(each["text"] for each in inputs.get("valueYamlFiles", ())),
    )
