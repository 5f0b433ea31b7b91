"""The container of an app."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.names import FilePath, Key, ObjectName
from settings.reading.quantities import Bytes, Cpu, Memory
from settings.reading.section import Section, refuse

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


class Requests(Section):
    """Resource requests of a pod."""

    cpu: Cpu
    """CPU, such as `250m` or `"1"`. The CPU target of autoscaling is a percentage of this value.
    The pod has no CPU limit."""
    memory: Memory
    """Memory in Mi or Gi, at least 6Mi. The memory limit of the pod has the same value."""
    ephemeral_storage: Bytes | None = None
    """Ephemeral storage in Mi or Gi: the directories of `scratch`, and logs. Default: the sizes of
    `scratch` + 64Mi for logs and `files`."""


class Limits(Section):
    """Resource limits of a pod, besides the memory limit."""

    ephemeral_storage: Bytes | None = None
    """Ephemeral storage of the pod in Mi or Gi, at least the request. The kubelet evicts a pod that
    uses more, although the pod is healthy. Default: no limit; each directory of `scratch` has its
    own."""


class SecretKey(Section):
    """One value of a Secret in the app's namespace."""

    secret: ObjectName
    """Name of the Secret."""
    key: Key
    """Key in the Secret."""


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
