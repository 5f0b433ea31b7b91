"""Names of workloads in the stack file."""

import re

from settings.reading.names import is_system_namespace

_LONGEST = 20


def entry_name(name: str) -> str:
    """Returns the name of a workload in the stack file: lowercase letters, digits and -, at most 20
    characters, and not the name of a system namespace."""
    plain = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")
    if not plain[:1].isalpha() or is_system_namespace(plain):
        plain = f"app-{plain}"
    return plain[:_LONGEST].strip("-")
