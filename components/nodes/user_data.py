"""User data of nodes with Amazon Linux 2023: what nodeadm merges into the kubelet's settings.

https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/doc/api.md
https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
"""

import base64
from collections.abc import Mapping

import yaml

from settings.pool.kubelet import Kubelet, Reserved

_BOUNDARY = "ha-eks"


def user_data(kubelet: Kubelet) -> str | None:
    """A MIME document in base64, the same bytes for the same settings; None: nothing to tell."""
    if kubelet == Kubelet():
        return None
    document = {
        "apiVersion": "node.eks.aws/v1alpha1",
        "kind": "NodeConfig",
        "spec": {"kubelet": {"config": _kubelet_configuration(kubelet)}},
    }
    text = "\n".join(
        (
            "MIME-Version: 1.0",
            f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
            "",
            f"--{_BOUNDARY}",
            "Content-Type: application/node.eks.aws",
            "",
            yaml.safe_dump(document),
            f"--{_BOUNDARY}--",
            "",
        )
    )
    return base64.b64encode(text.encode()).decode()


def _kubelet_configuration(kubelet: Kubelet) -> Mapping[str, object]:
    """https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"""
    config: dict[str, object] = {
        "shutdownGracePeriod": f"{kubelet.shutdown_grace_seconds}s",
        "shutdownGracePeriodCriticalPods": f"{kubelet.shutdown_grace_critical_seconds}s",
    }
    for key, reserved in (
        ("systemReserved", kubelet.system_reserved),
        ("kubeReserved", kubelet.kube_reserved),
    ):
        if reserved != Reserved():
            config[key] = reserved.model_dump(exclude_none=True)
    return config
