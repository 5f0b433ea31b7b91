"""Findings of the scanners."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml


class ScanError(Exception):
    """A scanner did not run, or its report is incomplete."""


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """A failed check of an object."""

    check: str
    """ID of the check, such as CKV_K8S_16 of checkov or pod-probes of kube-score."""
    name: str
    """Description of the check."""
    resource: str
    """Deployment.NAMESPACE.NAME, or Pod.NAMESPACE.NAME.LABELS for a pod template."""


def check_complete(scanner: str, manifests: Path, read: Collection[str]) -> None:
    """Raises ScanError if a scanner has not read a Deployment of a folder; `read`: its files."""
    unread = [
        file.name
        for file in sorted(manifests.glob("*.yaml"))
        if file.name not in read
        and yaml.safe_load(file.read_text(encoding="utf-8"))["kind"] == "Deployment"
    ]
    if unread:
        names = ", ".join(unread)
        raise ScanError(f"{scanner} did not read these files of {manifests}: {names}")
