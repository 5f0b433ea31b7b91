"""Edits of the traffic that a cell is sent."""

from rehearsal.edits.edit import Config, Edit


def has_traffic(config: Config) -> bool:
    """Whether there is a domain."""
    return "ha-eks:traffic" in config


def drained(config: Config) -> None:
    """Clients are kept off the cell."""
    config["ha-eks:traffic"]["drained"] = True


DRAINED = Edit(
    name="drained: true",
    change=drained,
    fits=has_traffic,
    may=("update Record traffic",),
    might=("create HealthCheck traffic-drained",),
)
