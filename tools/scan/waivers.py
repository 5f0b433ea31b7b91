"""What a finding of the scanner may be answered with: a waiver, with its reason."""

import fnmatch
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.scan.checkov import Finding

FILE = Path(__file__).parent / "waivers.toml"


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A check that some objects need not pass."""

    check: str
    """As CKV_K8S_16."""
    resources: Sequence[str]
    """Patterns of objects as the scanner names them: Deployment.headroom.*"""
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it is about a finding."""
        return bool(self.by(finding))

    def by(self, finding: Finding) -> set[str]:
        """The patterns that a finding is covered by."""
        if finding.check != self.check:
            return set()
        return {each for each in self.resources if fnmatch.fnmatchcase(finding.resource, each)}


def read(file: Path = FILE) -> Sequence[Waiver]:
    """The waivers there are."""
    listed = tomllib.loads(file.read_text(encoding="utf-8"))["waiver"]
    return [Waiver(**each) for each in listed]


def unwaived(findings: Iterable[Finding], waivers: Sequence[Waiver]) -> Sequence[Finding]:
    """Findings that no waiver covers."""
    return [each for each in findings if not any(waiver.covers(each) for waiver in waivers)]


def idle(findings: Iterable[Finding], waivers: Sequence[Waiver]) -> Sequence[tuple[Waiver, str]]:
    """Waivers with those of their patterns that cover no finding any more."""
    found = list(findings)
    return [
        (waiver, pattern)
        for waiver in waivers
        for pattern in waiver.resources
        if not any(pattern in waiver.by(each) for each in found)
    ]
