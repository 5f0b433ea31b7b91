"""`ha-eks:cluster`: the EKS control plane."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.availability.burst import AUTOSCALER_SECONDS
from core.facts.versions.kubernetes import KUBERNETES
from settings.cluster.add_ons import AddOnName, AddOnOverride
from settings.network.network import Cidr
from settings.observability.retention import RetentionDays
from settings.reading.section import Section, Unique, refuse

LogType = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]

_PRINCIPAL = re.compile(r"arn:aws:iam::[0-9]{12}:(role|user)/(?P<path>[\w+=,.@/-]+)")


def _principal(value: str) -> str:
    if not _PRINCIPAL.fullmatch(value):
        raise refuse(
            "must be the ARN of an IAM role or user, such as arn:aws:iam::123456789012:role/ops"
        )
    return value


def _version(value: str) -> str:
    if value not in KUBERNETES:
        versions = ", ".join(f'"{version}"' for version in KUBERNETES)
        raise refuse(f"must be a Kubernetes version with standard support ({versions})")
    return value


Principal = Annotated[str, AfterValidator(_principal)]
"""ARN of an IAM role or user, such as `arn:aws:iam::123456789012:role/ops`."""


class Cluster(Section):
    """The EKS control plane: version, access, logs and add-ons."""

    version: Annotated[str, AfterValidator(_version)]
    """Kubernetes minor version with standard support, in quotes, such as `"1.36"`. Required."""

    public_access_cidrs: Annotated[tuple[Cidr, ...], Field(max_length=40), Unique] = ()
    """Public IPv4 networks that can reach the public endpoint of the Kubernetes API, in CIDR
    notation, at most 40. The private endpoint is always enabled. Default: none, so that there is no
    public endpoint, and Pulumi and kubectl must run inside of the VPC or a network that is
    connected to it.
    https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html"""

    public_access_from_anywhere: bool = False
    """Must be true if `publicAccessCidrs` has a network that is larger than a /8, such as
    `0.0.0.0/0`. Default: false."""

    deployer: Principal | None = None
    """ARN of the IAM role or user that deploys the stack. The deployer is a cluster administrator.
    Default: the principal that runs Pulumi when the cell is created, unless `admins` has it. The
    program stores the deployer in a tag of the cluster, so that the default is the same for every
    principal that runs Pulumi later."""

    admins: Annotated[tuple[Principal, ...], Unique] = ()
    """ARNs of IAM roles and users that are cluster administrators in addition to the deployer. List
    every principal that runs Pulumi. Default: none."""

    viewers: Annotated[tuple[Principal, ...], Unique] = ()
    """ARNs of IAM roles and users that can read workloads, logs and events in all namespaces, but
    no Secrets. Default: none."""

    editors: dict[str, Annotated[tuple[Principal, ...], Field(min_length=1), Unique]] = Field(
        default_factory=dict[str, tuple[Principal, ...]]
    )
    """ARNs of IAM roles and users that can change the workloads of an app, by name of the app,
    which is the name of its namespace too. A principal can be an editor of several apps. Default:
    none."""

    add_ons: dict[AddOnName, AddOnOverride] = Field(default_factory=dict[str, AddOnOverride])
    """Versions and configurations of EKS add-ons, by name of the add-on, such as `coredns`.
    Default: the versions and configurations of this program."""

    log_types: Annotated[tuple[LogType, ...], Unique] = (
        "api", "audit", "authenticator", "controllerManager", "scheduler",
    )  # fmt: skip
    """Control plane logs that EKS sends to CloudWatch. Default: all five types."""

    log_retention_days: RetentionDays = 90
    """Retention of the control plane logs in days, one of the values that CloudWatch supports.
    Default: 90."""

    zonal_shift: bool = True
    """True: Amazon Application Recovery Controller (ARC) can shift traffic in the cluster away from
    a zone. Default: true."""

    control_plane_tier: Literal["standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl"] = (
        "standard"
    )
    """Scaling tier of the control plane: `standard`, or the capacity that EKS provisions in
    advance. Default: `standard`."""

    pod_autoscaler_seconds: Annotated[int, Field(ge=10, le=AUTOSCALER_SECONDS)] = AUTOSCALER_SECONDS
    """Seconds between two decisions of the pod autoscaler, 10 to 15. Less than 15 requires a
    `controlPlaneTier` other than `standard`. With 10, the replicas of a burst are created up to 5s
    earlier. Default: 15.
    https://docs.aws.amazon.com/eks/latest/userguide/control-plane-configuration.html"""

    secrets_key_deletion_days: Annotated[int, Field(ge=7, le=30)] = 30
    """Waiting period in days before AWS deletes the KMS key that encrypts Secrets, 7 to 30.
    Default: 30."""
