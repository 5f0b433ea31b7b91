"""Cautions about ha-eks:cluster."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.facts.add_on_pods import ADD_ON_PODS
from core.facts.versions.add_ons import EFS_DRIVER, OPTIONAL_ADD_ONS, SECRETS_DRIVER
from core.facts.versions.kubernetes import KUBERNETES
from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings

_NOTICE = timedelta(days=60)
"""Time before the end of standard support of a Kubernetes version from which there is a caution."""
_NEEDED_BY = {EFS_DRIVER: "sharedVolume", SECRETS_DRIVER: "awsSecrets"}
"""Setting of workloads that needs an optional add-on."""


def _end_of_support(settings: Settings, today: date) -> Iterator[Caution]:
    version = settings.cluster.version
    end = KUBERNETES[version]
    if today + _NOTICE >= end:
        yield Caution(
            key=f"{NAMESPACE}:cluster.version",
            text=f"standard support of Kubernetes {version} ends on {end}, and EKS then upgrades "
            "the control plane automatically; upgrade before that date (docs/upgrade.md)",
        )


def _private_endpoint(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution if Pulumi can reach the Kubernetes API only from inside of the VPC."""
    if settings.cluster.public_access_cidrs:
        return
    if settings.network.existing:
        text = (
            "without it, the Kubernetes API has a private endpoint only: run Pulumi and kubectl in "
            "the VPC, or in a network that is connected to it (docs/access.md)"
        )
    else:
        text = (
            "without it, the Kubernetes API has a private endpoint only, in a VPC that this stack "
            "creates: the first up cannot reach it from outside, and fails at the first Kubernetes "
            "object; set it for the first up, or use network.existing (docs/access.md)"
        )
    yield Caution(key=f"{NAMESPACE}:cluster.publicAccessCidrs", text=text)


def _single_replicas(settings: Settings, today: date) -> Iterator[Caution]:
    for add_on, override in settings.cluster.add_ons.items():
        for each in ADD_ON_PODS[add_on]:
            if each.replicas_key and each.configured_replicas(override.configuration) == 1:
                yield Caution(
                    key=f"{NAMESPACE}:cluster.addOns.{add_on}.configuration.{each.replicas_key}",
                    text=f"{each.name} has one pod, and fails with the zone of that pod; write 2 "
                    "or more",
                )


def _absent_add_ons(settings: Settings, today: date) -> Iterator[Caution]:
    for add_on in settings.cluster.add_ons:
        if add_on in OPTIONAL_ADD_ONS and add_on not in settings.optional_add_ons:
            yield Caution(
                key=f"{NAMESPACE}:cluster.addOns.{add_on}",
                text=f"no workload has {_NEEDED_BY[add_on]}, so that the cell does not have the "
                "add-on",
            )


CAUTIONS = (
    CautionRule(
        "HA901",
        "The Kubernetes version has standard support for at least 60 days.",
        _end_of_support,
    ),
    CautionRule(
        "HA902", "The machine that runs Pulumi reaches the Kubernetes API.", _private_endpoint
    ),
    CautionRule("HA903", "Add-ons run two or more pods.", _single_replicas),
    CautionRule("HA937", "Workloads use the optional add-ons of the stack file.", _absent_add_ons),
)
