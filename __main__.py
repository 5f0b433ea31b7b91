"""Composes a cell from the stack file: one region, VPC and cluster, and its applications."""

from collections.abc import Mapping
from dataclasses import replace

import pulumi

import settings
from components.app import MIGRATIONS, App, AppArgs, CronJob, CronJobArgs, Migrations
from components.autoscaling import Autoscaling, AutoscalingArgs
from components.aws_provider import aws_provider
from components.cell_context import cell_context
from components.cluster import Cluster, ClusterArgs
from components.cluster.add_ons import (
    BEFORE_NODES,
    NODE_MONITORING,
    AddOns,
    AddOnsArgs,
    AddOnSettings,
)
from components.cluster.core_dns import core_dns
from components.cluster.storage import Storage, StorageArgs
from components.cluster.vpc_cni import vpc_cni
from components.deletion_guard import DeletionGuard, DeletionGuardArgs
from components.device_plugins import DevicePlugins, DevicePluginsArgs, Plugins
from components.extension import Cell, Extension, ExtensionArgs
from components.file_systems import FileSystems, FileSystemsArgs
from components.images import Images, ImagesArgs
from components.keda import Keda, KedaArgs
from components.kubernetes_provider import kubernetes_provider
from components.load_balancing import CreatedLoadBalancer, LoadBalancing, LoadBalancingArgs
from components.log_groups import LogKey, LogKeyArgs
from components.network import Network, NetworkArgs
from components.nodes import NodeGroups, NodeGroupsArgs
from components.observability.agents import Observability, ObservabilityArgs
from components.observability.alarms import Alarms, AlarmsArgs
from components.observability.dashboard import Dashboard, DashboardArgs
from components.observability.metric_sources import MetricSources, TargetGroup
from components.observability.tracing import Tracing, TracingArgs
from components.overprovisioner import Overprovisioner, OverprovisionerArgs
from components.pod_credentials import PodCredentials
from components.prometheus import Prometheus, PrometheusArgs
from components.resilience import Resilience, ResilienceArgs
from components.resilience.experiments import Experiments, ExperimentsArgs, Targets
from components.route53 import Traffic, TrafficArgs
from core.load_balancers import Kind, suffix_of
from live.administrators import administrators
from live.guard import check_running_cell
from settings.availability import headroom_of
from settings.images.image_sources import cached_images
from settings.resilience.experiment_targets import (
    deleted_apps,
    experiment_zone,
    terminated_group,
)
from settings.resilience.practiced import practiced

cell = pulumi.get_stack()
stack = settings.load()
version, pools = stack.cluster.version, stack.pools
headroom = headroom_of(stack)
balancers = stack.load_balancers
add_on_settings = AddOnSettings(kubernetes_version=version, overrides=stack.cluster.add_ons)
provider = aws_provider(cell, stack.aws)
on_aws = pulumi.ResourceOptions(providers=[provider])

replacing = settings.replacement()
running = check_running_cell(stack, cell, provider, replacing, targeted=settings.has_targets())
context = cell_context(cell, stack.aws.region, provider)
admins = administrators(stack, running, context.caller_arn, provider)
log_key = LogKey("log-key", LogKeyArgs(context=context), on_aws)
images = Images(
    "images",
    ImagesArgs(context=context, images=stack.images, cached_images=[*cached_images(stack)]),
    on_aws,
)
network = Network(
    "network",
    NetworkArgs(
        context=context,
        network=stack.network,
        load_balancers={kind: each.settings for kind, each in balancers.items()},
        keeps_ipv6=running.ipv6,
        log_key_arn=log_key.key_arn,
    ),
    on_aws,
)
cluster = Cluster(
    "cluster",
    ClusterArgs(
        context=context,
        cluster=stack.cluster,
        protected=bool(stack.protected),
        deployer=admins.deployer,
        admins=admins.arns,
        vpc_id=network.vpc_id,
        log_key_arn=log_key.key_arn,
        control_plane_subnet_ids=network.control_plane_subnet_ids,
        assume_roles=stack.aws.assume_roles,
        profile=stack.aws.profile,
    ),
    on_aws,
)
cluster_context = context.with_cluster(cluster.name)
node_add_ons = AddOns(
    "node-add-ons",
    AddOnsArgs(
        add_ons=[
            vpc_cni(
                stack.network.pods,
                context.region,
                network.pod_subnet_ids,
                cluster.security_group_id,
            ),
            *BEFORE_NODES,
        ],
        context=cluster_context,
        add_on_settings=add_on_settings,
    ),
    on_aws,
)
file_systems = None
if stack.sharing:
    file_systems = FileSystems(
        "file-systems",
        FileSystemsArgs(
            cell=cell,
            workloads=stack.sharing,
            vpc_id=network.vpc_id,
            private_subnet_ids=network.private_subnet_ids,
            node_security_group_id=cluster.security_group_id,
        ),
        on_aws,
    )
nodes = NodeGroups(
    "nodes",
    NodeGroupsArgs(
        context=cluster_context,
        pools=pools,
        kubernetes_version=version,
        subnet_ids=network.private_subnet_ids,
        zones_in=stack.network.zones_in,
        egress=network.egress,
        before_nodes=[
            *node_add_ons.add_ons,
            *cluster.access,
            *(file_systems.mount_targets if file_systems else ()),
        ],
        tags=stack.aws.default_tags.tags,
        running=running.sizes,
        replacing=replacing,
    ),
    on_aws,
)
kubernetes = kubernetes_provider(
    cell, cluster.kubeconfig, [*cluster.access, *(nodes.groups if running.awaits_nodes else [])]
)
on_cluster = pulumi.ResourceOptions(providers=[provider, kubernetes])
pod_credentials = PodCredentials("pod-credentials", on_cluster)
on_nodes = pulumi.ResourceOptions(
    providers=[provider, kubernetes], depends_on=[*nodes.groups, *pod_credentials.ready]
)
add_ons = AddOns(
    "cluster-add-ons",
    AddOnsArgs(
        context=cluster_context,
        add_ons=[core_dns(len(stack.network.zones)), NODE_MONITORING],
        add_on_settings=add_on_settings,
    ),
    on_nodes,
)
before_pods = [*nodes.groups, *add_ons.add_ons]
observability = Observability(
    "observability",
    ObservabilityArgs(
        context=cluster_context,
        observability=stack.observability,
        multiline_parsers={
            name: workload.logs.multiline
            for name, workload in stack.workloads.items()
            if workload.logs.multiline
        },
        traced=bool(stack.traced_apps),
        log_key_arn=log_key.key_arn,
        add_on_settings=add_on_settings,
    ),
    on_nodes,
)
storage = Storage(
    "storage",
    StorageArgs(
        context=cluster_context,
        add_on_settings=add_on_settings,
        optional_add_ons=stack.optional_add_ons,
    ),
    on_nodes,
)
autoscaling = Autoscaling(
    "autoscaling",
    AutoscalingArgs(
        context=cluster_context,
        autoscaling=stack.autoscaling,
        strict_nodes=[n for n, each in stack.replicated.items() if each.spread.nodes == "strict"],
        longest_grace_seconds=stack.longest_grace,
        zones=len(stack.network.zones),
        capacity_buffers=stack.headroom.mode == "capacityBuffer",
        spot_groups=nodes.spot_groups,
        add_on_settings=add_on_settings,
        resolve_image=images.resolve_image,
        before_pods=before_pods,
    ),
    on_cluster,
)
device_plugins = None
if pools.plugins:
    device_plugins = DevicePlugins(
        "device-plugins",
        DevicePluginsArgs(
            devices=pools.plugins,
            before_pods=before_pods,
            resolve_image=images.resolve_image,
        ),
        on_cluster,
    )
plugins: Plugins = device_plugins.releases if device_plugins else {}
overprovisioner = None
if any(headroom.pods.values()):
    overprovisioner = Overprovisioner(
        "overprovisioner",
        OverprovisionerArgs(
            headroom=stack.headroom,
            apps=stack.deployments,
            pools=pools,
            zones=stack.network.zones_in,
            headroom_pods=headroom,
            priority_class=autoscaling.priority_classes.headroom,
            resolve_image=images.resolve_image,
        ),
        pulumi.ResourceOptions(
            providers=[provider, kubernetes], depends_on=[autoscaling.cluster_autoscaler]
        ),
    )
load_balancing = None
created_balancers: Mapping[Kind, CreatedLoadBalancer] = {}
if balancers:
    load_balancing = LoadBalancing(
        "lb",
        LoadBalancingArgs(
            context=cluster_context,
            load_balancers=balancers,
            protected=bool(stack.protected),
            vpc_id=network.vpc_id,
            subnets=network.balancer_subnets,
            pod_security_group_id=cluster.security_group_id,
            resolve_image=images.resolve_image,
            before_pods=before_pods,
        ),
        on_cluster,
    )
    created_balancers = load_balancing.balancers
prometheus = None
if stack.scales_on_prometheus:
    prometheus = Prometheus(
        "prometheus",
        PrometheusArgs(
            context=cluster_context,
            metrics={
                name: each.metrics for name, each in stack.deployments.items() if each.metrics
            },
            control_plane_subnet_ids=network.control_plane_subnet_ids,
            security_group_id=cluster.security_group_id,
            access=cluster.access,
        ),
        on_aws,
    )
keda = None
if stack.uses_keda:
    keda = Keda(
        "keda",
        KedaArgs(
            context=cluster_context,
            workspace_arn=prometheus.workspace_arn if prometheus else None,
            queue_arns=stack.queues,
            before_pods=before_pods,
            resolve_image=images.resolve_image,
        ),
        on_cluster,
    )
sampled_percent = stack.observability.traces.sampled_percent
tracing = None
if stack.traced_apps:
    tracing = Tracing(
        "tracing",
        TracingArgs(context=context, apps=stack.traced_apps, sampled_percent=sampled_percent),
        on_aws,
    )
migrations = None
if stack.migrations:
    migrations = Migrations(
        provider=kubernetes_provider(
            cell, cluster.kubeconfig, [kubernetes], name=MIGRATIONS, accepts_existing=True
        )
    )
apps = {
    name: App(
        name,
        AppArgs(
            context=cluster_context,
            app=app,
            callers={caller: stack.pod_names(caller) for caller in stack.callers(name)},
            callees={callee: [*stack.served[callee].ports] for callee in app.talks_to},
            resolve_image=images.resolve_image,
            zones=len(stack.network.zones),
            effective_zones=stack.network.effective_zones,
            awaited=running.awaits(name),
            pool=pools[app.pool] if app.pool else None,
            node_provision_minutes=stack.autoscaling.node_provision_minutes,
            prefers_same_zone=stack.prefers_same_zone(name),
            control_plane_cidrs=network.control_plane_cidrs,
            storage=storage.ready,
            drivers=storage.drivers,
            shared_files=file_systems.files.get(name) if file_systems else None,
            priority_classes=autoscaling.priority_classes,
            before_pods=[*autoscaling.ready, *plugins.get(app.requests.device, ())],
            targets=load_balancing.targets.get(name, ()) if load_balancing else (),
            source=prometheus.source if prometheus else None,
            keda=keda.release if keda else None,
            sampled_percent=sampled_percent,
            migrations=migrations,
        ),
        on_cluster,
    )
    for name, app in stack.in_migration_order.items()
}
cron_jobs = [
    CronJob(
        name,
        CronJobArgs(
            context=cluster_context,
            cron_job=cron_job,
            callees={callee: [*stack.served[callee].ports] for callee in cron_job.talks_to},
            resolve_image=images.resolve_image,
            pool=pools[cron_job.pool] if cron_job.pool else None,
            control_plane_cidrs=network.control_plane_cidrs,
            priority_class=autoscaling.priority_classes.default,
            before_pods=[*autoscaling.ready, *plugins.get(cron_job.requests.device, ())],
            sampled_percent=sampled_percent,
            drivers=storage.drivers,
            shared_files=file_systems.files.get(name) if file_systems else None,
        ),
        on_cluster,
    )
    for name, cron_job in stack.cron_jobs.items()
]
awaited_apps = {name: app.serving for name, app in apps.items() if running.awaits(name)}
# A cell can be drained in any state of its apps.
drained = bool(stack.traffic and stack.traffic.drained) and not running.targeted
traffic_of: dict[Kind, TrafficArgs] = {
    kind: TrafficArgs(
        context=context,
        traffic=stack.traffic,
        balancer=balancer,
        names=balancer.names,
        dns_name=created_balancers[kind].dns_name,
        zone_id=created_balancers[kind].zone_id,
        vpc_id=network.vpc_id,
        alarms={},
        awaited_apps={} if drained else awaited_apps,
        record_awaits_apps=running.targeted or not running.apps,
    )
    for kind, balancer in balancers.items()
    if stack.traffic and balancer.names
}
traffic_names: dict[Kind, str] = {"public": "traffic", "internal": "internal-traffic"}
traffic = {
    kind: Traffic(traffic_names[kind], args, on_aws)
    for kind, args in traffic_of.items()
    if not args.balancer.read_by_metrics
}

metric_sources = MetricSources(
    cell=cell,
    region=context.region,
    apps=stack.deployments,
    pools=pools,
    zones=stack.network.zones_in,
    effective_zones=stack.network.effective_zones,
    headroom=stack.headroom,
    headroom_pods=headroom,
    load_balancers={kind: each.metrics_name for kind, each in created_balancers.items()},
    target_groups=[
        TargetGroup(
            app=app, kind=kind, name=group.arn_suffix, objective=stack.exposed[app].objective
        )
        for kind, each in created_balancers.items()
        for app, group in each.groups.items()
    ],
    scaling_groups=nodes.scaling_groups,
    nat_gateways=network.nat_gateways,
    certificates={
        f"{host}{suffix_of(kind)}": arn
        for kind, each in created_balancers.items()
        for host, arn in each.certificates.items()
    },
    log_groups={**observability.log_groups, "control-plane": cluster.log_group},
    cron_jobs=stack.cron_jobs if stack.reports_cron_jobs else {},
    health_checks=traffic["public"].health_checks if traffic else {},
)
alarms = Alarms(
    "alarms",
    AlarmsArgs(
        context=context,
        alarms=stack.observability.alarms,
        autoscaling=stack.autoscaling,
        keda=stack.uses_keda,
        sources=metric_sources,
        notifies_events=stack.resilience.enabled,
        stops_runs=stack.resilience.stopped_by_alarms,
        awaited_apps=awaited_apps,
        all_await_apps=running.targeted or not running.apps,
    ),
    on_aws,
)
traffic |= {  # health checks read alarms
    kind: Traffic(traffic_names[kind], replace(args, alarms=alarms.hosts[kind]), on_aws)
    for kind, args in traffic_of.items()
    if args.balancer.read_by_metrics
}
resilience = None
if stack.resilience.enabled:
    resilience = Resilience(
        "resilience",
        ResilienceArgs(
            context=cluster_context,
            resilience=stack.resilience,
            practiced=practiced(stack),
            load_balancers={kind: each.arn for kind, each in created_balancers.items()},
            stop_alarm_arns=alarms.stop_arns,
            harm_alarm_arns=alarms.harm_arns,
            topic_arn=alarms.topic_arn,
        ),
        on_aws,
    )
dashboard = Dashboard(
    "dashboard",
    DashboardArgs(
        sources=metric_sources,
        composites={"impact": alarms.impact_arn, "redundancy": alarms.redundancy_arn},
        alarms=alarms.alarm_arns,
    ),
    on_aws,
)
experiments = None
if stack.resilience.experiments.enabled:
    zone, group, deleted = experiment_zone(stack), terminated_group(stack), deleted_apps(stack)
    experiments = Experiments(
        "experiments",
        ExperimentsArgs(
            experiments=stack.resilience.experiments,
            targets=Targets(
                context=cluster_context,
                zone=zone,
                zones=stack.network.zones_in,
                node_group=group,
                node_group_arn=nodes.arns[group],
                scaling_groups=nodes.scaling_groups_in(zone),
                balancer_arns=[each.arn for each in created_balancers.values()],
                vpc_id=network.vpc_id,
                owns_vpc=stack.network.existing is None,
                zone_subnet_ids=network.subnet_ids_of(zone),
                private_subnet_ids=[*network.private_subnet_ids.values()],
            ),
            apps={name: app.namespace for name, app in apps.items() if name in deleted},
            control_plane_cidrs=network.control_plane_cidrs,
            alarm_arns=alarms.alarm_arns,
            dashboard_arn=dashboard.arn,
            log_key_arn=log_key.key_arn,
            protected=bool(stack.protected),
        ),
        on_cluster,
    )
extension = Extension(
    "extension",
    ExtensionArgs(
        module="extensions",
        cell=Cell(
            context=cluster_context,
            settings=stack,
            vpc_id=network.vpc_id,
            private_subnet_ids=network.private_subnet_ids,
            public_subnet_ids=network.public_subnet_ids,
            security_group_id=cluster.security_group_id,
            log_key_arn=log_key.key_arn,
            priority_classes=autoscaling.priority_classes,
            alarm_topic_arn=alarms.topic_arn,
            before_pods=autoscaling.ready,
        ),
    ),
    on_cluster,
)
optional = [
    each
    for each in (
        device_plugins,
        overprovisioner,
        file_systems,
        load_balancing,
        prometheus,
        keda,
        tracing,
        *traffic.values(),
        resilience,
        experiments,
    )
    if each
]
DeletionGuard(
    "deletion-guard",
    DeletionGuardArgs(
        protected=bool(stack.protected),
        resources=[
            log_key, images, network, cluster, node_add_ons, nodes, add_ons, observability, storage,
            autoscaling, alarms, dashboard, extension, *apps.values(), *cron_jobs, *optional,
        ],
    ),
)  # fmt: skip

pulumi.export("kubeconfig", cluster.kubeconfig)
pulumi.export("cluster", cluster.name)
pulumi.export("securityGroup", cluster.security_group_id)
pulumi.export("vpc", network.vpc_id)
pulumi.export("privateSubnets", network.private_subnet_ids)
if "public" in created_balancers:
    pulumi.export("loadBalancer", created_balancers["public"].dns_name)
    pulumi.export("urls", created_balancers["public"].urls)
if "internal" in created_balancers:
    pulumi.export("internalLoadBalancer", created_balancers["internal"].dns_name)
    pulumi.export("internalUrls", created_balancers["internal"].urls)
pulumi.export("alarms", alarms.topic_arn)
if resilience and resilience.backups:
    pulumi.export("backups", resilience.backups)
pulumi.export("dashboard", dashboard.url)
