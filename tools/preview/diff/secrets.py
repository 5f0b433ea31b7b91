"""Hides secret values, so that a change of a secret is shown without its value.

Secret are the inputs that the program marks as secret, the data of Kubernetes Secrets, and texts
below keys and in environment variables whose name says so.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, cast

from tools.recording import Resource

SHOWN = "(secret)"
"""Text in place of a secret."""

_KEY = re.compile(
    r"(password|passwd|secret_?(string|key|binary)|token|api_?key|private_?key|auth_?string"
    r"|connection_?string|credentials?)$",
    re.IGNORECASE,
)
_VARIABLE = re.compile(
    r"password|passwd|secret|token|api_?key|private_?key|credential", re.IGNORECASE
)
_SECRET = "kubernetes:core/v1:Secret"
_DIGEST = re.compile(r"(?:\0|\\u0000)secret:[0-9a-f]{64}")


def hidden(resource: Resource) -> dict[str, Any]:  # Any: JSON of any shape
    """Returns the inputs of a resource with a digest in place of each secret.

    The digest is only compared, and never shown: `shown` replaces it.
    """
    secrets = {*resource.secrets}
    if resource.type == _SECRET:
        secrets |= {"data", "stringData"}
    return {key: _hidden(value, key, key, secrets) for key, value in resource.inputs.items()}


def shown(text: str) -> str:
    """Returns a text without the digests of secrets."""
    return _DIGEST.sub(SHOWN, text)


def masked(value: Any) -> Any:
    """Returns a value without the digests of secrets."""
    if isinstance(value, Mapping):
        return {key: masked(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [masked(item) for item in cast("list[Any]", value)]
    return shown(value) if isinstance(value, str) else value


def _hidden(value: Any, path: str, key: str, secrets: set[str]) -> Any:
    if path in secrets:
        return _digests(value)
    if isinstance(value, Mapping):
        values = cast("Mapping[str, Any]", value)
        if isinstance(values.get("value"), str) and _VARIABLE.search(str(values.get("name", ""))):
            return {**values, "value": _digests(values["value"])}
        return {
            name: _hidden(item, f"{path}.{name}", name, secrets) for name, item in values.items()
        }
    if isinstance(value, list):
        items = enumerate(cast("list[Any]", value))
        return [_hidden(item, f"{path}[{number}]", key, secrets) for number, item in items]
    return _digests(value) if isinstance(value, str) and _KEY.search(key) else value


def _digests(value: Any) -> Any:
    """Returns a value with a digest in place of each scalar."""
    if isinstance(value, Mapping):
        return {key: _digests(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_digests(item) for item in cast("list[Any]", value)]
    return f"\0secret:{hashlib.sha256(repr(value).encode()).hexdigest()}"
