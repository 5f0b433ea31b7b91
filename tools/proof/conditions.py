"""Conditions on a stack under which several claims apply."""

from settings import Settings


def has_replicas(settings: Settings) -> bool:
    """True if the stack has apps or workers."""
    return bool(settings.replicated)


def has_several_zones(settings: Settings) -> bool:
    """True if the stack has nodes in several zones."""
    return len(settings.network.zones_in) > 1
