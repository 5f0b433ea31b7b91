"""A pod of an app: how it starts, where it goes, how it ends."""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import core, meta

from components.images import Pulled
from components.labels import HOST, NAME, ZONE
from components.placement import on_pool, staying, tolerations
from components.restricted import container_security, pod_security
from settings.apps import App
from settings.names import MAIN_PORT
from settings.pools import Pool

_STARTUP_PERIOD = 2

_OF_ITS_VERSION = ["pod-template-hash"]

_OFF_ITS_ZONES, _OFF_ITS_NODES, _NEAR = 100, 10, 20
"""Weights, for each pod that is there; the first two count twice, as that pod has them too. So a
pod more in a zone weighs as much as ten more on a node, or ten of those to be near to."""


def pod_spec(
    name: str, app: App, pulled: Pulled, pool: Pool | None, priority_class: pulumi.Input[str]
) -> core.v1.PodSpecArgs:
    """The pod of the app `name`, on `pool` if it names one."""
    return core.v1.PodSpecArgs(
        service_account_name=name,
        automount_service_account_token=False,
        enable_service_links=False,
        priority_class_name=priority_class,
        termination_grace_period_seconds=app.drain.grace,
        node_selector=on_pool(app.pool) or None,
        tolerations=[*tolerations(pool), *staying(app.toleration_seconds)],
        topology_spread_constraints=[_over_zones(name)],
        affinity=_affinity(name, app),
        security_context=pod_security(app.run_as_user, app.run_as_group),
        containers=[_container(name, app, pulled)],
        volumes=[
            core.v1.VolumeArgs(
                name=f"scratch-{number}",
                empty_dir=core.v1.EmptyDirVolumeSourceArgs(size_limit=size),
            )
            for number, size in enumerate(app.scratch.values())
        ]
        or None,
    )


def _container(name: str, app: App, pulled: Pulled) -> core.v1.ContainerArgs:
    return core.v1.ContainerArgs(
        name=name,
        image=pulled(app.image),
        image_pull_policy="IfNotPresent",
        command=list(app.command) or None,
        args=list(app.args) or None,
        env=[core.v1.EnvVarArgs(name=key, value=value) for key, value in app.env.items()] or None,
        ports=[
            core.v1.ContainerPortArgs(name=port_name, container_port=port, protocol="TCP")
            for port_name, port in app.ports.items()
        ],
        startup_probe=_probe(
            app.probes.liveness.path,
            period=_STARTUP_PERIOD,
            failures=-(-app.probes.startup_seconds // _STARTUP_PERIOD),
        ),
        # Traffic goes before the container does: readiness fails after 10 s, liveness after 30.
        readiness_probe=_probe(app.probes.readiness.path, period=5, failures=2),
        liveness_probe=_probe(app.probes.liveness.path, period=10, failures=3),
        lifecycle=core.v1.LifecycleArgs(
            pre_stop=core.v1.LifecycleHandlerArgs(
                sleep=core.v1.SleepActionArgs(seconds=app.drain.pre_stop)
            )
        ),
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": app.requests.cpu, "memory": app.requests.memory},
            limits={"memory": app.requests.memory},
        ),
        security_context=container_security(),
        volume_mounts=[
            core.v1.VolumeMountArgs(name=f"scratch-{number}", mount_path=path)
            for number, path in enumerate(app.scratch)
        ]
        or None,
    )


def _probe(path: str | None, *, period: int, failures: int) -> core.v1.ProbeArgs:
    """Asks the main port: GET of a path, or a connection."""
    return core.v1.ProbeArgs(
        http_get=core.v1.HTTPGetActionArgs(path=path, port=MAIN_PORT) if path else None,
        tcp_socket=None if path else core.v1.TCPSocketActionArgs(port=MAIN_PORT),
        period_seconds=period,
        timeout_seconds=2,
        failure_threshold=failures,
    )


def _over_zones(name: str) -> core.v1.TopologySpreadConstraintArgs:
    """Evenly over zones where that can be: a strict spread would leave pods pending when one is
    lost. Each version by itself, so that a rolling update ends even too.

    The descheduler evicts by it. With Honor, a zone whose nodes are all cordoned is none that pods
    are missing in.
    """
    return core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=ZONE,
        when_unsatisfiable="ScheduleAnyway",
        node_taints_policy="Honor",
        label_selector=meta.v1.LabelSelectorArgs(match_labels={NAME: name}),
        match_label_keys=_OF_ITS_VERSION,
    )


def _affinity(name: str, app: App) -> core.v1.AffinityArgs:
    """A zone with fewer of the app before all else, then a node with fewer, then one that runs
    the app that it wants to be near.

    docs/decisions/0024-zones-before-nodes.md
    """
    return core.v1.AffinityArgs(
        pod_anti_affinity=core.v1.PodAntiAffinityArgs(
            required_during_scheduling_ignored_during_execution=(
                [_term(name, HOST)] if app.spread.alone else None
            ),
            preferred_during_scheduling_ignored_during_execution=[
                _weighted(_OFF_ITS_ZONES, _term(name, ZONE, _OF_ITS_VERSION)),
                _weighted(_OFF_ITS_NODES, _term(name, HOST, _OF_ITS_VERSION)),
            ],
        ),
        pod_affinity=core.v1.PodAffinityArgs(
            preferred_during_scheduling_ignored_during_execution=[
                _weighted(_NEAR, _term(app.near, HOST))
            ]
        )
        if app.near
        else None,
    )


def _weighted(
    weight: int, term: core.v1.PodAffinityTermArgs
) -> core.v1.WeightedPodAffinityTermArgs:
    return core.v1.WeightedPodAffinityTermArgs(weight=weight, pod_affinity_term=term)


def _term(app: str, key: str, version: Sequence[str] | None = None) -> core.v1.PodAffinityTermArgs:
    """The zones or nodes that run an app, which is in the namespace of its name."""
    return core.v1.PodAffinityTermArgs(
        topology_key=key,
        namespaces=[app],
        label_selector=meta.v1.LabelSelectorArgs(match_labels={NAME: app}),
        match_label_keys=version,
    )
