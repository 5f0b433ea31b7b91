"""The TargetGroupBinding of an exposed app."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import apiextensions, core, meta

from components.load_balancing import Target

GATE_LABELS: Mapping[str, str] = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"}
"""Labels of namespaces in which the controller's webhook adds the readiness gate to pods."""


def target_group_binding(
    name: str,
    port: int,
    target: Target,
    service: core.v1.Service,
    metadata: meta.v1.ObjectMetaArgs,
    parent: pulumi.Resource,
) -> apiextensions.CustomResource:
    """Creates the binding by which the controller registers the pods of a Service.

    The bindings of an app for both load balancers select the same pods, which get a readiness gate
    for each. The binding of the internal one has a name that no app can have.

    The binding must exist before the pods, because the webhook adds a readiness gate only to pods
    that a binding selects.
    https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/apis/elbv2/v1beta1/targetgroupbinding_types.go
    """
    if target.kind == "internal":
        metadata.name = f"{name}.internal"
    return apiextensions.CustomResource(
        f"{name}.internal" if target.kind == "internal" else name,
        api_version="elbv2.k8s.aws/v1beta1",
        kind="TargetGroupBinding",
        metadata=metadata,
        spec={
            "serviceRef": {"name": name, "port": port},
            "targetGroupARN": target.arn,
            "targetType": "ip",
            # Otherwise the controller deregisters targets that are not in its cluster.
            "multiClusterTargetGroup": True,
        },
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[service, *target.ready],
            # The controller refuses another target group in a binding.
            replace_on_changes=["spec.targetGroupARN"],
            delete_before_replace=True,
        ),
    )
