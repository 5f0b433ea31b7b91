"""Versions of EKS add-ons."""

import tomllib
from pathlib import Path

ADD_ON_NAMES = (
    "amazon-cloudwatch-observability",
    "aws-ebs-csi-driver",
    "coredns",
    "eks-node-monitoring-agent",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "vpc-cni",
)
"""EKS add-ons of every cell, as `aws eks describe-addon-versions` names them."""

ADD_ON_VERSION = r"v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+"
"""Pattern of the version of an EKS add-on."""

ADD_ON_PINS = Path(__file__).with_name("add_ons.toml")
"""File of the pinned versions, which `make bump WRITE=1` writes."""

ADD_ONS: dict[str, dict[str, str]] = tomllib.loads(ADD_ON_PINS.read_text(encoding="utf-8"))
"""Version of each pinned EKS add-on, by Kubernetes minor version.

Only AWS knows the builds that EKS offers. An add-on without a pin is created with the default
version of EKS for the Kubernetes version and keeps it; preview lists it as unpinned.
"""
