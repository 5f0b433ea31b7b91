"""`ha-eks:apps`: the applications, each in a namespace of its name."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from core.availability.health_checks import VOLUME_DETACH, progress_deadline, rollout_seconds
from core.availability.termination import Termination, termination
from settings.app.connections import Expose, Metrics, Reach
from settings.app.container import (
    LOG_STORAGE,
    Image,
    Limits,
    Logs,
    PreStop,
    Requests,
    SecretKey,
    Volume,
)
from settings.app.placement import Spread, TolerationSeconds
from settings.app.probes import Probes
from settings.app.scaling import Replicas, Scaling
from settings.pool.pools import PoolName
from settings.reading.named_sections import NamedSections
from settings.reading.names import MAIN_PORT, AppName, EnvName, FilePath, Port, PortName
from settings.reading.quantities import Bytes, mebibytes
from settings.reading.section import Section, Unique, refuse

_POLICY = re.compile(r"arn:aws:iam::(?:aws|[0-9]{12}):policy/[A-Za-z0-9+=,.@_/-]{1,512}")


def _policy(value: str) -> str:
    if not _POLICY.fullmatch(value):
        raise refuse(
            "must be the ARN of an IAM policy such as "
            "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        )
    return value


Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""User or group ID other than root."""
Policy = Annotated[str, AfterValidator(_policy)]
"""ARN of an IAM policy."""


class App(Section):
    """An application with one container per pod, in a namespace of its name."""

    image: Image
    """Container image with a tag other than `latest`, or with a digest."""
    command: tuple[str, ...] = ()
    """Program and first arguments, in place of the image's entrypoint. Default: the entrypoint of
    the image."""
    args: tuple[str, ...] = ()
    """Arguments of the entrypoint. Default: the arguments of the image."""
    env: dict[EnvName, str] = Field(default_factory=dict[str, str])
    """Environment variables, by name. Kubernetes replaces `$(NAME)` with the value of a variable of
    `secretEnv` or of an earlier variable, and `$$` with `$`. Values are visible in the stack file
    and in Pulumi's state: write secrets with `secretEnv`."""
    secret_env: dict[EnvName, SecretKey] = Field(default_factory=dict[str, SecretKey])
    """Environment variables from Secrets in the app's namespace, by name. Another tool, such as the
    External Secrets Operator, creates the Secrets; this program never reads them."""
    files: dict[FilePath, str] = Field(default_factory=dict[str, str])
    """Read-only text files, by absolute path; at most 900,000 bytes in all. A change rolls out new
    pods. Contents are visible in Pulumi's state: write secrets with `secretEnv`."""
    port: Port
    """Port that the app serves on; also the port of its Service. The port's name is `app`."""
    other_ports: dict[PortName, Port] = Field(default_factory=dict[str, int])
    """Further ports of the pods and of the Service, by name."""
    requests: Requests
    """CPU, memory and ephemeral storage of one pod."""
    limits: Limits = Limits()
    """Limits of one pod. Default: the memory limit is the request, and nothing else is limited."""
    replicas: Replicas
    """Number of pods."""
    scaling: Scaling = Scaling()
    """Metrics that the number of pods follows. Default: CPU."""
    critical: bool = False
    """True: the app's pods preempt pods of other apps when capacity is short; if the app is also
    exposed, the health of the cell for DNS failover depends on the app. If no exposed app is
    critical, the health of the cell depends on the app exposed at `/`."""
    toleration_seconds: TolerationSeconds = TolerationSeconds()
    """Time that pods stay on a failed node."""
    metrics: Metrics | None = None
    """Endpoint with the app's metrics in the Prometheus format. `{}`: port `app`, path `/metrics`.
    Default: no endpoint."""
    logs: Logs = Logs()
    """Collection of the app's standard output."""
    traced: bool = False
    """True: the pods receive the OpenTelemetry environment variables (`OTEL_…`) and can send traces
    to the CloudWatch agent. The app needs an OpenTelemetry SDK."""
    longest_request_seconds: Annotated[int, Field(ge=1, le=3500)] = 30
    """Duration of the app's longest request. A terminating pod has this time to respond to
    in-flight requests. Must be less than `loadBalancing.idleTimeoutSeconds` if the app is
    exposed."""
    shutdown_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """Time from TERM to the exit of the app; at least `longestRequestSeconds`. Default:
    `longestRequestSeconds`. The grace period is preStop + `shutdownSeconds` + 5 seconds; at most
    840 seconds, or 100 seconds if the app can run on spot nodes."""
    pre_stop: PreStop | None = None
    """Command that runs before TERM. Default: the pod continues to serve until it is deregistered,
    and then receives TERM."""
    probes: Probes = Probes()
    """Liveness, readiness and startup probes."""
    run_as_user: Id = 65532
    """User ID of the container's processes."""
    run_as_group: Id = 65532
    """Group ID of the container's processes and volumes."""
    scratch: dict[FilePath, Bytes] = Field(default_factory=dict[str, str])
    """Writable empty directories, by absolute path, with their size limits. The rest of the file
    system is read-only. The contents are lost with the pod. The directories are on the disk of the
    node: the pod requests their sizes as ephemeral storage."""
    volume: Volume | None = None
    """Persistent EBS volume. The app then has exactly one pod, in the zone of the volume. Default:
    no volume."""
    service_account_token: bool = False
    """True: the pods can call the Kubernetes API with their ServiceAccount's token."""
    policies: Annotated[tuple[Policy, ...], Field(max_length=10), Unique] = ()
    """ARNs of managed IAM policies, at most 10. The app receives an IAM role with these policies
    through EKS Pod Identity. Default: no role."""
    pool: PoolName | None = None
    """Pool whose nodes run the pods; the pods tolerate its taints. Default: any pool without
    NO_SCHEDULE or NO_EXECUTE taints."""
    spread: Spread = Spread()
    """Distribution of the pods over zones and nodes."""
    near: AppName | None = None
    """App whose nodes the pods prefer, after an even distribution over zones and nodes. Default: no
    preference."""
    talks_to: Annotated[tuple[AppName, ...], Unique] = ()
    """Apps that this app sends requests to. Network policies deny all other traffic between
    apps."""
    reaches: tuple[Reach, ...] = ()
    """IP addresses outside of the cell's apps that this app sends requests to. Network policies
    deny traffic to all other addresses."""
    prefers_same_zone: bool | None = None
    """True: callers send their requests to pods of the app in their own zone. Default: true if the
    app and each of its callers have the same number of pods in every zone."""
    expose: Expose | None = None
    """Requests that the load balancer sends to the app. `{}`: path `/`. Default: the app is not
    exposed."""

    @property
    def ports(self) -> dict[str, int]:
        """All ports of the app, by name."""
        return {MAIN_PORT: self.port, **self.other_ports}

    @property
    def resource_requests(self) -> dict[str, str]:
        """Requests of a pod, by the names and in the units of Kubernetes."""
        storage = f"{self.ephemeral_storage}Mi"
        requests = self.requests
        return {"cpu": requests.cpu, "memory": requests.memory, "ephemeral-storage": storage}

    @property
    def ephemeral_storage(self) -> int:
        """MiB of ephemeral storage that a pod requests."""
        written = self.requests.ephemeral_storage
        return mebibytes(written) if written else self.scratch_and_logs

    @property
    def scratch_and_logs(self) -> int:
        """MiB of ephemeral storage that a pod can use: full scratch directories, logs and files."""
        return sum(map(mebibytes, self.scratch.values())) + LOG_STORAGE

    def minimum_replicas(self, zones: int) -> int:
        """Returns the minimum number of pods for a number of effective zones."""
        return self.replicas.minimum(zones)

    def disruption_budget(self, zones: int) -> int:
        """Returns the number of pods that may be evicted at once, for a number of effective zones.

        An app with a volume has one pod. The pod must be evictable; otherwise no node that runs the
        pod could be drained.
        """
        return 1 if self.volume else self.replicas.disruption_budget(zones)

    def progress_deadline(self, node_seconds: int) -> int:
        """Returns the seconds without progress after which a rollout has failed.

        A pod may have to wait `node_seconds` for a new node. With a volume, the old pod has to
        terminate and its volume to be detached first.
        """
        detach = self.termination.grace + VOLUME_DETACH if self.volume else 0
        startup = self.probes.startup_seconds
        return detach + progress_deadline(startup=startup, node=node_seconds)

    def rollout_seconds(self, *, pods: int, surge: int, node_seconds: int) -> int:
        """Returns the longest duration of a rollout of `pods` pods; a volume allows only one."""
        if self.volume:
            return self.progress_deadline(node_seconds)
        return rollout_seconds(
            pods=pods,
            surge=surge,
            startup=self.probes.startup_seconds,
            termination=self.termination.grace,
            node=node_seconds,
        )

    @property
    def shutdown(self) -> int:
        """Seconds from TERM to the exit of the app."""
        written = self.shutdown_seconds
        return self.longest_request_seconds if written is None else written

    @property
    def termination(self) -> Termination:
        """Timeline of the termination of the app's pods."""
        return termination(
            longest_request=self.longest_request_seconds,
            shutdown=self.shutdown,
            load_balancer_deregistration=(
                self.expose.deregistration_seconds if self.expose else None
            ),
            pre_stop=self.pre_stop.seconds if self.pre_stop else None,
        )


class Apps(NamedSections[App]):
    """The applications by name; at least one."""

    root: Annotated[dict[AppName, App], Field(min_length=1)]
