"""All settings of a cell."""

from collections.abc import Collection, Mapping

from pydantic import BaseModel

from core.facts.versions.add_ons import EFS_DRIVER, SECRETS_DRIVER
from core.labels import migration_label
from core.load_balancers import KINDS, Kind
from settings.app.apps import Apps
from settings.audit.audit import Audit
from settings.autoscaling.autoscaling import Autoscaling
from settings.aws import Aws
from settings.cluster.cluster import Cluster
from settings.cron_job.cron_jobs import CronJobs
from settings.headroom.headroom import Headroom
from settings.images.images import Images
from settings.load_balancing.load_balancer import LoadBalancer
from settings.load_balancing.load_balancing import LoadBalancing
from settings.network.network import Network
from settings.observability.observability import Observability
from settings.pool.pools import Pools
from settings.protected import Protected
from settings.reading.section import Section
from settings.resilience.resilience import Resilience
from settings.singleton.singletons import Singletons
from settings.traffic.traffic import Traffic
from settings.worker.workers import Workers
from settings.workload.aws_secrets import service_of
from settings.workload.connections import Expose
from settings.workload.deployed import Deployed
from settings.workload.job import Migration
from settings.workload.replicated import Replicated
from settings.workload.served import Served
from settings.workload.workload import Workload

NAMESPACE = "ha-eks"
"""Namespace of this program's keys in a stack file: the name of the Pulumi project."""

AWS = "aws"
"""Namespace of the keys of the aws provider."""


class Settings(Section):
    """A checked stack file."""

    aws: Aws
    protected: Protected
    network: Network
    cluster: Cluster
    pools: Pools
    autoscaling: Autoscaling
    headroom: Headroom
    images: Images
    load_balancing: LoadBalancing
    apps: Apps
    workers: Workers
    singletons: Singletons
    cron_jobs: CronJobs
    observability: Observability
    audit: Audit
    resilience: Resilience
    traffic: Traffic | None
    """None if the cell serves no domain."""

    @property
    def workloads(self) -> Mapping[str, Workload]:
        """All workloads, by name."""
        return {**self.deployments, **self.cron_jobs}

    @property
    def deployments(self) -> Mapping[str, Deployed]:
        """Workloads that run as a Deployment: apps, workers and singletons, by name."""
        return {**self.apps, **self.workers, **self.singletons}

    @property
    def replicated(self) -> Mapping[str, Replicated]:
        """Workloads with several pods: apps and workers, by name."""
        return {**self.apps, **self.workers}

    @property
    def served(self) -> Mapping[str, Served]:
        """Workloads with a port: apps, and singletons with a port, by name."""
        singletons = {name: each for name, each in self.singletons.items() if each.port}
        return {**self.apps, **singletons}

    @property
    def exposed(self) -> Mapping[str, Expose]:
        """`expose` of each workload behind a load balancer, by name."""
        return {name: each.expose for name, each in self.served.items() if each.expose}

    @property
    def names_by_kind(self) -> Mapping[str, Collection[str]]:
        """Names of the workloads, by the key of their kind."""
        return {
            "apps": self.apps,
            "workers": self.workers,
            "singletons": self.singletons,
            "cronJobs": self.cron_jobs,
        }

    def key_of(self, name: str, path: str = "") -> str:
        """Returns the config key of a workload, or of a path below: `ha-eks:apps.web.port`."""
        kind = next(kind for kind, names in self.names_by_kind.items() if name in names)
        return f"{NAMESPACE}:{kind}.{name}{path and '.'}{path}"

    def load_balancer(self, kind: Kind) -> LoadBalancer:
        """Returns a load balancer of the cell, which exists if it exposes a workload."""
        internal, traffic = kind == "internal", self.traffic
        names = (traffic.internal if internal else traffic.public) if traffic else None
        only = {name: each.only(internal=internal) for name, each in self.exposed.items()}
        nested = ".internal" if internal else ""
        return LoadBalancer(
            kind=kind,
            settings=self.load_balancing.internal if internal else self.load_balancing,
            key=f"{NAMESPACE}:loadBalancing{nested}",
            names=names,
            names_key=f"{NAMESPACE}:traffic{nested}",
            exposed={name: expose for name, expose in only.items() if expose},
            served=self.served,
        )

    @property
    def load_balancers(self) -> Mapping[Kind, LoadBalancer]:
        """The load balancers that the cell has, by kind."""
        both = [self.load_balancer(kind) for kind in KINDS]
        return {each.kind: each for each in both if each.exposed}

    def callers(self, name: str) -> tuple[str, ...]:
        """Returns the names of the workloads that have `name` in `talksTo`."""
        return tuple(other for other, each in self.workloads.items() if name in each.talks_to)

    def pod_names(self, name: str) -> tuple[str, ...]:
        """Returns the values of the label NAME of the pods of a workload and its migration."""
        each = self.deployments.get(name)
        return (name, *((migration_label(name),) if each and each.migration else ()))

    @property
    def migrations(self) -> Mapping[str, Migration]:
        """`migration` of each workload that has one, by name."""
        return {name: each.migration for name, each in self.deployments.items() if each.migration}

    @property
    def in_migration_order(self) -> Mapping[str, Deployed]:
        """`deployments`, with those that have `migratedBy` last."""
        found = self.deployments
        return {
            name: found[name] for name in sorted(found, key=lambda n: bool(found[n].migrated_by))
        }

    def prefers_same_zone(self, name: str) -> bool:
        """True if callers send their requests to pods of a workload in their own zone.

        Default of the setting: true if the app and each of its callers have the same number of pods
        in every zone. A singleton has pods in one zone only.
        """
        if name not in self.apps:
            return False
        app, zones = self.apps[name], self.network.effective_zones
        if app.prefers_same_zone is not None:
            return app.prefers_same_zone
        callers = [self.deployments[o] for o in self.callers(name) if o in self.deployments]
        return all(each.minimum_replicas(zones) % zones == 0 for each in (app, *callers))

    @property
    def reports_cron_jobs(self) -> bool:
        """True if the audit log, from which alarms on cron jobs are derived, is in CloudWatch."""
        return bool(self.cron_jobs) and "audit" in self.cluster.log_types

    @property
    def longest_grace(self) -> int:
        """Longest grace period of a pod in seconds; 0 without workloads."""
        graces = [each.termination.grace for each in self.deployments.values()]
        graces += [each.grace for each in self.cron_jobs.values()]
        graces += [self.deployments[name].migration_grace for name in self.migrations]
        return max(graces, default=0)

    @property
    def scales_on_prometheus(self) -> bool:
        """True if a workload scales on a Prometheus query."""
        return any(each.scaling.prometheus for each in self.replicated.values())

    @property
    def queues(self) -> tuple[str, ...]:
        """ARNs of the SQS queues that workloads scale on, sorted."""
        scalings = [each.scaling for each in self.replicated.values()]
        return tuple(
            sorted({each.queue for scaling in scalings for each in scaling.queues.values()})
        )

    @property
    def uses_keda(self) -> bool:
        """True if KEDA scales a workload."""
        return any(each.scaling.by_keda for each in self.replicated.values())

    @property
    def sharing(self) -> Mapping[str, Workload]:
        """Workloads with a shared volume, by name."""
        return {name: each for name, each in self.workloads.items() if each.shared_volume}

    @property
    def optional_add_ons(self) -> tuple[str, ...]:
        """Names of the optional EKS add-ons of the cell."""
        secrets = any(each.aws_secrets for each in self.workloads.values())
        return (
            *((EFS_DRIVER,) if self.sharing else ()),
            *((SECRETS_DRIVER,) if secrets else ()),
        )

    @property
    def reads_secrets_manager(self) -> bool:
        """True if a workload has a secret of Secrets Manager."""
        secrets = [arn for each in self.workloads.values() for arn in each.aws_secrets.values()]
        return any(service_of(arn) == "secretsmanager" for arn in secrets)

    @property
    def traced_apps(self) -> tuple[str, ...]:
        """Names of the workloads that send traces."""
        return tuple(name for name, each in self.workloads.items() if each.traced)


REQUIRED: dict[str, type[BaseModel]] = {
    "network": Network,
    "cluster": Cluster,
    "pools": Pools,
}
"""Required keys, without their namespace."""

OPTIONAL: dict[str, type[BaseModel]] = {
    "apps": Apps,
    "workers": Workers,
    "singletons": Singletons,
    "cronJobs": CronJobs,
    "audit": Audit,
    "autoscaling": Autoscaling,
    "headroom": Headroom,
    "images": Images,
    "loadBalancing": LoadBalancing,
    "observability": Observability,
    "protected": Protected,
    "resilience": Resilience,
    "traffic": Traffic,
}
"""Optional keys, without their namespace. An absent section is `{}`; without `traffic` there is no
Route 53 record."""
