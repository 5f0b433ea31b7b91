"""The Deployment of an app: rollout strategy, progress deadline and timeouts.

A rollout adds a ready pod before it removes an old one. After a failed rollout, the old version
still serves.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.app.pod_spec import PodArgs, pod_spec
from components.labels import APP_PODS, NAME
from components.observability.agents import EXCLUDED
from core.availability.health_checks import progress_deadline, rollout_seconds
from core.pod_identity import ASSOCIATION
from settings.app.apps import App

_SPARE_SECONDS = 300
"""Time after the exit of the last pod until the Deployment is deleted and its volume detached."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """Settings of a rollout."""

    zones: int
    """Number of zones, including zones that are out: taking a zone out changes no Deployment. It is
    the surge of a rollout."""
    node_seconds: int
    """Maximum time in seconds until a new node is ready."""
    association_id: pulumi.Output[str] | None
    """Id of the Pod Identity association, if the app has an IAM role. A new id rolls
    out new pods."""


def deployment(
    name: str,
    app: App,
    pod: PodArgs,
    settings: Rollout,
    metadata: meta.v1.ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> apps.v1.Deployment:
    """Creates the Deployment of the app `name`.

    A new Deployment starts with the minimum replicas, so that the app can serve its usual load when
    Pulumi goes on. Afterwards Pulumi ignores the replicas, and only the autoscaler sets them. An
    app with a volume has one replica and no autoscaler.
    Pulumi waits for 10 minutes by default, so custom timeouts are set:
    https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/metadata/overrides.go
    https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/deployment.go
    """
    return apps.v1.Deployment(
        name,
        metadata=metadata,
        spec=apps.v1.DeploymentSpecArgs(
            replicas=1 if app.volume else app.replicas.minimum(settings.zones),
            selector=meta.v1.LabelSelectorArgs(match_labels={NAME: name}),
            revision_history_limit=5,
            progress_deadline_seconds=_deadline(app, settings),
            strategy=_strategy(app, settings.zones),
            template=core.v1.PodTemplateSpecArgs(
                metadata=meta.v1.ObjectMetaArgs(
                    labels={NAME: name, **APP_PODS},
                    annotations=_annotations(app, settings) or None,
                ),
                spec=pod_spec(name, app, pod),
            ),
        ),
        opts=pulumi.ResourceOptions.merge(
            opts,
            pulumi.ResourceOptions(
                custom_timeouts=_timeouts(app, settings),
                ignore_changes=None if app.volume else ["spec.replicas"],
            ),
        ),
    )


def _annotations(app: App, settings: Rollout) -> dict[str, pulumi.Input[str]]:
    """Returns the annotations of the pods: the association, the exclusion from log collection."""
    association = {ASSOCIATION: settings.association_id} if settings.association_id else {}
    return {**association, **({} if app.logs.collected else EXCLUDED)}


def _strategy(app: App, zones: int) -> apps.v1.DeploymentStrategyArgs:
    if app.volume:
        return apps.v1.DeploymentStrategyArgs(type="Recreate")
    return apps.v1.DeploymentStrategyArgs(
        type="RollingUpdate",
        rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=zones, max_unavailable=0),
    )


def _deadline(app: App, settings: Rollout) -> int:
    """Returns the seconds without progress after which a rollout has failed.

    With a volume, the old pod has to terminate and its volume to be detached first.
    """
    detach = app.termination.grace + _SPARE_SECONDS if app.volume else 0
    startup = app.probes.startup_seconds
    return detach + progress_deadline(startup=startup, node=settings.node_seconds)


def _timeouts(app: App, settings: Rollout) -> pulumi.CustomTimeouts:
    """Returns the timeouts of Pulumi: for a rollout of all pods, and for their termination."""
    termination = app.termination.grace
    total = rollout_seconds(
        pods=app.replicas.max,
        surge=settings.zones,
        startup=app.probes.startup_seconds,
        termination=termination,
        node=settings.node_seconds,
    )
    longest = f"{max(total, _deadline(app, settings) + _SPARE_SECONDS)}s"
    return pulumi.CustomTimeouts(
        create=longest, update=longest, delete=f"{termination + _SPARE_SECONDS}s"
    )
