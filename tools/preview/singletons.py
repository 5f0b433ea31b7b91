"""Formats the gaps in the availability of singletons for preview."""

from collections.abc import Iterator

from settings import Settings
from settings.availability import headroom_of


def singleton_lines(settings: Settings) -> Iterator[str]:
    """Yields the longest times without the pod of each singleton."""
    headroom = headroom_of(settings).pods
    node_seconds = settings.autoscaling.node_provision_minutes * 60
    for name, singleton in settings.singletons.items():
        replaced, failed = singleton.gaps(0 if headroom.get(name) else node_seconds)
        remedy = "" if singleton.volume else " or make zone-out"
        yield (
            f"singleton {name}: 1 pod; no pod for up to {replaced}s during a rollout or a drain, "
            f"for up to {failed}s if its node fails, and until the zone returns{remedy} if its "
            "zone fails; while a node is unreachable, its old pod can run beside the new one: use "
            "a lease if two pods do harm"
        )
