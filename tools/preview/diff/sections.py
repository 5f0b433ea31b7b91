"""Details of a comparison as sections, the most important first."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence

from settings.reading.wording import counted
from tools.preview.diff.blocks import Block, Section
from tools.preview.diff.comparison import Comparison
from tools.preview.diff.consequences import effect_of_removal, effect_of_replacement
from tools.preview.diff.references import label
from tools.preview.diff.resources import OLD_ONE, ResourceChange
from tools.preview.diff.secrets import shown
from tools.preview.diff.tables import cost_tables, zone_loss_tables
from tools.preview.diff.values import Absent, Change
from tools.recording import Resource
from tools.rules.rule import Finding

_STAYS = "stays, and Pulumi no longer manages it"
_MAX_VALUE = 300
"""Characters of a value; the rest is left out."""
_MAX_LINES = 60
"""Lines of the differences of a resource; the rest is left out."""


def sections(comparison: Comparison) -> list[Section]:
    """Returns the details that are not empty, the most important first."""
    found = [
        Section(
            title="Requests",
            blocks=[Block(title=each.app, texts=[each.text]) for each in comparison.interruptions],
            noun="interruption",
        ),
        Section(title="Replaced", blocks=[*_updated(comparison.of("replaced"))], noun="resource"),
        Section(
            title="Removed",
            blocks=[*_listed(comparison.of("removed"), comparison.renamed)],
            noun="resource",
        ),
        Section(title="Zone loss", blocks=[*zone_loss_tables(comparison)], noun=""),
        Section(title="Findings", blocks=[*_findings(comparison)], noun="finding"),
        Section(title="Cost", blocks=[*cost_tables(comparison)], noun=""),
        Section(title="Added", blocks=[*_listed(comparison.of("added"), {})], noun="resource"),
        Section(title="Changed", blocks=[*_updated(comparison.of("changed"))], noun="resource"),
    ]
    return [each for each in found if each.blocks]


def _updated(changed: Sequence[ResourceChange]) -> Iterator[Block]:
    """Yields a block for all resources with the same differences."""
    groups: dict[tuple[object, ...], list[ResourceChange]] = {}
    for each in changed:
        key = (
            each.resource.type,
            tuple(_lines(each.changes)),
            tuple(each.forced_by),
            each.by_command,
            each.deleted_first,
        )
        groups.setdefault(key, []).append(each)
    for group in groups.values():
        first = group[0]
        yield Block(
            title=_names([each.resource for each in group]),
            texts=[*_texts(first)],
            differences=[*_cut(_lines(first.changes))],
            count=len(group),
        )


def _names(resources: Sequence[Resource]) -> str:
    first, *others = resources
    return ", ".join((label(first), *(each.name for each in others)))


def _texts(change: ResourceChange) -> Iterator[str]:
    if change.forced_by:
        yield f"forced by {', '.join(change.forced_by)}"
        if change.by_command:
            yield "only make replace-nodes replaces it, zone by zone; up is refused"
        elif change.stays:
            yield f"the old one {_STAYS}"
        elif effect := effect_of_replacement(change.resource.type):
            yield effect
        if change.deleted_first:
            yield "the old one is deleted before the new one is created"
    if change.action == "changed" and not change.known:
        effect = effect_of_replacement(change.resource.type)
        yield (
            f"the diff does not know {change.resource.type}: pulumi preview shows whether it is "
            f"replaced{f', in which case {effect}' if effect else ''}"
        )
    if any(each.path == "launchTemplate.version" for each in change.changes):
        yield "EKS replaces the nodes, one zone after another"


def _listed(changed: Sequence[ResourceChange], renamed: Mapping[str, Resource]) -> Iterator[Block]:
    """Yields a block for each component, with the names of its resources."""
    by_parent: dict[str, list[ResourceChange]] = {}
    for each in changed:
        by_parent.setdefault(_component(each.resource), []).append(each)
    for parent, group in by_parent.items():
        texts = [", ".join(label(each.resource) for each in group)]
        for each in group:
            lost = effect_of_removal(each.resource.type) if each.action == "removed" else ""
            if each.action == "removed" and each.stays:
                lost = _STAYS
            if successor := renamed.get(each.resource.urn):
                lost = (
                    f"has the same name as the added {label(successor)}, which fails, or is "
                    "deleted with it; add an alias to keep it"
                )
            if lost:
                texts.append(f"{label(each.resource)}: {lost}")
        yield Block(title=parent, texts=texts, count=len(group))


def _component(resource: Resource) -> str:
    """Returns the component of a resource, such as App web."""
    type_, _, name = (resource.parent or "").rpartition("::")
    kind = type_.rpartition(":")[2].rpartition("$")[2]
    return "stack" if kind in ("", "Stack") else f"{kind} {name}"


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    for each in changes:
        old, new = each.old, each.new
        if old == OLD_ONE:
            pairs = [("!", str(new))]
        elif isinstance(old, str) and isinstance(new, str):
            pairs = [*_differing(old, new)]
        else:
            pairs = [(sign, text_of(value)) for sign, value in (("-", old), ("+", new))
                     if not isinstance(value, Absent)]  # fmt: skip
        for sign, text in pairs:
            yield f"{sign} {each.path}: {text}"


def _differing(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yields the lines of two texts that differ; of long lines, the part that differs."""
    former, later = old.splitlines(), new.splitlines()
    for _, a, b, c, d in difflib.SequenceMatcher(None, former, later, autojunk=False).get_opcodes():
        removed, added = former[a:b], later[c:d]
        if removed != added:
            start = _common(removed, added) if len(removed) == len(added) == 1 else 0
            yield from (("-", text_of(each, start)) for each in removed)
            yield from (("+", text_of(each, start)) for each in added)


def _common(removed: Sequence[str], added: Sequence[str]) -> int:
    """Returns the length of the beginning that two lines have in common."""
    pairs = enumerate(zip(removed[0], added[0], strict=False))
    return next((number for number, (a, b) in pairs if a != b), 0)


def text_of(value: object, start: int = 0) -> str:
    """Returns a value as one line without secrets; of a long one, the part around `start`."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = shown(text).replace("\n", "\\n")
    if len(text) <= _MAX_VALUE:
        return text
    begin = max(0, min(start - _MAX_VALUE // 3, len(text) - _MAX_VALUE))
    part = text[begin : begin + _MAX_VALUE]
    return f"{'…' if begin else ''}{part}… ({len(text):,} characters)"


def _cut(lines: Iterator[str]) -> Iterator[str]:
    every = [*lines]
    yield from every[:_MAX_LINES]
    if len(every) > _MAX_LINES:
        yield f"  … and {counted(len(every) - _MAX_LINES, 'line')} more"


def _findings(comparison: Comparison) -> Iterator[Block]:
    if comparison.before.findings is None:
        return
    for title, findings in (
        ("new", comparison.new_findings),
        ("gone", comparison.gone_findings),
    ):
        if findings:
            yield Block(title=title, texts=[*map(_finding, findings)], count=len(findings))


def _finding(finding: Finding) -> str:
    return f"{finding.severity} {finding}"
