"""Formats the gaps in the availability of singletons for preview."""

from collections.abc import Iterator

from core.availability.health_checks import VOLUME_DETACH
from core.availability.singleton import seconds_after_node_failure, seconds_during_replacement
from settings import Settings
from settings.availability import headroom_of


def singleton_lines(settings: Settings) -> Iterator[str]:
    """Yields the longest times without the pod of each singleton."""
    headroom = headroom_of(settings).pods
    node_seconds = settings.autoscaling.node_provision_minutes * 60
    for name, singleton in settings.singletons.items():
        node, volume = (0 if headroom.get(name) else node_seconds), singleton.volume is not None
        failed = seconds_after_node_failure(
            toleration=singleton.toleration_seconds.unreachable,
            startup=singleton.probes.startup_seconds,
            volume=volume,
            node=node,
        )
        replaced = seconds_during_replacement(
            grace=singleton.termination.grace,
            startup=singleton.probes.startup_seconds,
            detach=VOLUME_DETACH if volume else 0,
            node=node,
        )
        zone = "until the zone returns" + ("" if volume else " or make zone-out")
        yield (
            f"singleton {name}: 1 pod; no pod for up to {replaced}s during a rollout or a drain, "
            f"for {failed} if its node fails, and {zone} if its zone fails; while a node is "
            "unreachable, its old pod can run beside the new one: use a lease if two are harmful"
        )
