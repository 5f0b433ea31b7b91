"""The Deployment of an app: rollout strategy, progress deadline and timeouts.

A rollout adds a ready pod before it removes an old one. After a failed rollout, the old version
still serves.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.app.pod_spec import PodArgs, pod_annotations, pod_spec
from core.labels import APP_PODS, NAME
from settings.singleton.singletons import Singleton
from settings.workload.deployed import Deployed
from settings.workload.replicated import Replicated

_SPARE_SECONDS = 300
"""Time that the Kubernetes API and its controllers may take beyond the time of the pods."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """Settings of a rollout."""

    zones: int
    """Number of zones, including zones that are out: taking a zone out changes no Deployment. It is
    the surge of a rollout."""
    node_seconds: int
    """Maximum time in seconds until a new node is ready."""


def deployment(
    name: str,
    app: Deployed,
    pod: PodArgs,
    settings: Rollout,
    metadata: meta.v1.ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> apps.v1.Deployment:
    """Creates the Deployment of the app `name`.

    A new Deployment starts with the minimum replicas, so that the app can serve its usual load when
    Pulumi goes on. Afterwards Pulumi ignores the replicas, and only the autoscaler sets them. A
    singleton has one replica and no autoscaler.
    Pulumi waits for 10 minutes by default, so custom timeouts are set:
    https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/metadata/overrides.go
    https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/deployment.go
    """
    return apps.v1.Deployment(
        name,
        metadata=metadata,
        spec=apps.v1.DeploymentSpecArgs(
            replicas=app.minimum_replicas(settings.zones),
            selector=meta.v1.LabelSelectorArgs(match_labels={NAME: name}),
            revision_history_limit=5,
            progress_deadline_seconds=app.progress_deadline(settings.node_seconds),
            strategy=_strategy(app, settings.zones),
            template=core.v1.PodTemplateSpecArgs(
                metadata=meta.v1.ObjectMetaArgs(
                    labels={NAME: name, **APP_PODS},
                    annotations={**pod_annotations(app, pod)} or None,
                ),
                spec=pod_spec(name, app, pod),
            ),
        ),
        opts=pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(
                custom_timeouts=_timeouts(app, settings),
                ignore_changes=["spec.replicas"] if isinstance(app, Replicated) else None,
            ),
        ),
    )


def _strategy(app: Deployed, zones: int) -> apps.v1.DeploymentStrategyArgs:
    if isinstance(app, Singleton):
        return apps.v1.DeploymentStrategyArgs(type="Recreate")
    return apps.v1.DeploymentStrategyArgs(
        type="RollingUpdate",
        rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=zones, max_unavailable=0),
    )


def _timeouts(app: Deployed, settings: Rollout) -> pulumi.CustomTimeouts:
    """Returns the timeouts of Pulumi.

    Kubernetes creates all pods of a new Deployment at once, so that its first pods take one
    progress deadline at most. An update replaces the pods in waves, and there can be as many pods
    as the maximum.
    """
    created = app.progress_deadline(settings.node_seconds) + _SPARE_SECONDS
    updated = app.rollout_seconds(
        pods=app.maximum_replicas, surge=settings.zones, node_seconds=settings.node_seconds
    )
    return pulumi.CustomTimeouts(
        create=f"{created}s",
        update=f"{max(updated, created)}s",
        delete=f"{app.termination.grace + _SPARE_SECONDS}s",
    )
