"""Texts about experiments: the list, the announcement before a run, and the result after it."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from core.experiments.catalog import EXPERIMENTS
from core.experiments.experiment import Experiment
from settings.stack import NAMESPACE
from tools.deploy.experiment.fis import ExperimentError, Run
from tools.deploy.experiment.metric_values import Value
from tools.deploy.experiment.promises import Promise

KEY = f"{NAMESPACE}:resilience.experiments.enabled"
"""Setting that enables experiments."""


_WIDTH, _TITLE = 100, 14
"""Width of a line, and of its title."""


def experiment_named(name: str) -> Experiment:
    """Returns an experiment; raises ExperimentError with the nearest name if it does not exist."""
    if name not in EXPERIMENTS:
        nearest = get_close_matches(name, EXPERIMENTS, n=1)
        meant = f'did you mean "{nearest[0]}"? ' if nearest else ""
        raise ExperimentError(
            f"{name}: no such experiment; {meant}Experiments: {', '.join(EXPERIMENTS)}"
        )
    return EXPERIMENTS[name]


def not_enabled(name: str, stack: str) -> str:
    """Returns the message that the cell has no template of an experiment."""
    return (
        f"{stack} has no template of {name}: add {name} to {KEY} in Pulumi.{stack}.yaml, and run "
        f"make up STACK={stack} (docs/experiments.md#enable-experiments)"
    )


def listing(stack: str) -> Iterator[str]:
    """Yields the lines of the list of experiments."""
    yield f"make experiment STACK={stack} NAME=… runs one of:"
    for each in EXPERIMENTS.values():
        yield f"  {each.name:18}{each.minutes:>3} minutes, ${each.dollars():.2f}  {each.fault}"


def announcement(
    experiment: Experiment, place: str, apps: int, minutes_after: int
) -> Iterator[str]:
    """Yields the lines that say what an experiment does, promises, takes and costs.

    `place` is the cell and its zone, `apps` the number of apps whose pods can be deleted, and
    `minutes_after` the time until the alarms have evaluated the run.
    """
    parts = [
        ("does", experiment.fault),
        ("proves", experiment.proves),
        ("must stay OK", ", ".join(experiment.holds)),
        ("may go off", ", ".join(experiment.expected)),
        (
            "takes",
            f"{experiment.minutes} minutes, and {minutes_after} more until the alarms have "
            "evaluated all of it",
        ),
        ("costs", f"${experiment.dollars(apps):.2f} for the actions, and the price of the report"),
        ("stops", "if an alarm of its stop conditions goes off, or if you press Ctrl-C"),
        *(("before", each) for each in experiment.before),
    ]
    yield f"experiment {experiment.name} in {place}"
    for title, text in parts:
        if text:
            first = f"  {title:{_TITLE}}"
            yield from textwrap.wrap(
                text,
                _WIDTH,
                initial_indent=first,
                subsequent_indent=" " * len(first),
                break_long_words=False,
                break_on_hyphens=False,
            )


def seen(needed: Mapping[str, int], lowest: Mapping[str, Value | None]) -> Iterator[str]:
    """Yields the lowest number of ready pods of each app."""
    for app, pods in needed.items():
        value = lowest[app]
        found = f"lowest {value.value:g} ready pods at {value.time:%H:%M}" if value else "no data"
        yield f"{'seen':8}app {app}: {found}; {pods} needed"


def verdict(experiment: Experiment, run: Run, promises: Sequence[Promise]) -> Iterator[str]:
    """Yields a line for each promise, and a line for all."""
    yield from map(str, promises)
    broken = sum(not each.kept for each in promises)
    if broken:
        yield f"{experiment.name}: {broken} of {len(promises)} promises broken"
    elif not promises:
        yield (
            f"{experiment.name}: no result, because the cell has no alarm that must stay OK: "
            f"{', '.join(experiment.holds)}"
        )
    elif run.status == "completed":
        yield (
            f"{experiment.name}: all {len(promises)} promises kept, which proves: "
            f"{experiment.proves}"
        )
    else:
        reason = f": {run.reason}" if run.reason else ""
        yield f"{experiment.name}: no result, because the run {run.id} is {run.status}{reason}"
