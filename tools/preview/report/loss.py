"""Failures of a cell for the report: a bar for each workload, and the numbers beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.availability.failures import Outcome
from core.availability.zone_proof import Scenario
from settings.reading.wording import counted, listed
from tools.preview.report.nodes import evicted, left
from tools.preview.zone_loss import label
from tools.preview.zone_loss_details import why


@dataclass(frozen=True, kw_only=True)
class Segment:
    """Pods of a workload in a zone, as a part of a bar."""

    zone: str
    pods: int
    share: float
    """Percentage of the length of the bar."""
    kind: str
    """left, lost or started."""


@dataclass(frozen=True, kw_only=True)
class LossRow:
    """A workload in a failure."""

    name: str
    kind: str
    needed: int
    """Pods that must remain; 0: no claim."""
    before: int
    left: int
    after: int
    remaining: Sequence[Segment]
    """Bar without evictions: pods that are left, and pods that are lost."""
    recovered: Sequence[Segment]
    """Bar after all evictions: pods that are left, and pods that have started."""
    needed_at: float
    """Place of the needed pods on the bars, as a percentage."""
    enough: bool
    note: str
    """Sentence on the nodes on which evicted pods start, and on the reasons why other pods wait."""


@dataclass(frozen=True, kw_only=True)
class LossView:
    """A failure, with a row for each workload."""

    title: str
    zone: str
    """Lost zone; empty for other failures."""
    left_sentence: str
    """Result without evictions."""
    evicted_sentence: str
    """Result after all evictions."""
    further: Sequence[str]
    """Further effects, such as the loss of a NAT gateway."""
    workloads: Sequence[LossRow]
    """Apps, workers and singletons; first those with too few or with waiting pods."""
    system: Sequence[LossRow]
    """Deployments of the system that lose pods."""

    @property
    def states(self) -> Sequence[str]:
        """States of the page in which the zone has failed."""
        return [left(self.zone), evicted(self.zone)] if self.zone else []


def losses_of(scenarios: Sequence[Scenario]) -> Sequence[LossView]:
    """Returns the views of some failures."""
    return [_loss(each) for each in scenarios]


def _loss(scenario: Scenario) -> LossView:
    failure = scenario.failure
    lost, started = failure.lost, len(failure.starts)
    system = [each for each in failure.outcomes if each.lost and each.kind == "system"]
    workloads = sorted(failure.apps, key=lambda each: (each.has_needed, not each.pending))
    title = label(scenario)
    waiting = f"; {counted(lost - started, 'pod')} {'waits' if lost - started == 1 else 'wait'}"
    return LossView(
        title=f"{title[:1].upper()}{title[1:]}" if scenario.kind != "zone" else title,
        zone=scenario.lost_zones[0] if scenario.kind == "zone" else "",
        left_sentence=(
            f"{counted(failure.failed, 'node')} with {counted(lost, 'pod')} "
            f"{'fails' if failure.failed == 1 else 'fail'}. {_remaining(failure.apps)}"
        ),
        evicted_sentence=f"{started} of {lost} lost pods start at once on nodes that are left"
        f"{waiting if lost > started else ''}.",
        further=[f"{each[:1].upper()}{each[1:]}." for each in scenario.also],
        workloads=[_row(each, scenario.zones) for each in workloads],
        system=[_row(each, scenario.zones) for each in system],
    )


def _remaining(apps: Sequence[Outcome]) -> str:
    """Returns a sentence on the pods of apps that are left."""
    claimed = [each for each in apps if each.needed]
    down = [each.name for each in apps if each.kind == "singleton" and each.lost]
    short = [each for each in claimed if not each.has_needed]
    parts: list[str] = []
    if short:
        named = [f"{each.name} ({sum(each.during)} of {each.needed})" for each in short[:6]]
        more = [counted(len(short) - 6, "other workload")] if len(short) > 6 else []
        parts.append(f"Too few pods are left of {listed([*named, *more])}.")
    elif claimed:
        parts.append("The needed pods of every app and worker are left.")
    if down:
        parts.append(f"The only pod of {listed(down)} is lost.")
    return " ".join(parts)


def _row(outcome: Outcome, zones: Sequence[str]) -> LossRow:
    during, after = sum(outcome.during), sum(outcome.after)
    before = sum(outcome.before)
    length = max(before, after, outcome.needed, 1)
    order = sorted(range(len(zones)), key=zones.__getitem__)
    return LossRow(
        name=outcome.name,
        kind=outcome.kind,
        needed=outcome.needed,
        before=before,
        left=during,
        after=after,
        remaining=[*_segments(zones, outcome.during, outcome.before, "lost", length, order)],
        recovered=[*_segments(zones, outcome.during, outcome.after, "started", length, order)],
        needed_at=100 * outcome.needed / length,
        enough=outcome.has_needed,
        note=_note(outcome, zones),
    )


def _segments(
    zones: Sequence[str],
    kept: Sequence[int],
    all_pods: Sequence[int],
    other: str,
    length: int,
    order: Sequence[int],
) -> Iterator[Segment]:
    """Yields the pods of each zone that are left, and then the lost or started pods."""
    for kind in ("left", other):
        for number in order:
            pods = kept[number] if kind == "left" else all_pods[number] - kept[number]
            if pods > 0:
                yield Segment(zone=zones[number], pods=pods, share=100 * pods / length, kind=kind)


def _note(outcome: Outcome, zones: Sequence[str]) -> str:
    starts = [
        f"{after - during} in {zone}"
        for zone, during, after in zip(zones, outcome.during, outcome.after, strict=True)
        if after > during
    ]
    parts: list[str] = []
    if starts:
        own = outcome.on_own_headroom
        parts.append(f"Start: {listed(starts)}{f', {own} on own headroom' if own else ''}.")
    if outcome.pending:
        waits = "waits" if outcome.pending == 1 else "wait"
        parts.append(f"{counted(outcome.pending, 'pod')} {waits}: {why(outcome)}.")
    if outcome.peers and outcome.lost and not outcome.has_majority:
        parts.append("Its peers lose their majority until evicted pods start.")
    return " ".join(parts)
