"""`ha-eks:apps`: the applications, each in a namespace of its name."""

import re
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, RootModel

from core.drain import Drain, drain
from settings.pools import PoolName
from settings.quantities import Bytes, Cpu
from settings.scaling import Replicas, Scaling
from settings.section import Section, refuse

_APP_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?")
_TAKEN = {
    "amazon-cloudwatch",
    "cluster-autoscaler",
    "default",
    "descheduler",
    "headroom",
    "keda",
    "system",
}
_PART = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:{_PART}(?::[0-9]{{1,4}}|:[1-5][0-9]{{4}})?/)?{_PART}(?:/{_PART})*"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_PORT_NAME = re.compile(r"(?=.{1,15}$)[a-z](?:-?[a-z0-9])*")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_URL_PATH = re.compile(r"/|(?:/[A-Za-z0-9._~-]+){1,16}")
_DOTS = {".", ".."}
_FILE_PATH = re.compile(r"(?:/[A-Za-z0-9._-]+){1,16}")

MAIN_PORT = "app"
"""Name of an app's `port`."""


def _app_name(value: str) -> str:
    if not _APP_NAME.fullmatch(value):
        raise refuse("a name of a-z, 0-9 and -, at most 20 characters, beginning with a letter")
    if value in _TAKEN or value.startswith("kube-"):
        raise refuse("a name that is no namespace of the system")
    return value


def _image(value: str) -> str:
    match = _IMAGE.fullmatch(value)
    pinned = match and (match["digest"] or match["tag"] not in (None, "latest"))
    if not pinned or len(value) > 512:
        raise refuse("an image with a tag that stays, or a digest, such as redis:7.4-alpine")
    return value


def _port_name(value: str) -> str:
    if not _PORT_NAME.fullmatch(value) or value == MAIN_PORT:
        raise refuse(f"a name of a-z, 0-9 and single -, at most 15 characters, not {MAIN_PORT}")
    return value


def _env_name(value: str) -> str:
    if not _ENV_NAME.fullmatch(value):
        raise refuse("a name of A-Z, a-z, 0-9 and _, not beginning with a digit")
    return value


def _url_path(value: str) -> str:
    if not _URL_PATH.fullmatch(value) or len(value) > 100 or _DOTS & set(value.split("/")):
        raise refuse("a path such as / or /api: no query, no wildcard, no / at its end")
    return value


def _file_path(value: str) -> str:
    if not _FILE_PATH.fullmatch(value) or _DOTS & set(value.split("/")):
        raise refuse("an absolute path below / such as /tmp")
    return value


AppName = Annotated[str, AfterValidator(_app_name)]
"""Name of an app, and of its namespace."""
Image = Annotated[str, AfterValidator(_image)]
UrlPath = Annotated[str, AfterValidator(_url_path)]
Port = Annotated[int, Field(ge=1, le=65535)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Requests(Section):
    """What a pod is promised. Its memory limit is the same; CPU has none."""

    cpu: Cpu
    """CPU, as 250m or "1"; the target of autoscaling is a share of it."""
    memory: Bytes
    """Memory, Mi or Gi."""


class Probes(Section):
    """How Kubernetes asks for the app's health, on its `port`."""

    liveness: UrlPath | None = None
    """Answers 200 while a restart would not help; nothing shared may be asked behind it.
    Default: a TCP connection."""
    readiness: UrlPath | None = None
    """Answers 200 while the pod can serve. Default: a TCP connection."""
    startup_seconds: Annotated[int, Field(ge=5, le=1800)] = 60
    """How long a pod may take to start before it is restarted."""


class TolerationSeconds(Section):
    """How long a pod stays on a node that does not answer, before it is evicted and another one
    is made elsewhere; on top of the 40 to 50 s after which Kubernetes takes a node for lost."""

    not_ready: Annotated[int, Field(ge=0, le=3600)] = 60
    """On a node that says it is not ready, 0 to 3600 s."""
    unreachable: Annotated[int, Field(ge=0, le=3600)] = 60
    """On a node that says nothing, 0 to 3600 s."""


class Metrics(Section):
    """Where an app shows its metrics, in Prometheus' format."""

    port: str = MAIN_PORT
    """Name of the port: one of `otherPorts`; default: the main one."""
    path: UrlPath = "/metrics"
    """Path."""


class Expose(Section):
    """What the load balancer sends to an app."""

    path: UrlPath = "/"
    """Requests for this path and all below it; "/" gets what no other app does."""
    keep_alive_seconds: Annotated[int, Field(ge=2, le=3600)] = 60
    """How long the app itself keeps an idle connection open. It has to outlive the load
    balancer's idle timeout, or requests meet a connection that is being closed."""


class App(Section):
    """An application of one container."""

    image: Image
    """Image with a tag or digest."""
    command: tuple[str, ...] = ()
    """Replaces the image's entrypoint."""
    args: tuple[str, ...] = ()
    """Arguments of the entrypoint."""
    env: dict[Annotated[str, AfterValidator(_env_name)], str] = Field(
        default_factory=dict[str, str]
    )
    """Environment; no secrets."""
    port: Port
    """Port that the app serves on, of the pod and of its Service."""
    other_ports: dict[Annotated[str, AfterValidator(_port_name)], Port] = Field(
        default_factory=dict[str, int]
    )
    """Further ports, by name."""
    requests: Requests
    replicas: Replicas
    scaling: Scaling = Scaling()
    critical: bool = False
    """Whether it goes before the other apps where there is not room for all: its pods make theirs
    give way."""
    toleration_seconds: TolerationSeconds = TolerationSeconds()
    metrics: Metrics | None = None
    """Where it shows its metrics; default: nowhere."""
    longest_request_seconds: Annotated[int, Field(ge=1, le=3500)] = 30
    """The longest request that is waited for when a pod goes."""
    shutdown_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    """What the app takes from TERM to its exit, its longest request included; default: that."""
    probes: Probes = Probes()
    run_as_user: Id = 65532
    """User id that the container runs as; never root."""
    run_as_group: Id = 65532
    """Group id of the container and of its scratch volumes."""
    scratch: dict[Annotated[str, AfterValidator(_file_path)], Bytes] = Field(
        default_factory=dict[str, str]
    )
    """Empty directories that the app may write to, by path, with their size limit; everything
    else is read-only."""
    pool: PoolName | None = None
    """Pool that it runs on; default: any without taints."""
    near: AppName | None = None
    """App whose nodes it prefers."""
    one_per_node: bool = False
    """Whether no two of its pods ever share a node."""
    expose: Expose | None = None
    """What the load balancer sends to it; default: nothing."""

    @property
    def ports(self) -> dict[str, int]:
        """Every port, by name."""
        return {MAIN_PORT: self.port, **self.other_ports}

    @property
    def shutdown(self) -> int:
        """Seconds from TERM to exit."""
        own = self.shutdown_seconds
        return self.longest_request_seconds if own is None else own

    @property
    def drain(self) -> Drain:
        """How its pods go; ValueError if `shutdown` is shorter than the longest request."""
        return drain(
            longest_request=self.longest_request_seconds,
            shutdown=self.shutdown,
            load_balanced=self.expose is not None,
        )


class Apps(RootModel[Annotated[dict[AppName, App], Field(min_length=1)]]):
    """The applications by name, at least one."""

    model_config = ConfigDict(frozen=True, strict=True)
