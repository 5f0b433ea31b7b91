"""`ha-eks:cluster`: the control plane."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.facts.versions import KUBERNETES
from settings.cluster.add_ons import AddOnName, AddOnOverride
from settings.network.network import Cidr
from settings.observability.retention import RetentionDays
from settings.reading.section import Section, Unique, refuse

LogType = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]

_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/(?P<path>[\w+=,.@/-]+)")


def _principal(value: str) -> str:
    if not _PRINCIPAL.fullmatch(value):
        raise refuse("the ARN of an IAM role or user, such as arn:aws:iam::123456789012:role/ops")
    return value


def _version(value: str) -> str:
    if value not in KUBERNETES:
        raise refuse(f"a Kubernetes version in standard support, quoted: {', '.join(KUBERNETES)}")
    return value


Principal = Annotated[str, AfterValidator(_principal)]
"""ARN of an IAM role or user."""


class Cluster(Section):
    """The EKS control plane: version, who may reach it, what it logs."""

    version: Annotated[str, AfterValidator(_version)]
    """Kubernetes minor, quoted: "1.36"."""

    public_access_cidrs: tuple[Cidr, ...] = ()
    """Networks that reach the public endpoint; none: there is no public endpoint. The private
    one is always there."""

    public_access_from_anywhere: bool = False
    """Says so when `publicAccessCidrs` opens the endpoint to the whole internet."""

    deployer: Principal | None = None
    """Who deploys the stack, and is cluster admin; default: whoever runs Pulumi."""

    admins: Annotated[tuple[Principal, ...], Unique] = ()
    """Who else is cluster admin."""

    viewers: Annotated[tuple[Principal, ...], Unique] = ()
    """Who reads workloads, logs and events in all namespaces, and no Secrets."""

    editors: dict[str, Annotated[tuple[Principal, ...], Field(min_length=1), Unique]] = Field(
        default_factory=dict[str, tuple[Principal, ...]]
    )
    """Who changes the workloads of an app, by the app's name, which is its namespace's."""

    add_ons: dict[AddOnName, AddOnOverride] = Field(default_factory=dict[str, AddOnOverride])
    """Version and configuration of EKS add-ons, by the add-on's name."""

    log_types: Annotated[tuple[LogType, ...], Unique] = (
        "api", "audit", "authenticator", "controllerManager", "scheduler",
    )  # fmt: skip
    """Control-plane logs that go to CloudWatch."""

    log_retention_days: RetentionDays = 90
    """How long they are kept."""

    deletion_protection: bool = True
    """Whether AWS refuses to delete the cluster until this is turned off."""

    zonal_shift: bool = True
    """Whether traffic in the cluster can be shifted away from a zone (ARC zonal shift)."""

    control_plane_tier: Literal["standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl"] = (
        "standard"
    )
    """Capacity that EKS holds ready for the control plane."""

    secrets_key_deletion_days: Annotated[int, Field(ge=7, le=30)] = 30
    """Days between the deletion of the key that encrypts secrets and its end."""
