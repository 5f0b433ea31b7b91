"""Runs checkov, a scanner of Kubernetes manifests, offline.

checkov has a separate virtual environment, because its pinned dependencies conflict with others.
Without an API key, checkov sends no data. With --skip-download, it fetches no guidelines.

https://www.checkov.io/2.Basics/CLI%20Command%20Reference.html
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.recording.record import ROOT
from tools.scan.findings import Finding, ScanError, check_complete

PROGRAM = ROOT / ".venv-scan/bin/checkov"
_FLAGS = ("--framework", "kubernetes", "--skip-download", "--compact", "--output", "json")


def findings(manifests: Path) -> Sequence[Finding]:
    """Returns the failed checks of a folder of manifests.

    Raises ScanError if the report misses a Deployment.
    """
    with tempfile.TemporaryDirectory(prefix="ha-eks-scan-") as home:
        done = subprocess.run(
            [PROGRAM, "--directory", manifests.resolve(), *_FLAGS],
            # checkov reads settings from its working directory, home directory and CKV_… variables.
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
        output = (done.stderr or done.stdout).strip()
        raise ScanError(f"checkov printed no report; its output: {output}") from error
    check_complete("checkov", manifests, read)
    return failed


def found_in(report: Any) -> Sequence[Finding]:  # Any: JSON of any shape
    """Returns the findings of a report without duplicates."""
    failed = {
        Finding(check=each["check_id"], name=each["check_name"], resource=each["resource"])
        for each in report["results"]["failed_checks"]
    }
    return sorted(failed, key=lambda each: (each.check, each.resource))


def files_in(report: Any) -> set[str]:  # Any: JSON of any shape
    """Returns the names of the files in a report."""
    results = report["results"]
    return {
        Path(each["file_path"]).name
        for each in (*results["passed_checks"], *results["failed_checks"])
    }
