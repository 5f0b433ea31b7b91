"""Every version that the cell pins, in one place."""

from datetime import date

KUBERNETES = {
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
"""Kubernetes minors of EKS with the last day of their standard support.

https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html (read November 2026)
"""

ADD_ONS: dict[str, dict[str, str]] = {minor: {} for minor in KUBERNETES}
"""Version of each EKS add-on by Kubernetes minor.

Which builds EKS offers can only be asked of AWS. An add-on that has no entry gets EKS's default
for the minor at its creation and keeps that version; preview lists it as unpinned.
"""
