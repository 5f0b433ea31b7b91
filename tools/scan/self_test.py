"""Checks that each scanner works: a container with a defect must fail."""

import copy
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from tools.scan import checkov, kube_score
from tools.scan.findings import Finding, ScanError

_Scan = Callable[[Path], Sequence[Finding]]


def check_checkov(manifests: Path) -> None:
    """Raises ScanError unless checkov accepts a Deployment and finds a privileged copy of it."""
    _check(
        manifests,
        "checkov",
        "CKV_K8S_16",  # Container should not be privileged
        checkov.findings,
        lambda container: container["securityContext"].update(privileged=True),
        "a privileged container",
    )


def check_kube_score(program: Path, manifests: Path, version: str) -> None:
    """Raises ScanError unless kube-score accepts a Deployment and finds a moving tag in a copy."""
    _check(
        manifests,
        "kube-score",
        "container-image-tag",
        lambda folder: kube_score.findings(program, folder, version),
        lambda container: container.update(image="web:latest"),
        "the tag latest",
    )


def _check(
    manifests: Path,
    scanner: str,
    check: str,
    scan: _Scan,
    spoil: Callable[[Any], None],  # Any: a container of a manifest
    defect: str,
) -> None:
    file = next(iter(sorted(manifests.glob("*-deployment-*.yaml"))))
    deployment = yaml.safe_load(file.read_text(encoding="utf-8"))
    spoiled = copy.deepcopy(deployment)
    for container in spoiled["spec"]["template"]["spec"]["containers"]:
        spoil(container)
    if check in _checks_of(deployment, file.name, scan):
        raise ScanError(f"{scanner}: {file.name} fails {check} without {defect}")
    if check not in _checks_of(spoiled, file.name, scan):
        raise ScanError(f"{scanner}: {file.name} passes {check} with {defect}")


def _checks_of(manifest: object, name: str, scan: _Scan) -> set[str]:
    """Returns the IDs of the checks that a manifest fails."""
    with tempfile.TemporaryDirectory(prefix="ha-eks-scan-") as folder:
        (Path(folder) / name).write_text(yaml.safe_dump(manifest), encoding="utf-8")
        return {each.check for each in scan(Path(folder))}
