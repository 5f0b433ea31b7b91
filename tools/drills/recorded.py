"""The recorded drill: a committed run of all scenarios, and the passages of the docs that quote it.

`make drill STACK=… RECORD=1` writes both, for the stack that the passages name. `python -m
tools.drills.recorded STACK` writes the passages again.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.command_line import command_parser
from tools.drills.figures import figures
from tools.drills.report import baseline_text, closest, json_of, promised_text, seen_text
from tools.drills.result import Result
from tools.entry_point import status_of
from tools.recording import Recording, manifests
from tools.recording.record import ROOT

Document = Mapping[str, Any]  # Any: JSON

_CODE = ("tools/drills", "tools/control_plane")
"""Folders with the code that decides what a drill shows."""

_SCALING = ("zones", "eviction")
"""Scenarios whose results docs/scaling.md quotes."""

_BEGIN = "<!-- make drill STACK={} RECORD=1 writes the lines to the end mark -->\n"
_END = "<!-- end -->"


def write(document: Document, recording: Recording, scenarios: Iterable[str]) -> None:
    """Adds a run to the recorded drill, and writes the figures to the pages.

    The results of a scenario replace those of its earlier run. `scenarios` are the names of all
    scenarios, in their order; others are removed from the record.
    """
    path = ROOT / path_of(recording.stack)
    run = {"date": document["date"], "ran_on": ran_on(recording), "real": document["real"]}
    every: dict[str, Document] = read(recording.stack)["scenarios"] if path.exists() else {}
    for name, scenario in document["scenarios"].items():
        every[name] = {**run, **scenario}
    path.parent.mkdir(exist_ok=True)
    record = {
        "stack": document["stack"],
        "simulated": document["simulated"],
        "needed": document["needed"],
        "figures": figures(recording.settings),
        "scenarios": {name: every[name] for name in scenarios if name in every},
    }
    path.write_text(json_of(record), encoding="utf-8")
    write_passages(recording.stack)


def reasons_to_record_all(recording: Recording) -> Iterator[str]:
    """Yields the reasons why a run of some scenarios cannot be added to the recorded drill."""
    if (ROOT / path_of(recording.stack)).exists():
        yield from changed_figures(read(recording.stack), recording)


def write_passages(stack: str) -> None:
    """Writes the figures of the recorded drill of a stack to the pages that quote them."""
    for page, text in passages(read(stack)).items():
        begin, old = _BEGIN.format(stack), (ROOT / page).read_text(encoding="utf-8")
        if begin in old:
            before, after = old.split(begin)
            end = after.index(_END)
            (ROOT / page).write_text(before + begin + text + after[end:], encoding="utf-8")


def path_of(stack: str) -> Path:
    """Returns the path of the recorded drill of a stack in the project."""
    return Path("docs", "drills", f"{stack}.json")


def read(stack: str) -> Document:
    """Returns the recorded drill of a stack."""
    return json.loads((ROOT / path_of(stack)).read_text(encoding="utf-8"))


def ran_on(recording: Recording) -> str:
    """Returns the digest of the manifests of a recording and of the code of drills."""
    digest = hashlib.sha256()
    for name, text in manifests(recording).items():
        digest.update(f"{name}\n{text}".encode())
    for folder in _CODE:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".yaml"}:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def stale(document: Document, recording: Recording, scenarios: Iterable[str]) -> Iterator[str]:
    """Yields the reasons why a recorded drill no longer shows what the docs state.

    The reasons are figures from which promises are computed, and scenarios without results.
    Other changes of the stack and of the code do not change what the docs state.
    """
    yield from changed_figures(document, recording)
    drilled = [name for name, each in document["scenarios"].items() if each.get("results")]
    for name in sorted({*drilled} ^ {*scenarios}):
        where = "not in the recorded drill" if name not in drilled else "no longer a scenario"
        yield f"scenario {name}: {where}"


def changed_figures(document: Document, recording: Recording) -> Iterator[str]:
    """Yields the figures from which promises are computed that differ from the recorded ones."""
    now, then = figures(recording.settings), document["figures"]
    for name in dict.fromkeys([*now, *then]):
        if now.get(name) != then.get(name):
            yield f"{name}: {then.get(name)} in the recorded drill, {now.get(name)} now"


def passage_in(page: str, stack: str) -> str:
    """Returns the passage of a page that quotes the recorded drill of a stack."""
    return page.split(_BEGIN.format(stack))[1].split(_END)[0]


def passages(document: Document) -> Mapping[str, str]:
    """Returns the passages that quote the recorded drill, by page."""
    results = {
        name: [
            Result(**{key: value for key, value in result.items() if key != "kept"})
            for result in scenario.get("results", [])
        ]
        for name, scenario in document["scenarios"].items()
    }
    everything = [each for found in results.values() for each in found]
    kept = sum(each.kept for each in everything)
    dates = sorted({each["date"] for each in document["scenarios"].values()})
    date = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return {
        "docs/drills.md": "".join(_table(results))
        + f"\nResult of {date}: {kept} of {len(everything)} promises kept. The record has, for "
        "each scenario, its date, its programs, and the digest of the manifests and of the code "
        "of drills on which it ran.\n",
        "docs/scaling.md": "".join(
            _table({name: results[name] for name in _SCALING if name in results})
        ),
        "README.md": f"The [recorded drill](docs/drills.md) of {date} kept {kept} of "
        f"{len(everything)} promises."
        + (" " + _sentence(results["zones"]) if "zones" in results else "")
        + "\n",
    }


def _table(results: Mapping[str, Sequence[Result]]) -> Iterator[str]:
    """Yields a row for each kind of promise of a scenario: the closest result."""
    yield "| Scenario | Promise, computed | Seen | Baseline | Kept |\n|---|---|---|---|---|\n"
    for name, found in results.items():
        for number, result in enumerate(closest(found)):
            kept = f"{sum(each.kept for each in found)} of {len(found)}" if number == 0 else ""
            seen = seen_text(result) if result.kept else f"**{seen_text(result)}**"
            scenario = f"`{name}`" if number == 0 else ""
            yield (
                f"| {scenario} | {promised_text(result)} ({result.subject}) | {seen} "
                f"| {baseline_text(result) or '–'} | {kept} |\n"
            )


def _sentence(zones: Sequence[Result]) -> str:
    """Returns the result of the loss of a zone for the first app as a sentence."""
    app = zones[0].subject.split(": ")[-1]
    result = next(closest([each for each in zones if each.subject.endswith(f": {app}")]))
    return (
        f"When a zone was lost, {seen_text(result)} of the {result.computed:.0f} pods that the "
        f"load of `{app}` needs still served in the worst case; with the defaults of Kubernetes, "
        f"{baseline_text(result)}."
    )


def main() -> int:
    """Writes the passages of the stack that the command line names; returns the exit status."""
    parser = command_parser(
        "tools.drills.recorded", "Writes the figures of the recorded drill to the pages again."
    )
    write_passages(str(parser.parse_args().stack))
    return 0


if __name__ == "__main__":
    sys.exit(status_of(main))
