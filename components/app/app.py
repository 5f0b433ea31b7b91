"""An app, worker or singleton: its Kubernetes objects and its IAM role, in the order of their
creation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.app.aws_secrets import secrets_class
from components.app.deployment import Rollout, deployment
from components.app.disruption_budget import disruption_budget
from components.app.files import config_map
from components.app.iam_role import iam_role
from components.app.migration import Migrations, migration_job
from components.app.network_policy import NetworkPolicyArgs, network_policy
from components.app.open_telemetry import Telemetry
from components.app.peers import peers_service
from components.app.pod_autoscaler import AutoscalerArgs, autoscaler
from components.app.pod_spec import PodArgs
from components.app.shared_volume import shared_claim
from components.app.target_group_binding import GATE_LABELS, target_group_binding
from components.app.volume import volume_claim
from components.autoscaling import PriorityClasses
from components.cell_context import ClusterContext
from components.file_systems import SharedFiles
from components.images import ImageResolver
from components.load_balancing import Target
from components.pod_security import restricted_namespace
from components.prometheus import Source
from core.labels import APP_PODS, NAME
from settings.pool.pools import Pool
from settings.reading.names import MAIN_PORT
from settings.singleton.singletons import Singleton
from settings.workload.deployed import Deployed
from settings.workload.replicated import Replicated
from settings.workload.served import Served


@dataclass(frozen=True, kw_only=True)
class AppArgs:
    """Arguments of App."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    app: Deployed
    """The workload in the stack file."""
    callers: Mapping[str, Sequence[str]]
    """Workloads that connect to this app, each with the values of the label NAME of its pods."""
    callees: Mapping[str, Sequence[str]]
    """Names of the apps that this app connects to, each with the names of its ports."""
    resolve_image: ImageResolver
    """Returns the address that nodes pull an image from."""
    zones: int
    """Number of zones, including zones that are out."""
    effective_zones: int
    """Number of zones that replicas and budget are calculated for."""
    awaited: bool
    """True if resources that need the Deployment are registered after it."""
    pool: Pool | None
    """Pool that the app names; None: any pool without taints."""
    node_provision_minutes: int
    """Maximum time in minutes until a new node is ready."""
    prefers_same_zone: bool
    """True if callers are routed to pods in their own zone."""
    control_plane_cidrs: Sequence[str]
    """CIDRs of the Kubernetes API and of the Prometheus scraper."""
    priority_classes: PriorityClasses
    """Names of the PriorityClasses."""
    storage: Sequence[pulumi.Resource]
    """Resources that a volume claim depends on."""
    drivers: Mapping[str, pulumi.Resource]
    """The optional CSI drivers of the cell, by the name of their add-on."""
    shared_files: SharedFiles | None
    """Access point of the shared volume; None: the workload has none."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that pods depend on: metrics, the Cluster Autoscaler, and by them nodes and the
    enforcement of network policies."""
    targets: Sequence[Target]
    """Target groups of the app, one in each load balancer that exposes the app."""
    source: Source | None
    """Prometheus server for queries; None: no app has queries."""
    keda: pulumi.Resource | None
    """The release of KEDA; None: no app has queries or queues."""
    sampled_percent: float
    """Percentage of requests that are traced, 0 to 100."""
    migrations: Migrations | None
    """Migrations of the cell; None: no workload has a migration."""


class App(pulumi.ComponentResource):
    """Creates an app, worker or singleton in its own namespace: NetworkPolicy, ServiceAccount,
    PodDisruptionBudget and Deployment; if it needs them, a Service, an autoscaler, an IAM role, a
    TargetGroupBinding, a ConfigMap of files and a volume.

    Workload, component and namespace have the same name.
    """

    namespace: pulumi.Output[str]
    """Name of the namespace, an output of it."""
    serving: Sequence[pulumi.Resource]
    """Resources that exist once the app serves requests."""

    def __init__(
        self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:App", name, None, opts)
        self._name, self._args = name, args
        app, child = args.app, pulumi.ResourceOptions(parent=self)
        labels: Mapping[str, str] = GATE_LABELS if args.targets else {}
        self.namespace = restricted_namespace(name, name, child, labels).metadata.name
        account = core.v1.ServiceAccount(
            name, metadata=self._metadata(), automount_service_account_token=False, opts=child
        )
        role = iam_role(name, app, args.context.cluster_name, child)
        service = self._service() if isinstance(app, Served) and app.main_port else None
        peers = None
        if isinstance(app, Replicated):
            annotations = {"pulumi.com/skipAwait": "true"}  # as for the Service
            peers = peers_service(name, app, self._metadata(annotations), child)
        before_pods: list[pulumi.Resource] = [
            *args.before_pods,
            *(role.ready if role else ()),
            self._network_policy(),
            account,
            *([service] if service else ()),
            *([peers] if peers else ()),
            *secrets_class(name, app, self.namespace, args.drivers, self),
            disruption_budget(name, app, args.effective_zones, self._metadata(), child),
        ]
        if service:
            port = app.ports[MAIN_PORT]
            before_pods += [
                target_group_binding(name, port, target, service, self._metadata(), self)
                for target in args.targets
            ]
        files = config_map(name, app.files, self.namespace, child) if app.files else None
        claim = None
        if isinstance(app, Singleton) and app.volume:
            claim = volume_claim(name, app.volume, self._metadata(), args.storage, self)
        shared = None
        if args.shared_files:
            shared = shared_claim(name, args.shared_files, self.namespace, args.drivers, self)
        pod = PodArgs(
            resolve_image=args.resolve_image,
            pool=args.pool,
            priority_class=_priority_class(app, args.priority_classes),
            files=files and files.metadata.name,
            claim=claim and claim.metadata.name,
            shared_claim=shared and shared.metadata.name,
            telemetry=Telemetry(context=args.context, sampled_percent=args.sampled_percent),
            association_id=role and role.association_id,
        )
        before_pods += self._migrations(pod, before_pods)
        workload = deployment(
            name,
            app,
            pod,
            Rollout(zones=args.zones, node_seconds=args.node_provision_minutes * 60),
            self._metadata(),
            pulumi.ResourceOptions(parent=self, depends_on=before_pods),
        )
        scaled = isinstance(app, Replicated)
        self.serving = [workload, *([self._autoscaler(app, workload)] if scaled else [])]
        self.register_outputs({"namespace": self.namespace})

    def _metadata(self, annotations: Mapping[str, str] | None = None) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(
            name=self._name,
            namespace=self.namespace,
            labels={NAME: self._name, **APP_PODS},
            annotations=annotations,
        )

    def _network_policy(self) -> pulumi.Resource:
        """Creates the NetworkPolicy, which is deleted before the CNI that enforces it."""
        args = self._args
        return network_policy(
            self._name,
            NetworkPolicyArgs(
                app=args.app,
                callers=args.callers,
                callees=args.callees,
                load_balancer_cidrs=[cidr for target in args.targets for cidr in target.cidrs],
                control_plane_cidrs=args.control_plane_cidrs,
                scraped=args.source is not None,
            ),
            self._metadata(),
            pulumi.ResourceOptions(parent=self, depends_on=args.before_pods),
        )

    def _migrations(
        self, pod: PodArgs, before_pods: Sequence[pulumi.Resource]
    ) -> Sequence[pulumi.Resource]:
        """Returns the migrations that must succeed before the pods start: that of another workload,
        and the workload's own, which it creates. The persistent volume stays with the old pod."""
        app, migrations = self._args.app, self._args.migrations
        if migrations is None:
            return []
        first = [migrations.jobs[app.migrated_by]] if app.migrated_by else []
        if app.migration is None:
            return first
        opts = pulumi.ResourceOptions(
            parent=self, provider=migrations.provider, depends_on=[*before_pods, *first]
        )
        job = migration_job(
            self._name, app, app.migration, replace(pod, claim=None), self.namespace, opts
        )
        migrations.jobs[self._name] = job
        return [*first, job]

    def _service(self) -> core.v1.Service:
        same_zone = self._args.prefers_same_zone
        return core.v1.Service(
            self._name,
            # Pulumi would wait for endpoints, but the pods depend on the Service:
            # docs/decisions/0006-pulumi-does-not-wait-for-services-and-pause-pods.md
            metadata=self._metadata({"pulumi.com/skipAwait": "true"}),
            spec=core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector={NAME: self._name},
                traffic_distribution="PreferSameZone" if same_zone else None,
                ports=[
                    core.v1.ServicePortArgs(name=name, port=port, target_port=name, protocol="TCP")
                    for name, port in self._args.app.ports.items()
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _autoscaler(self, app: Replicated, workload: apps.v1.Deployment) -> pulumi.Resource:
        return autoscaler(
            self._name,
            AutoscalerArgs(
                app=app,
                zones=self._args.effective_zones,
                after=[workload] if self._args.awaited else [],
                metadata=self._metadata,
                source=self._args.source,
                keda=self._args.keda,
            ),
            self,
        )


def _priority_class(app: Deployed, classes: PriorityClasses) -> pulumi.Output[str]:
    return classes.critical if app.critical else classes.default
