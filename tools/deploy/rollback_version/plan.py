"""The steps of a version rollback, and the reasons for which EKS would refuse it."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.facts.versions.kubernetes import KUBERNETES, minor_of
from settings import Problem, Settings
from settings.stack import NAMESPACE
from tools.deploy.add_on_checks import wanted_versions
from tools.deploy.aws_cli import Ask
from tools.deploy.rollback_version.eks import (
    UPGRADE,
    AddOn,
    Eks,
    NodeGroup,
    RollbackError,
    VersionUpdate,
)

_KEY = f"{NAMESPACE}:cluster.version"

_WINDOW = timedelta(days=7)
"""Time after an upgrade in which EKS rolls it back.

https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html (read November 2026)
"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The steps that are left, in the order in which EKS requires them."""

    live: str
    """Version of the control plane."""
    version: str
    """Version to which the cluster is rolled back."""
    until: datetime
    """Time until which EKS accepts the rollback of the control plane."""
    node_groups: Sequence[NodeGroup]
    """Node groups whose nodes are newer, zone by zone."""
    add_ons: Sequence[tuple[AddOn, str]]
    """Add-ons that do not support the version, each with its new version."""

    def lines(self, cell: str) -> Iterator[str]:
        """Yields the lines that describe the plan."""
        yield (
            f"{cell}: the control plane runs {self.live}; EKS accepts its rollback to "
            f"{self.version} until {self.until:%Y-%m-%d %H:%M %Z}; steps:"
        )
        for group in self.node_groups:
            yield f"  {_title(group)}: {group.version} to {self.version}"
        for add_on, new in self.add_ons:
            yield f"  add-on {add_on.name}: {add_on.version} to {new}"
        yield f"  control plane: {self.live} to {self.version}"


def refusal(live: str, last: VersionUpdate | None, now: datetime) -> str | None:
    """Returns the reason for which EKS does not roll back this cluster, if there is one."""
    if last is None or last.version != live:
        return f"the cluster was created with {live}, and EKS rolls back only an upgrade"
    if last.type != UPGRADE:
        return f"the cluster was rolled back to {live}, and EKS rolls back only once per upgrade"
    if now > last.started + _WINDOW:
        return (
            f"the upgrade to {live} began on {last.started:%Y-%m-%d %H:%M %Z}, and EKS rolls back "
            "within 7 days; correct the workloads instead"
        )
    previous = previous_of(live)
    end = KUBERNETES.get(previous)
    if end is None or now.date() > end:
        return (
            f"the standard support of {previous} has ended, and EKS rolls back to it only with "
            "the upgrade policy EXTENDED; correct the workloads instead"
        )
    return None


def previous_of(version: str) -> str:
    """Returns the minor version before a minor version."""
    return f"1.{minor_of(version) - 1}"


def version_problem(settings: Settings, live: str) -> Iterator[Problem]:
    """Yields a problem unless the stack file has the version to which EKS rolls back."""
    written, previous = settings.cluster.version, previous_of(live)
    if written != previous:
        message = (
            f'write "{previous}", the version before the upgrade: the control plane runs {live}, '
            "and the next make up must not upgrade it again"
        )
        yield Problem(key=_KEY, value=written, message=message)


def plan_of(eks: Eks, ask: Ask, settings: Settings, live: str, last: VersionUpdate) -> Plan:
    """Returns the steps that are left; the stack file has the previous version.

    Raises RollbackError if EKS offers no version of an add-on for the previous Kubernetes version.
    """
    version = settings.cluster.version
    return Plan(
        live=live,
        version=version,
        until=last.started + _WINDOW,
        node_groups=[each for each in eks.node_groups() if _is_newer(each.version, version)],
        add_ons=[
            (each, _wanted(ask, settings, each.name))
            for each in eks.add_ons()
            if each.version not in eks.compatible(each.name, version)
        ],
    )


def _is_newer(version: str, other: str) -> bool:
    return minor_of(version) > minor_of(other)


def _wanted(ask: Ask, settings: Settings, name: str) -> str:
    """Returns the version of an add-on that the next `make up` installs."""
    for version in wanted_versions(ask, settings.cluster, name):
        return version
    raise RollbackError(
        f"EKS offers no default version of the add-on {name} for {settings.cluster.version}; write "
        f"one in {NAMESPACE}:cluster.addOns, or delete the add-on"
    )


def execute(eks: Eks, plan: Plan, settings: Settings, report: Callable[[str], None]) -> None:
    """Does the steps of a plan; raises RollbackError, with the step, if one fails."""
    for group in plan.node_groups:
        pool = settings.pools.get(group.pool)
        with _step(_title(group), report):
            eks.roll_back_nodes(group, plan.version, pool and pool.release_version)
    for add_on, new in plan.add_ons:
        with _step(f"add-on {add_on.name}", report):
            eks.roll_back_add_on(add_on, new)
    with _step("control plane", report):
        eks.roll_back_control_plane(plan.version)


@contextmanager
def _step(title: str, report: Callable[[str], None]) -> Generator[None]:
    """Reports the begin and the end of a step, and names it in its error."""
    report(f"{title} …")
    start = time.monotonic()
    try:
        yield
    except RollbackError as error:
        raise RollbackError(f"{title}: {error}") from error
    report(f"{title}: rolled back in {(time.monotonic() - start) / 60:.0f} minutes")


def _title(group: NodeGroup) -> str:
    return f"node group {group.name} ({group.zone or 'not of this program'})"
