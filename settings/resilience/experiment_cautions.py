"""Cautions about ha-eks:resilience.experiments."""

from collections.abc import Iterator
from datetime import date

from core.experiments.catalog import EXPERIMENTS
from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.resilience.experiment_rules import KEY
from settings.resilience.experiment_targets import MAX_APPS, experiment_apps
from settings.stack import Settings


def _pod_deletion(settings: Settings, today: date) -> Iterator[Caution]:
    if "delete-pods" not in settings.resilience.experiments.enabled:
        return
    yield Caution(
        key=f"{KEY}.enabled",
        text="AWS documents that pod actions of FIS fail for pods with a read-only root file "
        "system, which the pods of a cell have, but not whether delete-pods, which starts no "
        "container in them, is concerned; run it in a test cell first",
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


CAUTIONS = (
    CautionRule("HA962", "FIS can delete the pods of the cell's apps.", _pod_deletion),
    CautionRule("HA963", "Nodes can install the packages that experiments need.", _packages),
)
