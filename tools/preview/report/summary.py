"""Summary of a stack: the verdict, three sentences and the most important figures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.availability.failures import Failure
from core.availability.zone_proof import ZoneLossProof
from core.cost.cell_cost import CellCost
from settings.reading.wording import counted, listed
from tools.preview.results import Preview
from tools.preview.tree import headlines
from tools.preview.zone_loss_answer import zone_loss_answer
from tools.preview.zone_loss_details import loss_data
from tools.rules.rule import SEVERITIES, Finding


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The first section of the report."""

    verdict: str
    level: Literal["good", "limited", "bad"]
    """good: the promise holds and every evicted pod starts. limited: the promise holds."""
    sentences: Sequence[tuple[str, str]]
    """Sentences on zone loss, cost and findings, each with the ID of its section."""
    figures: Sequence[tuple[str, str]]
    """Names and values of the most important figures."""
    derived: Sequence[str]
    """All derived figures, as the terminal prints them."""


def summary_of(preview: Preview) -> Summary:
    """Returns the summary of a stack."""
    proof = preview.proof
    said = zone_loss_answer(loss_data(proof))
    return Summary(
        verdict=f"{said[:1].upper()}{said[1:]}",
        level="bad" if not proof.holds else "good" if proof.complete else "limited",
        sentences=[
            ("zone-loss", _zone_loss(proof)),
            ("cost", _cost(preview.cost)),
            ("audit", _audit(preview)),
        ],
        figures=[*_figures(preview)],
        derived=headlines(preview.recording, preview.today),
    )


def _zone_loss(proof: ZoneLossProof) -> str:
    if not proof.zones:
        return "Only one zone is in service: if it fails, no pod is left."
    failure = proof.zones[0].failure
    lost, started = counted(failure.lost, "lost pod"), len(failure.starts)
    return (
        f"If any one zone fails, {_kept(failure)} if Kubernetes evicts no pod. If it evicts the "
        f"{lost}, {started} start at once on nodes that are left."
    )


def _kept(failure: Failure) -> str:
    """Returns the pods that are left of apps and workers."""
    claimed = [each for each in failure.apps if each.needed]
    short = [each for each in claimed if not each.has_needed]
    if short:
        named = [f"{sum(o.during)} of the {o.needed} needed pods of {o.name}" for o in short[:3]]
        more = [f"too few pods of {counted(len(short) - 3, 'other workload')}"] if short[3:] else []
        return f"only {listed([*named, *more])} are left"
    if not claimed:
        return "the only pods of its singletons are lost"
    if len(claimed) > 3:
        return f"each of the {len(claimed)} apps and workers keeps the pods that it needs, even"
    first, *rest = [(each.name, sum(each.during), each.needed) for each in claimed]
    named = [
        f"{first[0]} keeps {first[1]} pods and needs {first[2]}",
        *(f"{name} keeps {left} and needs {needed}" for name, left, needed in rest),
    ]
    return f"{'; '.join(named)}, even"


def _cost(cost: CellCost) -> str:
    nodes = sum(item.quantity for item in cost.at_rest.items if item.group == "nodes")
    return (
        f"At rest, with {counted(nodes, 'node')}, the cell costs ${cost.at_rest.per_month:,.0f} a "
        f"month at list prices, plus about ${cost.use_per_month:,.0f} for logs, metrics and "
        f"traffic; with the maximum of nodes, ${cost.maximum.per_month:,.0f}."
    )


def _audit(preview: Preview) -> str:
    waived = len(preview.recording.settings.audit.waivers)
    accepted = f" The stack file has {counted(waived, 'waiver')}." if waived else ""
    if not preview.findings:
        return f"The audit finds no gap in the availability of the stack.{accepted}"
    return f"The audit has {counts(preview.findings)}: read them before you deploy.{accepted}"


def counts(findings: Sequence[Finding]) -> str:
    """Returns the number of findings of each severity."""
    found = Counter(each.severity for each in findings)
    return listed([counted(found[each], each) for each in SEVERITIES if found[each]])


def _figures(preview: Preview) -> Iterator[tuple[str, str]]:
    recording = preview.recording
    network, settings = recording.settings.network, recording.settings
    if network.zones_out:
        yield "zones in service", f"{len(network.zones_in)} of {len(network.zones)}"
    else:
        yield "zones", str(len(network.zones))
    yield "workloads", str(len(settings.workloads))
    yield "nodes at rest", str(len(preview.proof.at_rest.nodes))
    yield "a month at rest", f"${preview.cost.at_rest.per_month:,.0f}"
    yield "findings", str(len(preview.findings))
    yield "resources", f"{len(recording.cloud_resources):,}"
