"""Cautions about ha-eks:resilience.experiments."""

from collections.abc import Iterator
from datetime import date

from core.experiments.catalog import EXPERIMENTS
from core.facts.fis_actions import (
    ACTIONS,
    DISRUPT_REGION,
    DISRUPT_SUBNETS,
    INTERRUPT_SPOT,
    REFUSE_LAUNCHES,
    SEND_COMMAND,
    STOP_INSTANCES,
)
from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.reading.wording import listed
from settings.resilience.experiment_rules import KEY
from settings.resilience.experiment_targets import MAX_APPS, experiment_apps
from settings.stack import Settings

_IN_ZONE = (STOP_INSTANCES, SEND_COMMAND, INTERRUPT_SPOT, REFUSE_LAUNCHES)
"""Actions on the nodes or node groups of a zone."""
_ON_SUBNETS = (DISRUPT_SUBNETS, DISRUPT_REGION)
"""Actions on subnets."""


def _pod_deletion(settings: Settings, today: date) -> Iterator[Caution]:
    if "delete-pods" not in settings.resilience.experiments.enabled:
        return
    yield Caution(
        key=f"{KEY}.enabled",
        text="pod actions of FIS fail for pods with a read-only root file system, such as those of "
        "a cell; AWS does not document whether this applies to delete-pods, which starts no "
        "container in the pods; run it in a test cell first",
    )
    apps = experiment_apps(settings)
    if len(apps) > MAX_APPS:
        yield Caution(
            key=f"{KEY}.enabled",
            text=f"delete-pods acts on {MAX_APPS} apps, because FIS runs at most {MAX_APPS + 1} "
            f"actions at once; it leaves out {', '.join(apps[MAX_APPS:])}",
        )


def _packages(settings: Settings, today: date) -> Iterator[Caution]:
    commands = [
        name
        for name in settings.resilience.experiments.enabled
        if any(action.document for action in EXPERIMENTS[name].actions)
    ]
    if commands and settings.network.nat == "none" and settings.network.existing is None:
        yield Caution(
            key=f"{KEY}.enabled",
            text=f"{', '.join(commands)} install packages on nodes, which reach the repositories "
            "of Amazon Linux through the S3 endpoint only; run them in a test cell first",
        )


def _quotas(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution for each quota of FIS below the targets that a zone has at least.

    The quotas are the defaults of AWS: the value of the account is unknown here.
    """
    experiments: dict[str, list[str]] = {}
    for name in settings.resilience.experiments.enabled:
        for action in EXPERIMENTS[name].actions:
            if action.id in _IN_ZONE:
                experiments.setdefault(action.id, []).append(name)
    for id_, names in experiments.items():
        (kind, least, most), fact = _targets(settings, id_), ACTIONS[id_]
        if fact.quota is not None and least > fact.quota:
            yield Caution(
                key=f"{KEY}.enabled",
                text=f"a zone has at least {least} {kind}, but {', '.join(names)} can act on "
                f"{fact.quota}, unless the quota was raised: aws service-quotas "
                f"request-service-quota-increase --service-code fis --quota-code "
                f"{fact.quota_code} --desired-value {most} --region {settings.aws.region}",
            )


def _targets(settings: Settings, action: str) -> tuple[str, int, int]:
    """Returns the kind of the targets of an action, and their minimum and maximum in a zone."""
    if action == REFUSE_LAUNCHES:
        return "node groups", len(settings.pools), len(settings.pools)
    sizes = [
        pool.per_zone
        for pool in settings.pools.values()
        if action != INTERRUPT_SPOT or pool.capacity_type == "SPOT"
    ]
    return "nodes", sum(each.min for each in sizes), sum(each.max for each in sizes)


def _shared_subnets(settings: Settings, today: date) -> Iterator[Caution]:
    cutting = [
        name
        for name in settings.resilience.experiments.enabled
        if any(action.id in _ON_SUBNETS for action in EXPERIMENTS[name].actions)
    ]
    if cutting and settings.network.existing:
        yield Caution(
            key=f"{KEY}.enabled",
            text=f"{listed(cutting)}: subnets of an existing VPC are cut off, with everything else "
            "in them; give the cell subnets of its own",
        )


CAUTIONS = (
    CautionRule("HA962", "FIS can delete the pods of the cell's apps.", _pod_deletion),
    CautionRule("HA963", "Nodes can install the packages that experiments need.", _packages),
    CautionRule("HA964", "Experiments act on all nodes of a zone.", _quotas),
    CautionRule("HA965", "Experiments cut off only what belongs to the cell.", _shared_subnets),
)
