"""Findings of the scanners."""

from dataclasses import dataclass


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
