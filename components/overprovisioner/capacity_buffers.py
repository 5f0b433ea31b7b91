"""Room that the Cluster Autoscaler keeps by itself: CapacityBuffers, and their pods' shape.

https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/apis/capacitybuffer/autoscaling.x-k8s.io/v1beta1/types.go
"""

import pulumi
from pulumi_kubernetes import apiextensions, core, meta

from components.images import Pulled
from components.overprovisioner.capacity_buffer_crd import GROUP, KIND, VERSION
from components.overprovisioner.pause_pods import Held, pod_template
from components.priority_classes import GIVES_WAY

_STRATEGY = "buffer.x-k8s.io/active-capacity"


def buffer(
    logical_name: str,
    of: Held,
    zone: str,
    space: pulumi.Input[str],
    priority_class: pulumi.Input[str],
    pulled: Pulled,
    opts: pulumi.ResourceOptions,
) -> None:
    """Room for some pods in a zone. Its template says their priority as a number too: without a
    dry run, the autoscaler reads nothing else."""
    metadata = meta.v1.ObjectMetaArgs(
        name=f"{of.name}-{zone}", namespace=space, labels=of.labels(zone)
    )
    template = core.v1.PodTemplate(
        logical_name,
        metadata=metadata,
        template=pod_template(
            of, zone, priority_class=priority_class, priority=GIVES_WAY, pulled=pulled
        ),
        opts=opts,
    )
    apiextensions.CustomResource(
        logical_name,
        api_version=f"{GROUP}/{VERSION}",
        kind=KIND,
        metadata=metadata,
        spec={
            "provisioningStrategy": _STRATEGY,
            "podTemplateRef": {"name": template.metadata.name},
            "replicas": of.pods,
        },
        opts=opts,
    )
