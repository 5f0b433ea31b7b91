"""Device plugins: they advertise the GPUs and Neuron devices of nodes to Kubernetes.

Bottlerocket AMIs contain the plugin for GPUs; all other accelerated nodes need a pod of a plugin.
https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-k8s-device-plugin.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.helm_controller import container_resources, release
from components.images import ImageResolver
from components.pod_security import privileged_namespace
from core.facts.accelerators import Device
from core.facts.system_pods import DEVICE_PLUGINS
from core.facts.versions.charts import NEURON, NVIDIA_DEVICE_PLUGIN, Chart

CHARTS: Mapping[Device, Chart] = {"gpu": NVIDIA_DEVICE_PLUGIN, "neuron": NEURON}
"""Chart of the plugin of each device."""

Plugins = Mapping[Device | None, Sequence[pulumi.Resource]]
"""Resources that pods with a device require, by device; None: no device."""

_NAMESPACE = "device-plugins"
"""Namespace of the plugins, which mount directories of their nodes."""


@dataclass(frozen=True, kw_only=True)
class DevicePluginsArgs:
    """Arguments of DevicePlugins."""

    devices: Sequence[Device]
    """Devices of the cell whose plugin runs in pods."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that pods require: nodes and cluster DNS."""
    resolve_image: ImageResolver
    """Returns the name under which nodes pull an image."""


class DevicePlugins(pulumi.ComponentResource):
    """Creates a release of each plugin, a DaemonSet on the nodes with its devices."""

    releases: Plugins
    """Release of the plugin of each device. Pods that request the device depend on it; other pods
    start also if a plugin fails."""

    def __init__(
        self, name: str, args: DevicePluginsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:DevicePlugins", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        namespace = privileged_namespace(name, _NAMESPACE, child).metadata.name
        self.releases = {
            device: [
                release(
                    f"{name}-{device}",
                    CHARTS[device].name,
                    CHARTS[device],
                    namespace,
                    _values(device, args.resolve_image),
                    pulumi.ResourceOptions(parent=self, depends_on=args.before_pods),
                )
            ]
            for device in args.devices
        }
        self.register_outputs({})


def _values(
    device: Device, resolve_image: ImageResolver
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns the values of the chart of a plugin.

    The charts select the nodes: by the label nvidia.com/gpu.present, and by the instance type. The
    plugins tolerate all taints, because the stack file may add some.
    https://github.com/NVIDIA/k8s-device-plugin/blob/v0.20.0/deployments/helm/nvidia-device-plugin/values.yaml
    https://github.com/aws-neuron/neuron-helm-charts/blob/1.9.0/charts/neuron-helm-chart/values.yaml
    """
    plugin = {
        "image": {"repository": resolve_image(CHARTS[device].image)},
        "tolerations": [{"operator": "Exists"}],
        "resources": container_resources(DEVICE_PLUGINS[device]),
    }
    if device == "gpu":
        return plugin
    # The chart also has a problem detector; EKS repairs nodes by its node monitoring agent.
    return {"devicePlugin": {**plugin, "namespaceOverride": _NAMESPACE}, "npd": {"enabled": False}}
