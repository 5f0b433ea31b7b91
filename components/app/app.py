"""The objects of an app, in the order in which they have to be there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apiextensions, apps, core, meta, policy

from components.app import volume
from components.app.deployment import Rollout, deployment
from components.app.files import config_map
from components.app.identity import identity
from components.app.network_policy import Surroundings, network_policy
from components.app.pod import PodArgs
from components.app.pod_autoscaler import AutoscalerArgs, autoscaler
from components.app.telemetry import Telemetry
from components.autoscaling import PriorityClasses
from components.cell_context import ClusterContext
from components.images import ImageResolver
from components.labels import APP_PODS, NAME
from components.load_balancing import Target
from components.pod_security import restricted_namespace
from components.prometheus import Source
from settings.app.apps import App as AppSettings
from settings.pool.pools import Pool


@dataclass(frozen=True, kw_only=True)
class AppArgs:
    """What an app needs."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    app: AppSettings
    """The stack file's settings of the app."""
    callers: Sequence[str]
    """Names of the apps that connect to this app."""
    callees: Mapping[str, Sequence[str]]
    """Names of the apps that this app connects to, each with the names of its ports."""
    resolve_image: ImageResolver
    """Where its image is pulled from."""
    zones: int
    """Zones that the claim counts with."""
    pool: Pool | None
    """Pool that the app names; None: any pool without taints."""
    node_provision_minutes: int
    """How long a pod may wait for a node."""
    prefers_same_zone: bool
    """Whether those who talk to it are sent to its pods in their own zone."""
    load_balancer_cidrs: Sequence[str]
    """Where the load balancer is."""
    control_plane_cidrs: Sequence[str]
    """Where the Kubernetes API is, and whoever scrapes metrics."""
    priority_classes: PriorityClasses
    """Who makes whom give way."""
    storage: Sequence[pulumi.Resource]
    """What volumes are made with."""
    after: Sequence[pulumi.Resource]
    """What scales its pods, the nodes for them, and on those what keeps to network policies."""
    target: Target | None
    """Where its pods are registered; None if nothing is exposed."""
    source: Source | None
    """Who answers queries; None if no app has any."""
    sampled_percent: float
    """Percentage of requests that are traced, 0 to 100."""


class App(pulumi.ComponentResource):
    """Namespace with its network policy, ServiceAccount and maybe a role in AWS, Service, binding,
    disruption budget, files, volume, Deployment, autoscaler.

    The component's name is the app's, and the namespace's.
    """

    serving: Sequence[pulumi.Resource]
    """What is there when the app serves."""

    def __init__(
        self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:App", name, None, opts)
        self._name = name
        app, child = args.app, pulumi.ResourceOptions(parent=self)
        # The webhook gives a pod its readiness gate in namespaces with this label only.
        gate = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"} if args.target else {}
        self._space = restricted_namespace(name, name, child, gate)
        around = Surroundings(
            app=app,
            callers=args.callers,
            callees=args.callees,
            load_balancer_cidrs=args.load_balancer_cidrs,
            control_plane_cidrs=args.control_plane_cidrs,
            scraped=args.source is not None,
        )
        # It goes before whatever keeps to it.
        later = pulumi.ResourceOptions(parent=self, depends_on=args.after)
        walls = network_policy(name, around, self._metadata(), later)
        account = core.v1.ServiceAccount(
            name, metadata=self._metadata(), automount_service_account_token=False, opts=child
        )
        role = identity(name, app.policies, args.context.cluster_name, child)
        service = self._service(app, args.prefers_same_zone)
        before = [walls, account, service, self._budget(app, args.zones), *args.after]
        before += role.ready if role else []
        if args.target:
            before.append(self._binding(app, args.target, service))
        texts = config_map(name, app.files, self._space.metadata.name, child) if app.files else None
        kept = (
            volume.claim(name, app.volume, self._metadata(), args.storage, self)
            if app.volume
            else None
        )
        workload = deployment(
            name,
            app,
            PodArgs(
                image=args.resolve_image(app.image),
                pool=args.pool,
                priority_class=_priority_class(app, args.priority_classes),
                files=texts and texts.metadata.name,
                claim=kept and kept.metadata.name,
                telemetry=Telemetry(context=args.context, sampled_percent=args.sampled_percent),
            ),
            Rollout(
                zones=args.zones,
                node_seconds=args.node_provision_minutes * 60,
                identity=role and role.id,
            ),
            self._metadata(),
            pulumi.ResourceOptions(parent=self, depends_on=before),
        )
        scalers = [] if app.volume else [self._autoscaler(app, args, workload)]
        self.serving = [workload, *scalers]
        self.register_outputs({})

    def _metadata(self, annotations: Mapping[str, str] | None = None) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(
            name=self._name,
            namespace=self._space.metadata.name,
            labels={NAME: self._name, **APP_PODS},
            annotations=annotations,
        )

    def _service(self, app: AppSettings, prefers_same_zone: bool) -> core.v1.Service:
        return core.v1.Service(
            self._name,
            # Pulumi would wait for the pods, which wait for the Service.
            metadata=self._metadata({"pulumi.com/skipAwait": "true"}),
            spec=core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector={NAME: self._name},
                traffic_distribution="PreferSameZone" if prefers_same_zone else None,
                ports=[
                    core.v1.ServicePortArgs(name=name, port=port, target_port=name, protocol="TCP")
                    for name, port in app.ports.items()
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _binding(
        self, app: AppSettings, target: Target, service: core.v1.Service
    ) -> apiextensions.CustomResource:
        """Registers the pods in the target group; there before them, so that they get their gate.

        https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/apis/elbv2/v1beta1/targetgroupbinding_types.go
        """
        return apiextensions.CustomResource(
            self._name,
            api_version="elbv2.k8s.aws/v1beta1",
            kind="TargetGroupBinding",
            metadata=self._metadata(),
            spec={
                "serviceRef": {"name": self._name, "port": app.port},
                "targetGroupARN": target.arn,
                "targetType": "ip",
                # Without it, the controller deregisters what it does not find in its cluster.
                "multiClusterTargetGroup": True,
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[service, *target.ready]),
        )

    def _budget(self, app: AppSettings, zones: int) -> policy.v1.PodDisruptionBudget:
        """As many pods may be evicted at once as a lost zone would take."""
        return policy.v1.PodDisruptionBudget(
            self._name,
            metadata=self._metadata(),
            spec=policy.v1.PodDisruptionBudgetSpecArgs(
                selector=meta.v1.LabelSelectorArgs(match_labels={NAME: self._name}),
                max_unavailable=app.disruption_budget(zones),
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _autoscaler(
        self, app: AppSettings, args: AppArgs, workload: apps.v1.Deployment
    ) -> pulumi.Resource:
        return autoscaler(
            self._name,
            AutoscalerArgs(
                app=app,
                zones=args.zones,
                deployment=workload,
                metadata=self._metadata,
                source=args.source,
            ),
            self,
        )


def _priority_class(app: AppSettings, classes: PriorityClasses) -> pulumi.Output[str]:
    return classes.critical if app.critical else classes.default
