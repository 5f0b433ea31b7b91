"""The PodDisruptionBudget of an app."""

import pulumi
from pulumi_kubernetes import meta, policy

from core.labels import NAME
from settings.workload.deployed import Deployed


def disruption_budget(
    name: str,
    app: Deployed,
    zones: int,
    metadata: meta.v1.ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> policy.v1.PodDisruptionBudget:
    """Creates a budget that allows as many evictions at once as the failure of a zone takes pods.

    docs/decisions/0005-the-disruption-budget-equals-the-zone-failure-reserve.md
    """
    return policy.v1.PodDisruptionBudget(
        name,
        metadata=metadata,
        spec=policy.v1.PodDisruptionBudgetSpecArgs(
            selector=meta.v1.LabelSelectorArgs(match_labels={NAME: name}),
            max_unavailable=app.disruption_budget(zones),
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
        opts=opts,
    )
