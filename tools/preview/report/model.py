"""The report of a stack as typed data, without any markup."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from settings.reading.wording import counted
from tools.preview.diff.secrets import hidden, masked
from tools.preview.report.cell import cell_of
from tools.preview.report.cell_figure import cell_figures
from tools.preview.report.claims import ClaimView, claims_view
from tools.preview.report.cost import CostView, cost_view
from tools.preview.report.failover import FailoverView, failover_of
from tools.preview.report.findings import AuditView, audit_of
from tools.preview.report.flow import WorkloadView, workloads_of
from tools.preview.report.flow_figure import flow_figures
from tools.preview.report.loss import LossView, losses_of
from tools.preview.report.resources import ComponentView, component_of, components_of
from tools.preview.report.summary import Summary, summary_of
from tools.preview.report.svg import Figure
from tools.preview.report.termination import TerminationView, terminations_of
from tools.preview.results import Preview
from tools.preview.zone_loss_details import job_effects
from tools.recording import Recording, Resource, manifest, objects

MAX_MANIFESTS = 500_000
"""Characters of all manifests above which the page only names their files."""


@dataclass(frozen=True, kw_only=True)
class ManifestsView:
    """Kubernetes objects of a component."""

    component: str
    texts: Mapping[str, str]
    """YAML without secrets, by name of the file in the folder `manifests`; empty if the manifests
    are too large for the page."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Contents of the report, in the order of its sections."""

    stack: str
    file: str
    """Name of the stack file."""
    region: str
    today: date
    summary: Summary
    cell: Sequence[Figure]
    """Architecture of the cell, in both layouts."""
    cell_text: str
    """Description of the architecture for readers who do not see it."""
    states: Sequence[str]
    """States of the page: at rest, and after the loss of each zone."""
    flow: Sequence[Figure]
    """Requests between workloads, in both layouts; empty for many workloads."""
    workloads: Sequence[WorkloadView]
    zone_losses: Sequence[LossView]
    other_losses: Sequence[LossView]
    jobs: Sequence[str]
    """Effects of the loss of a zone on cron jobs and migrations."""
    terminations: Sequence[TerminationView]
    failover: FailoverView | None
    cost: CostView
    audit: AuditView
    claims: Sequence[ClaimView]
    components: Sequence[ComponentView]
    manifests: Sequence[ManifestsView]

    @property
    def zones(self) -> Sequence[str]:
        """Zones whose loss the page can show."""
        return [each.zone for each in self.zone_losses]


def report_of(preview: Preview, manifests: Mapping[str, str]) -> Report:
    """Returns the report of a stack with the manifests of its recording."""
    recording, proof = preview.recording, preview.proof
    settings = recording.settings
    cell = cell_of(recording, proof)
    workloads = workloads_of(settings, proof)
    return Report(
        stack=recording.stack,
        file=preview.file.name,
        region=settings.aws.region,
        today=preview.today,
        summary=summary_of(preview),
        cell=cell_figures(cell),
        cell_text=f"Region {cell.region} with {counted(len(cell.zones), 'zone')}: "
        + "; ".join(f"{each.name}, {counted(len(each.nodes), 'node')}" for each in cell.zones),
        states=cell.states,
        flow=flow_figures(workloads, cell.clients),
        workloads=workloads,
        zone_losses=losses_of(proof.zones),
        other_losses=losses_of(proof.others),
        jobs=[*job_effects(settings)],
        terminations=terminations_of(settings),
        failover=failover_of(recording),
        cost=cost_view(preview.cost),
        audit=audit_of(preview),
        claims=claims_view(settings),
        components=components_of(recording),
        manifests=_manifests(recording, manifests),
    )


def _manifests(recording: Recording, texts: Mapping[str, str]) -> Sequence[ManifestsView]:
    """Returns the manifests by component."""
    shown = sum(map(len, texts.values())) <= MAX_MANIFESTS
    found: dict[str, dict[str, str]] = {}
    for file, resource in objects(recording):
        component = component_of(recording, resource).name
        text = _without_secrets(resource, texts[file]) if shown else ""
        found.setdefault(component, {})[file] = text
    return [ManifestsView(component=name, texts=each) for name, each in found.items()]


def _without_secrets(resource: Resource, text: str) -> str:
    """Returns the manifest of a resource, with a text in place of each secret."""
    inputs = masked(hidden(resource))
    return text if inputs == resource.inputs else manifest(inputs)
