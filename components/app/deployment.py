"""The Deployment of an app: how a new version of it comes, and how long that may take.

One that fails leaves the version before serving: of that no pod goes before its successor serves.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.app.pod import PodArgs, pod_spec
from components.labels import APP_PODS, NAME
from components.observability.agents import EXCLUDED
from core.availability.health_checks import progress_deadline, rollout_seconds
from settings.app.apps import App

_IDENTITY = "ha-eks/identity"
"""Of a pod: the association that it has its AWS credentials by."""

_SPARE = 300
"""Seconds in which a Deployment whose pods have all ended is gone, and its volume let go."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """What decides on how a new version comes."""

    zones: int
    """Zones that the claim counts with: as many new pods come at once."""
    node_seconds: int
    """How long a pod may wait for a node."""
    identity: pulumi.Output[str] | None
    """Association of its service account, if it has a role in AWS: another means other pods."""


def deployment(
    name: str,
    app: App,
    pod: PodArgs,
    how: Rollout,
    metadata: meta.v1.ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> apps.v1.Deployment:
    """The Deployment of the app `name`: without `replicas`, which are the autoscaler's, but for the
    one pod that writes to a volume.

    Pulumi waits for 10 minutes, unless it is told otherwise by these options:
    https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/metadata/overrides.go
    https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/deployment.go
    """
    return apps.v1.Deployment(
        name,
        metadata=metadata,
        spec=apps.v1.DeploymentSpecArgs(
            replicas=1 if app.volume else None,
            selector=meta.v1.LabelSelectorArgs(match_labels={NAME: name}),
            revision_history_limit=5,
            progress_deadline_seconds=_deadline(app, how),
            strategy=_strategy(app, how.zones),
            template=core.v1.PodTemplateSpecArgs(
                metadata=meta.v1.ObjectMetaArgs(
                    labels={NAME: name, **APP_PODS},
                    annotations=_annotations(app, how) or None,
                ),
                spec=pod_spec(name, app, pod),
            ),
        ),
        opts=pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(custom_timeouts=_timeouts(app, how))
        ),
    )


def _annotations(app: App, how: Rollout) -> dict[str, pulumi.Input[str]]:
    """What others are told of its pods."""
    identity = {_IDENTITY: how.identity} if how.identity else {}
    return {**identity, **({} if app.logs.collected else EXCLUDED)}


def _strategy(app: App, zones: int) -> apps.v1.DeploymentStrategyArgs:
    if app.volume:
        return apps.v1.DeploymentStrategyArgs(type="Recreate")
    return apps.v1.DeploymentStrategyArgs(
        type="RollingUpdate",
        rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=zones, max_unavailable=0),
    )


def _deadline(app: App, how: Rollout) -> int:
    """Seconds without progress after which a new version has failed. Of a volume, the pod before
    has to let go first."""
    before = app.termination.grace + _SPARE if app.volume else 0
    starts = app.probes.startup_seconds
    return before + progress_deadline(startup=starts, node=how.node_seconds)


def _timeouts(app: App, how: Rollout) -> pulumi.CustomTimeouts:
    """How long Pulumi waits: until all pods are new, and when it goes, until all have ended."""
    termination = app.termination.grace
    whole = rollout_seconds(
        pods=app.replicas.max,
        surge=how.zones,
        startup=app.probes.startup_seconds,
        termination=termination,
        node=how.node_seconds,
    )
    longest = f"{max(whole, _deadline(app, how) + _SPARE)}s"
    return pulumi.CustomTimeouts(create=longest, update=longest, delete=f"{termination + _SPARE}s")
