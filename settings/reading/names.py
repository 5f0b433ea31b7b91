"""Types of names and paths in the stack file."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from settings.reading.section import refuse

MAIN_PORT = "app"
"""Name of the `port` of an app."""

_APP_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?")
_SYSTEM_NAMESPACES = {
    "amazon-cloudwatch",
    "cluster-autoscaler",
    "default",
    "descheduler",
    "device-plugins",
    "headroom",
    "keda",
    "system",
}
_CONTAINER_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PORT_NAME = re.compile(r"(?=.{1,15}$)[a-z](?:-?[a-z0-9])*")
_ENV_NAME = re.compile(r"(?!\.\.)[A-Za-z_.-][A-Za-z0-9_.-]*")
"""https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/util/validation/validation.go"""
_URL_PATH = re.compile(r"/|(?:/[A-Za-z0-9._~-]+){1,16}")
_DOTS = {".", ".."}
_FILE_PATH = re.compile(r"(?:/[A-Za-z0-9._-]+){1,16}")
_OBJECT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,253}")


def is_system_namespace(name: str) -> bool:
    """True if a namespace of this name belongs to Kubernetes or to the system of the cell."""
    return name in _SYSTEM_NAMESPACES or name.startswith("kube-")


def is_port_name(name: str) -> bool:
    """True if a further port can have the name: `app` is the name of the main port."""
    return name != MAIN_PORT and bool(_PORT_NAME.fullmatch(name))


def _app_name(value: str) -> str:
    if not _APP_NAME.fullmatch(value):
        raise refuse(
            "must be a name of lowercase letters, digits and -, beginning with a letter and ending "
            "with a letter or digit, at most 20 characters"
        )
    if is_system_namespace(value):
        raise refuse(f"{value} is the name of a system namespace; choose another name")
    return value


def _port_name(value: str) -> str:
    if value == MAIN_PORT:
        raise refuse(f"{MAIN_PORT} is the name of the port of the app; choose another name")
    if not is_port_name(value):
        raise refuse(
            "must be a name of lowercase letters, digits and single -, beginning with a letter, at "
            "most 15 characters"
        )
    return value


def _port_reference(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        raise refuse(
            f"must be the name of a port, not its number; write {MAIN_PORT} for the main port, or "
            f"add {value} to otherPorts and write its name"
        )
    return value


def _env_name(value: str) -> str:
    if not _ENV_NAME.fullmatch(value) or value in _DOTS:
        raise refuse(
            "must be a name of letters, digits, _, - and ., not beginning with a digit or two dots"
        )
    return value


def is_url_path(value: str) -> bool:
    """True if a route can have the path."""
    return (
        bool(_URL_PATH.fullmatch(value)) and len(value) <= 100 and not _DOTS & {*value.split("/")}
    )


def _url_path(value: str) -> str:
    if not is_url_path(value):
        raise refuse(
            "must be a path such as / or /api, without query, wildcard, dot segment or / at the "
            "end, at most 100 characters"
        )
    return value


def _request_path(value: str) -> str:
    if not is_url_path(value.removesuffix("/") or value):
        raise refuse(
            "must be a path such as /ready or /ht/, without query, wildcard or dot segment, at "
            "most 100 characters"
        )
    return value


def _file_path(value: str) -> str:
    if not _FILE_PATH.fullmatch(value) or _DOTS & set(value.split("/")):
        raise refuse("must be an absolute path below /, such as /tmp")
    return value


def _object_name(value: str) -> str:
    if not _OBJECT_NAME.fullmatch(value):
        raise refuse(
            "must be the name of a Kubernetes object: lowercase letters, digits, - and ., "
            "beginning and ending with a letter or digit, at most 253 characters"
        )
    return value


def _key(value: str) -> str:
    if not _KEY.fullmatch(value) or value in _DOTS:
        raise refuse("must be a key of letters, digits, -, _ and ., at most 253 characters")
    return value


def _container_name(value: str) -> str:
    if not _CONTAINER_NAME.fullmatch(value):
        raise refuse(
            "must be a name of lowercase letters, digits and -, beginning and ending with a letter "
            "or digit, at most 63 characters"
        )
    return value


AppName = Annotated[str, AfterValidator(_app_name)]
"""Name of an app and of its namespace."""
ContainerName = Annotated[str, AfterValidator(_container_name)]
"""Name of a container of a pod."""
PortName = Annotated[str, AfterValidator(_port_name)]
"""Name of a further port of an app."""
EnvName = Annotated[str, AfterValidator(_env_name)]
"""Name of an environment variable."""
UrlPath = Annotated[str, AfterValidator(_url_path)]
"""URL path without a query, such as `/api`."""
RequestPath = Annotated[str, AfterValidator(_request_path)]
"""URL path of a request, without a query, such as `/ready` or `/ht/`."""
FilePath = Annotated[str, AfterValidator(_file_path)]
"""Absolute path of a file or directory."""
ObjectName = Annotated[str, AfterValidator(_object_name)]
"""Name of a Kubernetes object."""
Key = Annotated[str, AfterValidator(_key)]
"""A key of a ConfigMap or a Secret."""
PortReference = Annotated[str, BeforeValidator(_port_reference)]
"""Name of a port that another key defines."""
Port = Annotated[int, Field(ge=1, le=65535)]
"""TCP port."""
