"""The autoscaler of an app: a HorizontalPodAutoscaler, or a ScaledObject of KEDA for queries and
queues.

Pulumi ignores the replicas of an existing Deployment, so that only the autoscaler sets them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apiextensions, autoscaling, meta

from components.app.keda_triggers import triggers
from components.prometheus import Source
from settings.workload.replicated import Replicated
from settings.workload.scaling import Scaling

_V2 = autoscaling.v2

_Metadata = Callable[[Mapping[str, str] | None], meta.v1.ObjectMetaArgs]


@dataclass(frozen=True, kw_only=True)
class AutoscalerArgs:
    """Arguments of an app's autoscaler."""

    app: Replicated
    """The workload in the stack file."""
    zones: int
    """Number of zones that the minimum is calculated for."""
    after: Sequence[pulumi.Resource]
    """The Deployment, if a ScaledObject is registered after it: KEDA's webhook requires an existing
    Deployment. A Deployment that has served is not listed, so that a new minimum does not wait for
    pods that do not become ready."""
    metadata: _Metadata
    """Returns the metadata of an object of the app, with some annotations."""
    source: Source | None
    """Prometheus server for queries; None: no app has queries."""
    keda: pulumi.Resource | None
    """The release of KEDA; None: no app has queries or queues."""


def autoscaler(name: str, args: AutoscalerArgs, parent: pulumi.Resource) -> pulumi.Resource:
    """Creates the autoscaler of the app `name`."""
    if not args.app.scaling.by_keda:
        return _horizontal_pod_autoscaler(name, args, parent)
    if args.keda is None:
        raise ValueError(f"{name} scales on queries or queues, but there is no KEDA")
    return _scaled_object(name, args, args.keda, parent)


def _horizontal_pod_autoscaler(
    name: str, args: AutoscalerArgs, parent: pulumi.Resource
) -> pulumi.Resource:
    return _V2.HorizontalPodAutoscaler(
        name,
        # When the app gets a query or queue, KEDA's webhook must accept the ScaledObject while this
        # HorizontalPodAutoscaler still exists.
        metadata=args.metadata({"validations.keda.sh/hpa-ownership": "false"}),
        spec=_V2.HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=_V2.CrossVersionObjectReferenceArgs(
                api_version="apps/v1", kind="Deployment", name=name
            ),
            min_replicas=args.app.replicas.minimum(args.zones),
            max_replicas=args.app.replicas.max,
            metrics=[
                _metric(resource, target, name if args.app.scales_on_container else None)
                for resource, target in args.app.scaling.resource_targets(args.zones)
            ],
            behavior=_behavior(args.app.scaling),
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _scaled_object(
    name: str, args: AutoscalerArgs, keda: pulumi.Resource, parent: pulumi.Resource
) -> pulumi.Resource:
    """Creates a ScaledObject, from which KEDA creates a HorizontalPodAutoscaler keda-hpa-NAME.

    docs/decisions/0021-keda-and-pulumi-autoscalers-have-different-names.md

    https://github.com/kedacore/keda/blob/v2.20.2/apis/keda/v1alpha1/scaledobject_types.go
    """
    least, scaling = args.app.replicas.minimum(args.zones), args.app.scaling
    authentication = apiextensions.CustomResource(
        name,
        api_version="keda.sh/v1alpha1",
        kind="TriggerAuthentication",
        metadata=args.metadata(None),
        spec={"podIdentity": {"provider": "aws"}},
        # KEDA removes the finalizer, so the object must be deleted before KEDA.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=keda),
    )
    return apiextensions.CustomResource(
        name,
        api_version="keda.sh/v1alpha1",
        kind="ScaledObject",
        # Ready once its autoscaler exists. Pulumi deletes the old autoscaler after that.
        metadata=args.metadata({"pulumi.com/waitFor": "condition=Ready"}),
        spec={
            "scaleTargetRef": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": name,
            },
            "minReplicaCount": least,
            "maxReplicaCount": args.app.replicas.max,
            # A failed query requests the current number of pods:
            # docs/decisions/0023-a-failed-query-does-not-scale-down-an-app.md
            "fallback": {
                "failureThreshold": 3,
                "replicas": least,
                "behavior": "currentReplicasIfHigher",
            },
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": _behavior(scaling)}},
            "triggers": [*triggers(name, args.app, args.zones, args.source)],
        },
        opts=pulumi.ResourceOptions(
            parent=parent,
            depends_on=[
                keda,
                *(args.source.ready if scaling.prometheus and args.source else ()),
                authentication,
                *args.after,
            ],
        ),
    )


def _metric(resource: str, percent: int, container: str | None) -> autoscaling.v2.MetricSpecArgs:
    """Returns a metric of pods, or of one of their containers."""
    target = _V2.MetricTargetArgs(type="Utilization", average_utilization=percent)
    if container is None:
        source = _V2.ResourceMetricSourceArgs(name=resource, target=target)
        return _V2.MetricSpecArgs(type="Resource", resource=source)
    container_source = _V2.ContainerResourceMetricSourceArgs(
        name=resource, container=container, target=target
    )
    return _V2.MetricSpecArgs(type="ContainerResource", container_resource=container_source)


def _behavior(scaling: Scaling) -> autoscaling.v2.HorizontalPodAutoscalerBehaviorArgs:
    """Returns the rates of scaling up and down."""
    up, down = scaling.up, scaling.down
    return _V2.HorizontalPodAutoscalerBehaviorArgs(
        scale_up=_V2.HPAScalingRulesArgs(
            stabilization_window_seconds=up.stabilization_seconds,
            select_policy="Max",
            policies=[
                _policy("Percent", up.percent, up.period_seconds),
                _policy("Pods", up.pods, up.period_seconds),
            ],
        ),
        scale_down=_V2.HPAScalingRulesArgs(
            stabilization_window_seconds=down.stabilization_seconds,
            policies=[_policy("Percent", down.percent, down.period_seconds)],
        ),
    )


def _policy(type_: str, value: int, period: int) -> autoscaling.v2.HPAScalingPolicyArgs:
    return _V2.HPAScalingPolicyArgs(type=type_, value=value, period_seconds=period)
