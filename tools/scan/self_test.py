"""Checks that the scanner works: a privileged container must fail."""

import copy
import tempfile
from pathlib import Path

import yaml

from tools.scan.checkov import ScanError, findings

_CHECK = "CKV_K8S_16"
"""Container should not be privileged."""


def check_scanner(manifests: Path) -> None:
    """Raises ScanError unless a Deployment passes the check and a privileged copy of it fails."""
    file = next(iter(sorted(manifests.glob("*-deployment-*.yaml"))))
    deployment = yaml.safe_load(file.read_text(encoding="utf-8"))
    privileged = copy.deepcopy(deployment)
    for container in privileged["spec"]["template"]["spec"]["containers"]:
        container["securityContext"]["privileged"] = True
    if _fails(deployment):
        raise ScanError(f"checkov: {file.name} fails {_CHECK}, but no container is privileged")
    if not _fails(privileged):
        raise ScanError(f"checkov: {file.name} passes {_CHECK} with a privileged container")


def _fails(manifest: object) -> bool:
    """True if a manifest fails the check."""
    with tempfile.TemporaryDirectory(prefix="ha-eks-scan-") as folder:
        (Path(folder) / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
        return _CHECK in {each.check for each in findings(Path(folder))}
