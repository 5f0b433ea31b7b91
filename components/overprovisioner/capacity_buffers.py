"""CapacityBuffers of the overprovisioner: headroom that the Cluster Autoscaler holds without pods.

https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/apis/capacitybuffer/autoscaling.x-k8s.io/v1beta1/types.go
"""

import pulumi
from pulumi_kubernetes import apiextensions, core, meta

from components.images import ImageResolver
from components.overprovisioner.capacity_buffer_crd import GROUP, KIND, VERSION
from components.overprovisioner.pause_pods import ReservedPods, pod_template
from components.priority_classes import HEADROOM_PRIORITY

_STRATEGY = "buffer.x-k8s.io/active-capacity"


def capacity_buffer(
    logical_name: str,
    reserved: ReservedPods,
    zone: str,
    namespace: pulumi.Input[str],
    priority_class: pulumi.Input[str],
    resolve_image: ImageResolver,
    opts: pulumi.ResourceOptions,
) -> None:
    """Creates the CapacityBuffer of an app, or of SYSTEM, in a zone, with its PodTemplate.

    The template contains the priority also as a number: without a dry run, the Cluster Autoscaler
    does not resolve the PriorityClass.
    """
    metadata = meta.v1.ObjectMetaArgs(
        name=f"{reserved.name}-{zone}", namespace=namespace, labels=reserved.labels(zone)
    )
    template = core.v1.PodTemplate(
        logical_name,
        metadata=metadata,
        template=pod_template(
            reserved,
            zone,
            priority_class=priority_class,
            priority=HEADROOM_PRIORITY,
            resolve_image=resolve_image,
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
            "replicas": reserved.pods,
        },
        opts=opts,
    )
