"""checkov, which knows what Kubernetes objects should be like: what it finds in a folder of them.

It runs in an environment of its own, since it pins most of what it needs, and asks nobody
anything: without a key it sends nothing, and --skip-download keeps it from fetching what its
checks are called elsewhere.

https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.recording.record import ROOT

PROGRAM = ROOT / ".venv-scan/bin/checkov"
_FLAGS = ("--framework", "kubernetes", "--skip-download", "--compact", "--output", "json")


class ScanError(Exception):
    """The scanner did not do its work."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A check that an object fails."""

    check: str
    """As CKV_K8S_16."""
    name: str
    """What it wants, for people."""
    resource: str
    """As Deployment.NAMESPACE.NAME, or as Pod.NAMESPACE.NAME.LABELS of what a Deployment makes."""


def findings(manifests: Path) -> Sequence[Finding]:
    """What checkov finds in a folder of manifests, once it has read all that has pods."""
    with tempfile.TemporaryDirectory(prefix="ha-eks-scan-") as home:
        done = subprocess.run(
            [PROGRAM, "--directory", manifests.resolve(), *_FLAGS],
            # Nobody's own settings: checkov reads them off folders and off CKV_… alike.
            cwd=home,
            env={"HOME": home, "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        report = json.loads(done.stdout)
        failed = found_in(report)
        read = files_in(report)
    except (ValueError, KeyError, TypeError) as error:
        raise ScanError(f"checkov did not report: {done.stderr or done.stdout}") from error
    unread = {file.name for file in manifests.glob("*.yaml") if _has_pods(file)} - read
    if unread:
        raise ScanError(f"checkov did not read {', '.join(sorted(unread))}")
    return failed


def found_in(report: Any) -> Sequence[Finding]:  # Any: JSON of any shape
    """The findings of a report, each once."""
    failed = {
        Finding(check=each["check_id"], name=each["check_name"], resource=each["resource"])
        for each in report["results"]["failed_checks"]
    }
    return sorted(failed, key=lambda each: (each.check, each.resource))


def files_in(report: Any) -> set[str]:  # Any: JSON of any shape
    """Names of the files that a report is about."""
    results = report["results"]
    return {
        Path(each["file_path"]).name
        for each in (*results["passed_checks"], *results["failed_checks"])
    }


def _has_pods(file: Path) -> bool:
    return yaml.safe_load(file.read_text(encoding="utf-8"))["kind"] == "Deployment"
