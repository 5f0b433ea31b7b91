"""Timelines of serving pods: the changes over the time of a scenario, and a line of bars."""

from collections.abc import Sequence
from typing import NamedTuple

from tools.drills.drill import Watch

_BARS = "_▁▂▃▄▅▆▇"
"""Bars from no pod to all pods."""


class Change(NamedTuple):
    """The number of serving pods from a time on."""

    seconds: float
    pods: int


def changes(watch: Watch, app: str) -> Sequence[Change]:
    """Returns the serving pods of an app at the begin, at each change, and at the end."""
    found: list[Change] = []
    for sample in watch.samples:
        pods = sample.total(app)
        if not found or found[-1].pods != pods:
            found.append(Change(round(sample.seconds, 1), pods))
    end = round(watch.samples[-1].seconds, 1)
    if found[-1].seconds < end:
        found.append(Change(end, found[-1].pods))
    return found


def columns(timeline: Sequence[Change], count: int) -> Sequence[int]:
    """Returns the lowest number of pods in each of `count` equal parts of a timeline."""
    end = timeline[-1].seconds or 1.0
    lowest: list[int] = []
    for number in range(count):
        first, last = (end * each / count for each in (number, number + 1))
        before = [each for each in timeline if each.seconds <= first] or timeline[:1]
        within = [each for each in timeline if first < each.seconds <= last]
        lowest.append(min(each.pods for each in (before[-1], *within)))
    return lowest


def bar(pods: int, most: int) -> str:
    """Returns the bar of a number of pods; `most` is that of a full bar."""
    return _BARS[-(-pods * (len(_BARS) - 1) // max(most, 1))]
