"""Time until the pods of an app are spread evenly over the zones again.

The descheduler runs at an interval, and evicts at most one pod of each app in each run.
"""

from collections.abc import Sequence

INTERVAL_SECONDS = 30
"""Seconds between two runs of the descheduler."""


def pods_to_move(by_zone: Sequence[int]) -> int:
    """Returns how many pods must change their zone, so that the zones differ by at most one pod.

    `by_zone` contains the pods of an app in each zone.
    """
    share, more = divmod(sum(by_zone), len(by_zone))
    even = [share + (index < more) for index in range(len(by_zone))]
    return sum(
        max(0, pods - wanted)
        for pods, wanted in zip(sorted(by_zone, reverse=True), even, strict=True)
    )


def seconds_until_even(moves: int, startup: float, interval: float = INTERVAL_SECONDS) -> float:
    """Returns the seconds until `moves` pods have moved and the last of them is ready.

    `startup` is the time in seconds that a pod needs to become ready. Returns 0 if no pod moves.
    """
    return moves * interval + startup if moves else 0.0
