"""Reads waivers of the scanner's findings, and matches them with findings."""

import fnmatch
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.scan.findings import Finding

FILE = Path(__file__).parent / "waivers.toml"


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A check that some objects need not pass."""

    check: str
    """ID of the check, such as CKV_K8S_16."""
    resources: Sequence[str]
    """Patterns of object names as checkov prints them, such as Deployment.headroom.*."""
    reason: str

    def covers(self, finding: Finding) -> bool:
        """True if the waiver has the check of a finding and a pattern that matches its object."""
        return bool(self.matching_patterns(finding))

    def matching_patterns(self, finding: Finding) -> set[str]:
        """Returns the patterns that match a finding."""
        if finding.check != self.check:
            return set()
        return {each for each in self.resources if fnmatch.fnmatchcase(finding.resource, each)}


def read(file: Path = FILE) -> Sequence[Waiver]:
    """Returns the waivers of a file."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))["waiver"]
    return [Waiver(**each) for each in tables]


def unwaived(findings: Iterable[Finding], waivers: Sequence[Waiver]) -> Sequence[Finding]:
    """Returns the findings that no waiver covers."""
    return [each for each in findings if not any(waiver.covers(each) for waiver in waivers)]


def unused(findings: Iterable[Finding], waivers: Sequence[Waiver]) -> Sequence[tuple[Waiver, str]]:
    """Returns each pattern that matches no finding, with its waiver."""
    found = list(findings)
    return [
        (waiver, pattern)
        for waiver in waivers
        for pattern in waiver.resources
        if not any(pattern in waiver.matching_patterns(each) for each in found)
    ]
