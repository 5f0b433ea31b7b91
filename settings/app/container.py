"""What is in an app's container, and what it is given."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.reading.names import FilePath, Key, ObjectName
from settings.reading.quantities import Bytes, Cpu
from settings.reading.section import Section, refuse

_PART = r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:{_PART}(?::[0-9]{{1,4}}|:[1-5][0-9]{{4}})?/)?{_PART}(?:/{_PART})*"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
MOST_BYTES = 900_000
"""Of all files together: a ConfigMap holds 1 MiB, in base64 or not."""


def _image(value: str) -> str:
    match = _IMAGE.fullmatch(value)
    pinned = match and (match["digest"] or match["tag"] not in (None, "latest"))
    if not pinned or len(value) > 512:
        raise refuse("an image with a tag that stays, or a digest, such as redis:7.4-alpine")
    return value


Image = Annotated[str, AfterValidator(_image)]


class Requests(Section):
    """What a pod is promised. Its memory limit is the same; CPU has none."""

    cpu: Cpu
    """CPU, as 250m or "1"; the target of autoscaling is a share of it."""
    memory: Bytes
    """Memory, Mi or Gi."""


class SecretKey(Section):
    """A value of a Secret that is in the app's namespace: made by others, and never seen here."""

    secret: ObjectName
    """Name of the Secret."""
    key: Key
    """Key in it."""


class PreStop(Section):
    """A command that runs before TERM, instead of waiting: the app is sent requests while it does,
    and TERM comes as soon as it ends."""

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    """Program and arguments, in the container; no shell."""
    seconds: Annotated[int, Field(ge=1, le=3600)]
    """How long it takes, 1 to 3600 s: at least as long as the pod is sent requests after its
    deletion."""


class Logs(Section):
    """What becomes of what an app writes to its standard output."""

    collected: bool = True
    """Whether it goes to CloudWatch, and to the archive."""
    multiline: Literal["go", "java", "python", "ruby"] | None = None
    """Language whose stack traces are put together into one event; default: a line is an event."""


class Volume(Section):
    """An EBS volume that an app keeps: in one zone, with one pod that writes to it."""

    path: FilePath
    """Where it is mounted."""
    size: Bytes
    """Mi or Gi; it can grow, and never shrink."""
    deletion_protection: bool = True
    """Whether Pulumi refuses to delete it, with its data, until this is turned off."""
