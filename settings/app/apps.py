"""`ha-eks:apps`: the applications, each in a namespace of its name."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from core.availability.termination import Drain, drain
from settings.app.connections import Expose, Metrics, Reach
from settings.app.container import Image, Logs, PreStop, Requests, SecretKey, Volume
from settings.app.placement import Spread, TolerationSeconds
from settings.app.probes import Probes
from settings.app.scaling import Replicas, Scaling
from settings.pool.pools import PoolName
from settings.reading.named_sections import NamedSections
from settings.reading.names import MAIN_PORT, AppName, EnvName, FilePath, Port, PortName
from settings.reading.quantities import Bytes
from settings.reading.section import Section, Unique, refuse

_POLICY = re.compile(r"arn:aws[a-z-]*:iam::(?:aws|[0-9]{12}):policy/[A-Za-z0-9+=,.@_/-]{1,512}")


def _policy(value: str) -> str:
    if not _POLICY.fullmatch(value):
        raise refuse("the ARN of an IAM policy: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    return value


Id = Annotated[int, Field(ge=1, le=2**31 - 1)]
Policy = Annotated[str, AfterValidator(_policy)]


class App(Section):
    """An application of one container."""

    image: Image
    """Image with a tag or digest."""
    command: tuple[str, ...] = ()
    """Replaces the image's entrypoint."""
    args: tuple[str, ...] = ()
    """Arguments of the entrypoint."""
    env: dict[EnvName, str] = Field(default_factory=dict[str, str])
    """Environment; no secrets."""
    secret_env: dict[EnvName, SecretKey] = Field(default_factory=dict[str, SecretKey])
    """Environment from Secrets that others put into the app's namespace, by reference."""
    files: dict[FilePath, str] = Field(default_factory=dict[str, str])
    """Files that the app reads, by path, with their text; a change rolls the app."""
    port: Port
    """Port that the app serves on, of the pod and of its Service."""
    other_ports: dict[PortName, Port] = Field(default_factory=dict[str, int])
    """Further ports, by name."""
    requests: Requests
    replicas: Replicas
    scaling: Scaling = Scaling()
    critical: bool = False
    """Whether the cell is healthy only while this app is, if it is exposed, and whether it goes
    before the other apps where there is not room for all: its pods make theirs give way."""
    toleration_seconds: TolerationSeconds = TolerationSeconds()
    metrics: Metrics | None = None
    """Where it shows its metrics; default: nowhere."""
    logs: Logs = Logs()
    traced: bool = False
    """Whether it is told where to send traces, and let through to there: it has to speak
    OpenTelemetry by itself."""
    longest_request_seconds: Annotated[int, Field(ge=1, le=3500)] = 30
    """The longest request that is waited for when a pod goes."""
    shutdown_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """What the app takes from TERM to its exit, its longest request included; default: that."""
    pre_stop: PreStop | None = None
    """A command of its own before TERM; default: the pod serves on until it is let go."""
    probes: Probes = Probes()
    run_as_user: Id = 65532
    """User id that the container runs as; never root."""
    run_as_group: Id = 65532
    """Group id of the container and of its volumes."""
    scratch: dict[FilePath, Bytes] = Field(default_factory=dict[str, str])
    """Empty directories that the app may write to, by path, with their size limit; everything
    else is read-only."""
    volume: Volume | None = None
    """A volume that it keeps, with one pod only; default: none."""
    service_account_token: bool = False
    """Whether its pods can talk to the Kubernetes API, as its own service account."""
    policies: Annotated[tuple[Policy, ...], Field(max_length=10), Unique] = ()
    """What its pods may do in AWS: managed policies, by ARN, of a role of its own; default: it has
    none."""
    pool: PoolName | None = None
    """Pool that it runs on; default: any without taints."""
    spread: Spread = Spread()
    near: AppName | None = None
    """App whose nodes it prefers."""
    talks_to: Annotated[tuple[AppName, ...], Unique] = ()
    """Apps of the cell that it talks to; nobody else's pods are reached, or reach it."""
    reaches: tuple[Reach, ...] = ()
    """Addresses beyond the cell's apps that it talks to."""
    prefers_same_zone: bool | None = None
    """Whether those who talk to it are sent to its pods in their own zone; default: if it, and
    all of them, have the same number of pods in every zone."""
    expose: Expose | None = None
    """What the load balancer sends to it; default: nothing."""

    @property
    def ports(self) -> dict[str, int]:
        """Every port, by name."""
        return {MAIN_PORT: self.port, **self.other_ports}

    def least(self, zones: int) -> int:
        """Pods at least, with so many zones that count."""
        return self.replicas.least(zones)

    def evictable(self, zones: int) -> int:
        """Pods that may be evicted at once: as many as a lost zone would take, and the one that
        keeps a volume, or no node could ever be drained."""
        return 1 if self.volume else self.replicas.evictable(zones)

    @property
    def shutdown(self) -> int:
        """Seconds from TERM to exit."""
        own = self.shutdown_seconds
        return self.longest_request_seconds if own is None else own

    @property
    def drain(self) -> Drain:
        """How its pods go; ValueError with the sum if that drops a request."""
        return drain(
            longest_request=self.longest_request_seconds,
            shutdown=self.shutdown,
            let_go=self.expose.deregistration_seconds if self.expose else None,
            pre_stop=self.pre_stop.seconds if self.pre_stop else None,
        )


class Apps(NamedSections[App]):
    """The applications by name, at least one."""

    root: Annotated[dict[AppName, App], Field(min_length=1)]
