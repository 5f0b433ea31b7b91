"""Versions of EKS add-ons."""

import tomllib
from pathlib import Path

EFS_DRIVER = "aws-efs-csi-driver"
"""The add-on that mounts shared volumes."""

SECRETS_DRIVER = "aws-secrets-store-csi-driver-provider"
"""The add-on that mounts secrets of Secrets Manager and Parameter Store."""

OPTIONAL_ADD_ONS = (EFS_DRIVER, SECRETS_DRIVER)
"""EKS add-ons of cells with a workload that needs them."""

ADD_ON_NAMES = (
    "amazon-cloudwatch-observability",
    "aws-ebs-csi-driver",
    EFS_DRIVER,
    SECRETS_DRIVER,
    "coredns",
    "eks-node-monitoring-agent",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "vpc-cni",
)
"""EKS add-ons of cells, as `aws eks describe-addon-versions` names them."""

ADD_ON_VERSION = r"v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+"
"""Pattern of the version of an EKS add-on."""

ADD_ON_PINS = Path(__file__).with_name("add_ons.toml")
"""File of the pinned versions, which `make bump WRITE=1` writes."""

ADD_ONS: dict[str, dict[str, str]] = tomllib.loads(ADD_ON_PINS.read_text(encoding="utf-8"))
"""Version of each pinned EKS add-on, by Kubernetes minor version.

Only AWS knows the builds that EKS offers. An add-on without a pin has the default version of EKS
for the Kubernetes version, which the program reads from AWS; preview lists it as unpinned.
"""

CLOUDWATCH_OBSERVABILITY = "amazon-cloudwatch-observability"
"""The add-on whose metrics alarms and dashboard read."""


def major_and_minor(version: str) -> tuple[int, int]:
    """Returns the first two numbers of the version of an add-on, such as (6, 2) of
    v6.2.0-eksbuild.1."""
    major, minor, _ = version.removeprefix("v").split(".", 2)
    return int(major), int(minor)
