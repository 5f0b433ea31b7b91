"""Names of workloads in the stack file."""

import re

_LONGEST = 20
_SYSTEM = ("amazon-cloudwatch", "cluster-autoscaler", "default", "descheduler", "headroom", "keda")


def entry_name(name: str) -> str:
    """Returns the name of a workload in the stack file: lowercase letters, digits and -, at most 20
    characters, and not the name of a system namespace."""
    plain = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    if not plain[:1].isalpha():
        plain = f"app-{plain}"
    if plain in _SYSTEM or plain.startswith("kube-"):
        plain = f"app-{plain}"
    return plain[:_LONGEST].strip("-")
