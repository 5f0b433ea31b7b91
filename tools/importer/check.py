"""Checks the entries of an import with the rules of the stack file."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from settings import Problem, check
from tools.importer.deployment import Entry
from tools.importer.report import Report
from tools.importer.stack_file import config

_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/imported"

_CELL: dict[str, Any] = {  # Any: sections of the stack file
    "aws:region": "us-east-1",
    "ha-eks:network": {
        "zones": ["us-east-1a", "us-east-1b"],
        "controlPlaneZones": ["us-east-1a", "us-east-1b"],
    },
    "ha-eks:cluster": {"version": "1.36", "publicAccessCidrs": ["203.0.113.0/24"]},
    "ha-eks:loadBalancing": {
        "certificate": _CERTIFICATE,
        "internal": {"certificate": _CERTIFICATE},
    },
    "ha-eks:pools": {
        "general": {"instanceTypes": ["m7i.8xlarge"], "perZone": {"min": 2, "max": 400}},
        "gpu": {"instanceTypes": ["p5.48xlarge"], "perZone": {"min": 0, "max": 400}},
        "neuron": {"instanceTypes": ["trn1.32xlarge"], "perZone": {"min": 0, "max": 400}},
    },
}
"""Cell with two zones and large nodes, in which the entries are checked."""


def refuse_invalid(entries: Sequence[Entry], report: Report) -> list[Entry]:
    """Returns the valid entries, and refuses each other one with its problems."""
    remaining = [*entries]
    while True:
        _remove_calls(remaining, report)
        _, problems = check({**_CELL, **config(remaining)})
        invalid = {
            entry.name: found for entry in remaining if (found := [*_problems_of(entry, problems)])
        }
        if not invalid:
            return remaining
        for entry in remaining:
            for problem in invalid.get(entry.name, []):
                report.of(entry.subject).refuse(problem.key, problem.message)
        remaining = [each for each in remaining if each.name not in invalid]


def _remove_calls(entries: Sequence[Entry], report: Report) -> None:
    """Removes workloads that are not in the result from `talksTo`."""
    names = {each.name for each in entries}
    for each in entries:
        called = cast("list[str]", each.settings.get("talksTo") or [])
        missing = [name for name in called if name not in names]
        for name in missing:
            report.of(each.subject).lost("talksTo", f"{name} is not in the result")
        each.settings["talksTo"] = [name for name in called if name in names]


def _problems_of(entry: Entry, problems: Sequence[Problem]) -> Iterator[Problem]:
    key = f"ha-eks:{entry.kind}.{entry.name}"
    yield from (each for each in problems if f"{each.key}.".startswith(f"{key}."))
