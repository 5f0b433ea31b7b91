"""Environment variables from Secrets, ConfigMaps, the pod and the resources of a container."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from settings.reading.names import Key, ObjectName
from settings.reading.section import Section, refuse

_LABEL = (
    r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
)
FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
    "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
"""Fields of a pod that an environment variable can have, besides labels and annotations.
https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#downwardapi-fieldRef"""
_LABEL_FIELD = re.compile(rf"metadata\.(?:labels|annotations)\['{_LABEL}'\]")
_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE = re.compile(r"\$\$|\$\((?P<name>[^)]*)\)")
"""A reference to a variable, after any pairs of $ that escape it."""


def _field(value: str) -> str:
    if value not in FIELDS and not _LABEL_FIELD.fullmatch(value):
        raise refuse(
            f"must be one of {', '.join(FIELDS)}, metadata.labels['KEY'] or "
            "metadata.annotations['KEY']"
        )
    return value


def _prefix(value: str) -> str:
    if not _PREFIX.fullmatch(value):
        raise refuse("must be a prefix of letters, digits and _, not beginning with a digit")
    return value


def references(value: str) -> Iterator[tuple[str, str]]:
    """Yields each reference to a variable in a value, such as `$(NAME)`, and the variable's name.

    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    for match in _REFERENCE.finditer(value):
        if match["name"] is not None:
            yield match[0], match["name"]


def in_order(env: Mapping[str, str]) -> Mapping[str, str]:
    """Returns variables by name, each after the variables that its value refers to.

    Kubernetes replaces references to earlier variables only, and Pulumi sorts the keys of a
    mapping, so that their order in the stack file is lost.
    """
    found: dict[str, str] = {}
    visited: set[str] = set()

    def visit(name: str) -> None:
        if name in env and name not in visited:
            visited.add(name)
            for _, other in references(env[name]):
                visit(other)
            found[name] = env[name]

    for name in sorted(env):
        visit(name)
    return found


PodField = Annotated[str, AfterValidator(_field)]
"""Path of a field of the pod, such as `status.podIP`."""


class SecretKey(Section):
    """One value of a Secret in the app's namespace."""

    secret: ObjectName
    """Name of the Secret."""
    key: Key
    """Key in the Secret."""


class EnvFrom(Section):
    """All values of a Secret or a ConfigMap as environment variables, which have the names of the
    keys. Write either `secret` or `configMap`."""

    secret: ObjectName | None = None
    """Name of a Secret in the namespace of the workload. Default: no Secret."""
    config_map: ObjectName | None = None
    """Name of a ConfigMap in the namespace of the workload. Default: no ConfigMap."""
    prefix: Annotated[str, AfterValidator(_prefix)] | None = None
    """Text before the name of each variable. Default: no prefix."""


class ResourceField(Section):
    """A request or a limit of the container.
    https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#downwardapi-resourceFieldRef"""

    resource: Literal[
        "requests.cpu", "requests.memory", "requests.ephemeral-storage",
        "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    ]  # fmt: skip
    """Name of the request or limit. The memory limit is the memory request. Without a limit,
    `limits.cpu` and `limits.ephemeral-storage` are the allocatable amount of the node."""
    divisor: Literal["1", "1m", "1Ki", "1Mi", "1Gi"] = "1"
    """Unit of the value, which is rounded up: `"1"` for cores or bytes, `1m` for millicores, `1Ki`
    to `1Gi` for memory and storage."""

    @property
    def fits(self) -> bool:
        """True if the divisor is a unit of the resource."""
        cpu = self.resource.endswith(".cpu")
        return self.divisor == "1" or cpu is (self.divisor == "1m")
