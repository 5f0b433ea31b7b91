"""Objects of the files of an import, by kind, name and namespace."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tools.importer.fields import Fields
from tools.importer.read_files import Manifest
from tools.importer.report import SubjectReport
from tools.manifests.selectors import pod_selector


@dataclass
class Objects:
    """Objects of one namespace, and those that a workload has used."""

    manifests: Sequence[Manifest]
    used: set[str] = field(default_factory=set[str])
    """Kind and name of the objects that are part of a workload."""
    owners: dict[str, str] = field(default_factory=dict[str, str])
    """Entry that has the shared volume of a PersistentVolumeClaim, by the name of the claim."""

    def of_kind(self, kind: str) -> Iterator[Manifest]:
        """Yields the objects of a kind."""
        yield from (each for each in self.manifests if each.kind == kind)

    def use(self, manifest: Manifest) -> Fields:
        """Returns the fields of an object that becomes part of a workload."""
        self.used.add(manifest.subject)
        return manifest.fields

    def selecting(self, kind: str, labels: Mapping[str, str]) -> list[Manifest]:
        """Returns the Services or disruption budgets whose selector selects pods with labels."""
        selectors = [
            (each, pod_selector(kind, each.fields.section("spec"))) for each in self.of_kind(kind)
        ]
        return [each for each, selector in selectors if selector and selector.matches(labels)]

    def config_map(self, name: str) -> dict[str, str] | None:
        """Returns the data of a ConfigMap, or of the config of a compose file; None if no file has
        it."""
        for each in self.of_kind("ConfigMap"):
            if each.name == name:
                return self.use(each).mapping("data")
        return None

    def needs_secret(self, name: str, report: SubjectReport) -> None:
        """Reports a Secret that the workload needs."""
        self.used.add(f"Secret/{name}")
        report.of(f"Secret/{name}").lost(
            "",
            f"this program never reads secrets; create the Secret in the namespace of "
            f"{_name_of(report)} before the first pod starts",
        )

    def needs_config_map(self, name: str, report: SubjectReport) -> None:
        """Reports a ConfigMap that the workload needs and that no file has."""
        report.of(f"ConfigMap/{name}").lost(
            "",
            f"no file has it; import its file too, or create the ConfigMap in the namespace of "
            f"{_name_of(report)}",
        )


def _name_of(report: SubjectReport) -> str:
    return report.subject.partition("/")[2]
