"""The containers of a pod: program, environment, requests and limits."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.facts.accelerators import Device
from settings.reading.names import EnvName, FilePath, Key, ObjectName
from settings.reading.quantities import Bytes, Cpu, Memory
from settings.reading.section import Section, refuse
from settings.workload.environment import EnvFrom, PodField, ResourceField, SecretKey

_PART = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:{_PART}(?::[0-9]{{1,4}}|:[1-5][0-9]{{4}})?/)?{_PART}(?:/{_PART})*"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
LOG_STORAGE = 64
"""MiB of ephemeral storage for logs and files of a pod. The kubelet keeps 5 log files of 10 MiB,
and `files` has at most MAX_FILE_BYTES.
https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation"""
MAX_FILE_BYTES = 900_000
"""Highest size of all files of an app together. A ConfigMap holds at most 1 MiB, also in base64."""


def _image(value: str) -> str:
    match = _IMAGE.fullmatch(value)
    pinned = match and (match["digest"] or match["tag"] not in (None, "latest"))
    if not pinned or len(value) > 512:
        raise refuse(
            "must be an image with a tag other than latest, or with a digest, such as "
            "redis:7.4-alpine"
        )
    return value


Image = Annotated[str, AfterValidator(_image)]
"""Image reference of at most 512 characters, with a tag other than `latest` or with a digest."""


class Container(Section):
    """The program of a container and its environment."""

    image: Image
    """Container image with a tag other than `latest`, or with a digest."""
    command: tuple[str, ...] = ()
    """Program and first arguments, in place of the image's entrypoint. Default: the entrypoint of
    the image."""
    args: tuple[str, ...] = ()
    """Arguments of the entrypoint. Default: the arguments of the image."""
    env: dict[EnvName, str] = Field(default_factory=dict[str, str])
    """Environment variables, by name. Kubernetes replaces `$(NAME)` with the value of another
    variable of `env`, `secretEnv`, `envFields` or `envResources`, and `$$` with `$`. Values are
    visible in the stack file and in Pulumi's state: write secrets with `secretEnv`."""
    secret_env: dict[EnvName, SecretKey] = Field(default_factory=dict[str, SecretKey])
    """Environment variables from Secrets in the namespace of the workload, by name. Another tool,
    such as the External Secrets Operator, creates the Secrets; this program never reads them."""
    env_fields: dict[EnvName, PodField] = Field(default_factory=dict[str, str])
    """Environment variables from fields of the pod, by name: `metadata.name`, `metadata.namespace`,
    `metadata.uid`, `metadata.labels['KEY']`, `metadata.annotations['KEY']`, `spec.nodeName`,
    `spec.serviceAccountName`, `status.hostIP`, `status.hostIPs`, `status.podIP` or
    `status.podIPs`."""
    env_resources: dict[EnvName, ResourceField] = Field(default_factory=dict[str, ResourceField])
    """Environment variables from requests and limits of the container, by name."""
    env_from: tuple[EnvFrom, ...] = ()
    """Secrets and ConfigMaps whose values are all environment variables. Another tool creates them.
    Of two variables with one name, the later has precedence; every variable of `env`, `secretEnv`,
    `envFields` and `envResources` has precedence over these. Values of `env` can refer to
    them."""

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the environment variables, in their order, without those of `envFrom`."""
        return (*self.secret_env, *self.env_fields, *self.env_resources, *self.env)


class ContainerRequests(Section):
    """Resource requests of an init container or a sidecar. Each also requests 64Mi of ephemeral
    storage for its logs."""

    cpu: Cpu
    """CPU, such as `250m` or `"1"`. The container has no CPU limit."""
    memory: Memory
    """Memory in Mi or Gi, at least 6Mi. The memory limit of the container has the same value."""


class Requests(Section):
    """Resource requests of the program of a pod. Init containers and sidecars have their own."""

    cpu: Cpu
    """CPU, such as `250m` or `"1"`. The CPU target of autoscaling is a percentage of this value.
    The pod has no CPU limit."""
    memory: Memory
    """Memory in Mi or Gi, at least 6Mi. The memory limit of the program has the same value."""
    ephemeral_storage: Bytes | None = None
    """Ephemeral storage in Mi or Gi: the directories of `scratch`, and logs. Default: the sizes of
    `scratch` + 64Mi for logs and `files`."""
    gpu: Annotated[int, Field(ge=1, le=16)] | None = None
    """Number of NVIDIA GPUs, at most those of one node. The pods run in `pool`, or in any pool with
    GPUs and without `taints`. Default: none."""
    neuron: Annotated[int, Field(ge=1, le=16)] | None = None
    """Number of AWS Neuron devices, the chips of Inferentia and Trainium, at most those of one
    node. The pods run in `pool`, or in any pool with Neuron devices and without `taints`.
    Default: none."""

    @property
    def device(self) -> Device | None:
        """Kind of the accelerators; None without any."""
        if self.gpu:
            return "gpu"
        return "neuron" if self.neuron else None

    @property
    def accelerators(self) -> int:
        """Number of accelerators of that kind."""
        return self.gpu or self.neuron or 0


class Limits(Section):
    """Resource limits of a pod, besides the memory limit."""

    ephemeral_storage: Bytes | None = None
    """Ephemeral storage of the pod in Mi or Gi, at least the request. The kubelet evicts a pod that
    uses more, although the pod is healthy. The logs of an init container or a sidecar may use 64Mi
    more. Default: no limit; each directory of `scratch` has its own."""


class SecretFile(Section):
    """A Secret in the namespace of the workload, as a file or a directory."""

    secret: ObjectName
    """Name of the Secret."""
    key: Key | None = None
    """Key in the Secret whose value is the content of the file. Default: the path is a directory
    with a file for each key."""


class PreStop(Section):
    """Command that runs before TERM. The pod receives new requests while the command runs, and TERM
    as soon as the command ends."""

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    """Program and arguments, in the container; not run by a shell."""
    seconds: Annotated[int, Field(ge=1, le=3600)]
    """Duration of the command. At least the time for which a deleted pod receives new requests:
    `expose.deregistrationSeconds` if the app is exposed, otherwise 5 seconds."""


class Logs(Section):
    """Collection of an app's standard output."""

    collected: bool = True
    """True: CloudWatch Logs and the archive receive the output."""
    multiline: Literal["go", "java", "python", "ruby"] | None = None
    """Language whose stack traces are joined into one event. Default: each line is an event."""


class Volume(Section):
    """Persistent EBS volume, in one zone, with one pod."""

    path: FilePath
    """Absolute path at which the volume is mounted."""
    size: Bytes
    """Size in Mi or Gi, at most `65536Gi`; EBS rounds up to GiB. Can be increased, never
    decreased."""
    deletion_protection: bool = True
    """True: Pulumi refuses to delete the volume and its data. To remove the app, first deploy with
    false."""
