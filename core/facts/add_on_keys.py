"""Configuration keys of EKS add-ons that the program sets, each with the file that defines the key.

EKS refuses a key that the schema of the add-on does not have.
docs/decisions/0008-a-test-lists-every-chart-and-add-on-key.md
"""

from collections.abc import Iterator, Mapping, Set
from typing import cast

from core.facts.versions.add_ons import CLOUDWATCH_OBSERVABILITY, major_and_minor

ADD_ON_KEYS: Mapping[str, Set[str]] = {
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
    "amazon-cloudwatch-observability": {
        "agents",
        # https://github.com/aws-observability/helm-charts/blob/amazon-cloudwatch-observability-6.2.0/charts/amazon-cloudwatch-observability/values.yaml
        "applicationSignals.enabled",
        "containerInsights.enabled",
        "otelContainerInsights.enabled",
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/eks-observability-addon-otlp-endpoint.html
        "otlp.enabled",
        "containerLogs.enabled",
        "containerLogs.fluentBit.config.extraFiles",
        "manager.applicationSignals.autoMonitor.monitorAllServices",
        "tolerations",
    },
    # Schema of the add-on: https://github.com/turbot/steampipe-plugin-aws/pull/1514
    "aws-ebs-csi-driver": {"controller.extraVolumeTags"},
    # https://github.com/aws/containers-roadmap/issues/2758 and
    # https://github.com/kubernetes-sigs/aws-efs-csi-driver/issues/1628
    "aws-efs-csi-driver": {
        "controller.resources.requests.cpu",
        "controller.resources.requests.memory",
    },
    # https://github.com/aws/secrets-store-csi-driver-provider-aws/blob/secrets-store-csi-driver-provider-aws-2.1.1/charts/secrets-store-csi-driver-provider-aws/values.yaml
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/ascp-eks-installation.html: the
    # add-on does not validate the keys of the driver, which are in
    # https://github.com/kubernetes-sigs/secrets-store-csi-driver/blob/v1.6.0/charts/secrets-store-csi-driver/values.yaml
    "aws-secrets-store-csi-driver-provider": {
        "priorityClassName",
        "tolerations",
        "secrets-store-csi-driver.linux.priorityClassName",
    },
    # https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html and
    # https://aws.amazon.com/blogs/containers/recent-changes-to-the-coredns-add-on
    "coredns": {
        "autoScaling.enabled",
        "autoScaling.maxReplicas",
        "autoScaling.minReplicas",
        "corefile",
        "podDisruptionBudget.enabled",
        "podDisruptionBudget.maxUnavailable",
        "topologySpreadConstraints",
    },
    # https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/charts/aws-vpc-cni/values.yaml
    # https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/charts/aws-vpc-cni/templates/eniconfig.yaml
    # https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
    "vpc-cni": {
        "enableNetworkPolicy",
        "eniConfig.create",
        "eniConfig.region",
        "eniConfig.subnets",
        "env.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG",
        "env.ENABLE_PREFIX_DELEGATION",
        "env.ENI_CONFIG_LABEL_DEF",
        "env.WARM_PREFIX_TARGET",
    },
}
"""Keys of each add-on, with dots."""

_SINCE = {
    (CLOUDWATCH_OBSERVABILITY, "applicationSignals"): (6, 2),
    (CLOUDWATCH_OBSERVABILITY, "containerInsights"): (6, 2),
    (CLOUDWATCH_OBSERVABILITY, "otelContainerInsights"): (6, 2),
    (CLOUDWATCH_OBSERVABILITY, "otlp"): (8, 0),
}
"""First version with a key, by add-on and the first part of the key. Other keys: any version."""

_FREE_NAMES = {
    "containerLogs.fluentBit.config.extraFiles", "controller.extraVolumeTags", "eniConfig.subnets",
}  # fmt: skip
"""Keys with a mapping whose names the user chooses."""


def key_paths(configuration: Mapping[str, object], parent: str = "") -> Iterator[str]:
    """Yields the path of every value of a configuration, with dots."""
    for key, value in configuration.items():
        path = f"{parent}.{key}".removeprefix(".")
        if isinstance(value, Mapping) and path not in _FREE_NAMES:
            yield from key_paths(cast("Mapping[str, object]", value), path)
        else:
            yield path


def has_key(add_on: str, version: str, key: str) -> bool:
    """True if a version of an add-on is known to have a configuration key."""
    since = _SINCE.get((add_on, key.partition(".")[0]), (0, 0))
    return key in ADD_ON_KEYS.get(add_on, set()) and major_and_minor(version) >= since
