"""Edits of `protected`: protection of the cell from deletion."""

from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.storage import disable_volume_protection


def is_protected(config: Config) -> bool:
    """True if the cell is protected from deletion. Pulumi's CLI writes a boolean as text."""
    return config.get("ha-eks:protected", True) not in (False, "false")


def disable_protection(config: Config) -> None:
    """Turns off the protection of the cell."""
    config["ha-eks:protected"] = False


DISABLE_PROTECTION = Edit(
    name="turn off the protection of the cell",
    change=disable_protection,
    applies=is_protected,
    expected=(
        "update Cluster cluster-eksCluster",
        "update LoadBalancer lb",
        "update Bucket lb-access-logs",
    ),
)
"""AWS deletes a bucket with access logs only if the protection is off."""


def disable_deletion_protection(config: Config) -> None:
    """Turns off the protection of the cell and of all volumes, as docs/teardown.md describes."""
    disable_protection(config)
    disable_volume_protection(config)
