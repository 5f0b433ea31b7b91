"""Whether the scanner sees anything: a copy of a manifest, broken, has to fail."""

import copy
import tempfile
from pathlib import Path

import yaml

from tools.scan.checkov import ScanError, findings

_SEES = "CKV_K8S_16"
"""Container should not be privileged."""


def check_sees(manifests: Path) -> None:
    """Breaks a copy of a Deployment, whose check has to fail; the manifests themselves pass it."""
    file = next(iter(sorted(manifests.glob("*-deployment-*.yaml"))))
    whole = yaml.safe_load(file.read_text(encoding="utf-8"))
    broken = copy.deepcopy(whole)
    for container in broken["spec"]["template"]["spec"]["containers"]:
        container["securityContext"]["privileged"] = True
    seen = [_fails(each) for each in (whole, broken)]
    if seen != [False, True]:
        raise ScanError(f"checkov does not tell a privileged container from another: {seen}")


def _fails(manifest: object) -> bool:
    with tempfile.TemporaryDirectory(prefix="ha-eks-scan-") as folder:
        (Path(folder) / "one.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
        return _SEES in {each.check for each in findings(Path(folder))}
