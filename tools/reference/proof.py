"""The proof table, docs/proof.md: every claim, with what shows that it holds."""

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from types import ModuleType

from settings.reading.wording import counted
from tools.drills import recorded
from tools.drills.report import baseline_text, closest, promised_text, seen_text
from tools.drills.result import Result
from tools.proof.claim import LEVELS, Claim, Drilled, Level, Source
from tools.proof.registry import CLAIMS, GROUPS
from tools.recording.record import ROOT
from tools.rehearsal.__main__ import SCENARIOS
from tools.rules.catalog import entries

_TITLES: dict[Level, str] = {
    "rule": "Rule",
    "arithmetic": "Arithmetic",
    "test": "Test",
    "rehearsal": "Rehearsal",
    "drill": "Drill",
    "experiment": "AWS experiment",
    "alarm": "Alarm",
}

_INTRODUCTION = """# Proof table: what is claimed, and what shows it

This page is generated from [`tools/proof/`](../tools/proof) by `make reference`. Tests keep it
current, and refuse a claim without proof and a proof that does not exist. `make preview` counts the
claims that apply to a stack.

| Level | What it shows | What it does not show |
|---|---|---|
| Rule | `make preview` refuses a stack in which the claim cannot hold, or reports a finding: \
[Rules](rules.md). | that the claim holds in all other stacks |
| Arithmetic | [`core/`](../core) computes the figures of the claim. | that AWS behaves as \
computed |
| Test | The arithmetic holds for any input that the test generates, or the recorded resources \
have what the claim needs. | that AWS behaves as computed |
| Rehearsal | The real Pulumi engine acts in the right order, and a fake cloud accepts it: \
[Rehearsal](rehearsal.md). Its results are not recorded here: run `make rehearse`. | times; what \
AWS refuses and the fake cloud accepts |
| Drill | Pods on a real Kubernetes control plane with simulated nodes behave as computed: \
[Drills](drills.md). The figures are from the recorded drill of the stack `{stack}`, and show \
the closest result. | times of nodes on AWS; kubelets and load balancers of AWS |
| AWS experiment | A cell in your account withstands a fault that AWS injects: \
[Experiments](experiments.md). On this page: {not_run}. | |
| Alarm | nothing in advance: the alarm reports that the claim does not hold \
([Alarms](alarms.md)) | |

*Second-hand* facts are documented by AWS or Kubernetes, and not shown by this project.

{counts} No stack has been deployed to AWS by this project.
"""

_NOT_RUN = "template, not run yet by this project"


def proof_page() -> str:
    """Returns the page as Markdown."""
    return "\n".join((_introduction(), *_overview(), *_sections())) + "\n"


def _introduction() -> str:
    run = sum(claim.is_run for claim in CLAIMS)
    experiments = sum(bool(claim.experiments) for claim in CLAIMS)
    second_hand = sum(bool(claim.sources) for claim in CLAIMS)
    counts = (
        f"Of {len(CLAIMS)} claims, {run} are shown by a drill or a rehearsal, and "
        f"{len(CLAIMS) - run} by tests only. {experiments} have an AWS experiment. {second_hand} "
        "also rely on second-hand facts."
    )
    return _INTRODUCTION.format(stack=record()["stack"], counts=counts, not_run=_NOT_RUN)


def _overview() -> Iterator[str]:
    """Yields the table with the number of proofs of each claim."""
    yield "## Overview\n"
    titles = [_TITLES[level] for level in LEVELS]
    yield f"| Claim | {' | '.join(titles)} | Second-hand |"
    yield "|---" * (len(titles) + 2) + "|"
    for claim in CLAIMS:
        numbers = [claim.shown_by(level) for level in LEVELS] + [len(claim.sources)]
        cells = " | ".join(str(number or "") for number in numbers)
        yield f"| [{claim.text.rstrip('.')}](#{claim.id}) | {cells} |"
    yield ""


def _sections() -> Iterator[str]:
    for group, claims in GROUPS.items():
        yield f"## {group}\n"
        for claim in claims:
            yield f'<a id="{claim.id}"></a>\n\n### {claim.text}\n'
            yield f"Claimed in [docs/{claim.page}]({claim.page}).\n"
            yield "| Level | Proof |\n|---|---|"
            for title, text in _rows(claim):
                yield f"| {title} | {text} |"
            yield ""


def _rows(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yields title and text of each level that a claim has."""
    texts: dict[str, Sequence[str]] = {
        _TITLES["rule"]: [*map(_rule, claim.rules), *map(_refusal, claim.refusals)],
        _TITLES["arithmetic"]: [*map(_function, claim.arithmetic)],
        _TITLES["test"]: [*map(_test, claim.tests)],
        _TITLES["rehearsal"]: [*map(_rehearsal, claim.rehearsals)],
        _TITLES["drill"]: [*map(_drill, claim.drills)],
        _TITLES["experiment"]: [*map(_experiment, claim.experiments)],
        _TITLES["alarm"]: [f"`{name}`" for name in claim.alarms],
        "Second-hand": [*map(_source, claim.sources)],
        "Not shown": [claim.not_shown] if claim.not_shown else [],
    }
    yield from ((title, "<br>".join(lines)) for title, lines in texts.items() if lines)


def _rule(name: str) -> str:
    [rule] = [each for each in entries() if each.id == name]
    anchor = "ha9-settings" if name.startswith("HA9") else name.lower()
    return f"[{name}](rules.md#{anchor}): {rule.claim}"


def _refusal(module: ModuleType) -> str:
    path = f"{module.__name__.replace('.', '/')}.py"
    return f"refused by [`{path}`](../{path})"


def _function(each: Callable[..., object]) -> str:
    path = f"{each.__module__.replace('.', '/')}.py"
    return f"[`{each.__qualname__}`](../{path})"


def _test(name: str) -> str:
    path, _, function = name.partition("::")
    return f"[{function.removeprefix('test_').replace('_', ' ')}](../{path})"


def _rehearsal(name: str) -> str:
    return f"`{name}`: {(SCENARIOS[name].__doc__ or '').strip()}"


def _drill(drilled: Drilled) -> str:
    """Returns the promise that was the closest to being broken, and how many were kept."""
    document = record()
    found = results_of(document, drilled)
    result = next(closest(found))
    kept = sum(each.kept for each in found)
    date = document["scenarios"][drilled.scenario]["date"]
    above = result.bound == "at most" and (result.seen or 0) > result.computed
    tolerance = f" (tolerance: {result.tolerance - 1:.0%})" if above else ""
    baseline = baseline_text(result)
    beside = f", with the defaults of Kubernetes: {baseline}" if baseline else ""
    return (
        f"`{drilled.scenario}`, {date}: {promised_text(result)} ({result.subject}), seen: "
        f"{seen_text(result)}{tolerance}{beside}; {kept} of {counted(len(found), 'promise')} kept"
    )


@cache
def record() -> recorded.Document:
    """Returns the recorded drill of the project."""
    [file] = (ROOT / "docs" / "drills").glob("*.json")
    return recorded.read(file.stem)


def results_of(document: recorded.Document, drilled: Drilled) -> Sequence[Result]:
    """Returns the promises of a recorded drill to which a claim refers."""
    scenario = document["scenarios"].get(drilled.scenario, {})
    results = [
        Result(**{key: value for key, value in each.items() if key != "kept"})
        for each in scenario.get("results", [])
    ]
    return [
        each
        for each in results
        if fnmatchcase(each.scenario, drilled.event)
        and fnmatchcase(each.unit, drilled.unit)
        and fnmatchcase(each.subject, drilled.subject)
    ]


def _experiment(name: str) -> str:
    return f"[`{name}`](experiments.md#what-each-does): {_NOT_RUN}"


def _source(source: Source) -> str:
    return f"{source.fact} [Source]({source.url})"
