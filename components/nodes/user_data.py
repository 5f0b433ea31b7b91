"""User data of Amazon Linux 2023 nodes: kubelet settings that nodeadm merges into its own.

https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/doc/api.md
https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
"""

import base64
from collections.abc import Mapping

import yaml

from settings.pool.kubelet import Kubelet, Reserved

_BOUNDARY = "ha-eks"


def user_data(kubelet: Kubelet) -> str | None:
    """Returns a MIME document in base64; None: the settings are the defaults of the AMI.

    The same settings return the same bytes: changed user data would roll the nodes.
    docs/decisions/0016-user-data-contains-only-differences-from-the-ami.md
    """
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
