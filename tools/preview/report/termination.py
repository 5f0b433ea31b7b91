"""Termination of the pods of each workload, as bars over time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.availability.termination import Termination
from settings import Settings
from tools.preview.termination import events, last_event


@dataclass(frozen=True, kw_only=True)
class Span:
    """A time span, as a part of a bar."""

    text: str
    kind: str
    """Class in the style sheet."""
    start: float
    """Start as a percentage of the bar."""
    width: float
    """Duration as a percentage of the bar."""
    seconds: int


@dataclass(frozen=True, kw_only=True)
class TerminationView:
    """Termination of the pods of workloads that have the same timeline."""

    workloads: Sequence[str]
    calculation: str
    """Calculation of the grace period."""
    pod: Sequence[Span]
    """States of the pod."""
    requests: Sequence[Span]
    """Requests or jobs that the pod works on."""
    events: Sequence[tuple[int, str]]
    """Seconds from the deletion, and what happens then."""
    shortfall: bool
    """True if requests or jobs are dropped."""


def terminations_of(settings: Settings) -> Sequence[TerminationView]:
    """Returns the timelines; workloads with the same timeline share it."""
    found: dict[tuple[Termination, str | None], list[str]] = {}
    for name, each in settings.deployments.items():
        found.setdefault((each.termination, last_event(settings, name)), []).append(name)
    return [_view(names, end, last) for (end, last), names in found.items()]


def _view(names: Sequence[str], end: Termination, last: str | None) -> TerminationView:
    return TerminationView(
        workloads=names,
        calculation=str(end),
        pod=[*_spans(end.grace, _pod(end))],
        requests=[*_spans(end.grace, _requests(end, last))],
        events=events(end, last),
        shortfall=end.shortfall is not None,
    )


def _pod(end: Termination) -> Iterator[tuple[str, str, int, int]]:
    """Yields text, class, start and end of the states of a pod."""
    yield "preStop", "serves", 0, end.pre_stop
    yield "shuts down", "stops", end.pre_stop, end.exit
    yield "sidecars", "sidecars", end.exit, end.sidecars_exit
    yield "margin", "margin", end.sidecars_exit, end.grace


def _requests(end: Termination, last: str | None) -> Iterator[tuple[str, str, int, int]]:
    if last is None:
        return
    work = "requests" if end.deregistered else "jobs"
    yield f"new {work}", "new", 0, end.deregistered
    yield "in flight", "in-flight", end.deregistered, end.last_response


def _spans(total: int, parts: Iterator[tuple[str, str, int, int]]) -> Iterator[Span]:
    for text, kind, start, end in parts:
        if end > start:
            yield Span(
                text=text,
                kind=kind,
                start=100 * start / total,
                width=100 * (end - start) / total,
                seconds=end - start,
            )
