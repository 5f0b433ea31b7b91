"""Runs kube-score, a scanner of Kubernetes manifests.

https://github.com/zegl/kube-score/blob/v1.20.0/README_CHECKS.md
"""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.scan.findings import Finding, ScanError, check_complete

_PASSED = 7
"""Lowest grade of a check that passes: 10 is OK, 7 almost OK, 5 a warning and 1 critical.

https://github.com/zegl/kube-score/blob/v1.20.0/scorecard/scorecard.go
"""


def findings(program: Path, manifests: Path, version: str) -> Sequence[Finding]:
    """Returns the failed checks of a folder of manifests.

    `version` is the version of Kubernetes, such as 1.36. Raises ScanError if kube-score prints no
    report, or if the report misses a Deployment.
    """
    files = sorted(manifests.glob("*.yaml"))
    done = subprocess.run(
        [
            program, "score", "--output-format", "json", "--kubernetes-version", f"v{version}",
            "--disable-ignore-checks-annotations", "--disable-optional-checks-annotations",
            # CKV_K8S_11 checks CPU limits; the check of this scanner also checks other limits.
            "--ignore-container-cpu-limit", *files,
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    try:
        objects = json.loads(done.stdout)
        found = {each for scored in objects for each in _failed(scored)}
        read = {Path(scored["file_name"]).name for scored in objects}
    except (ValueError, KeyError, TypeError) as error:
        output = (done.stderr or done.stdout).strip()
        raise ScanError(f"kube-score printed no report; its output: {output}") from error
    check_complete("kube-score", manifests, read)
    return sorted(found)


def _failed(scored: Mapping[str, Any]) -> Iterator[Finding]:  # Any: JSON
    """Yields the failed checks of an object."""
    meta = scored["object_meta"]
    resource = f"{scored['type_meta']['kind']}.{meta['namespace']}.{meta['name']}"
    for each in scored["checks"]:
        if not each["skipped"] and each["grade"] < _PASSED:
            yield Finding(
                check=each["check"]["id"], name=each["check"]["comment"], resource=resource
            )
