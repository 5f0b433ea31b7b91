"""Converts values between Pulumi's wire format and plain Python values."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.rpc import (
    UNKNOWN,
    _special_output_value_sig,  # pyright: ignore[reportPrivateUsage]  # the SDK has no public names for them
    _special_resource_sig,  # pyright: ignore[reportPrivateUsage]
    _special_secret_sig,  # pyright: ignore[reportPrivateUsage]
    _special_sig_key,  # pyright: ignore[reportPrivateUsage]
)

_KNOWN_LATER = "(known after deployment)"


def python_values(struct: Struct) -> dict[str, Any]:
    """Returns the values of a struct: whole numbers as integers, secrets unwrapped, keys sorted.

    A reference to a resource becomes {"urn": …, "id": …}.
    """
    return {key: _python_value(value) for key, value in sorted(MessageToDict(struct).items())}


def struct_of(values: Mapping[str, Any]) -> Struct:
    """Returns a struct of plain values."""
    struct = Struct()
    struct.update(values)
    return struct


def unknown_paths(value: object, path: str = "") -> Iterator[str]:
    """Yields the path of each unknown value, for example `tags.Name` or `subnetIds[0]`."""
    if value == UNKNOWN or (isinstance(value, str) and UNKNOWN in value):
        yield path
    elif isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            yield from unknown_paths(item, f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from unknown_paths(item, f"{path}[{index}]")


def secret_paths(struct: Struct) -> Iterator[str]:
    """Yields the path of each secret value, for example `masterPassword` or `tags.Name`."""
    if _special_secret_sig.encode() in struct.SerializeToString():  # few structs have secrets
        yield from _secret_paths(MessageToDict(struct), "")


def _secret_paths(value: object, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        values = cast("dict[str, object]", value)
        if values.get(_special_sig_key) == _special_secret_sig:
            yield path
            return
        for key, item in values.items():
            yield from _secret_paths(item, f"{path}.{key}".removeprefix("."))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[object]", value)):
            yield from _secret_paths(item, f"{path}[{index}]")


def without_unknown(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns values with a text in place of each unknown value."""
    return {key: _without_unknown(value) for key, value in values.items()}


def provider_urn(reference: str) -> str | None:
    """Returns the URN of a provider reference. The format of a reference is URN::ID."""
    return reference.rpartition("::")[0] or None


def options_of(request: Any) -> dict[str, object]:  # Any: protobuf without stubs
    """Returns the resource options that are set."""
    options: dict[str, object] = {
        "ignoreChanges": list(request.ignoreChanges),
        "replaceOnChanges": list(request.replaceOnChanges),
        "protect": request.protect,
        "retainOnDelete": request.retainOnDelete,
        "deletedWith": request.deletedWith,
        "deleteBeforeReplace": request.deleteBeforeReplace,
        "aliases": [alias.urn or alias.spec.name for alias in request.aliases],
        "customTimeouts": {
            key: value
            for key in ("create", "update", "delete")
            if (value := getattr(request.customTimeouts, key))
        },
    }
    return {key: value for key, value in options.items() if value}


def _without_unknown(value: Any) -> Any:  # Any: JSON of any shape
    if isinstance(value, str):
        return value.replace(UNKNOWN, _KNOWN_LATER)
    if isinstance(value, dict):
        return without_unknown(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return [_without_unknown(item) for item in cast("list[Any]", value)]
    return value


def _python_value(value: Any) -> Any:  # Any: JSON of any shape
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_python_value(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        values = cast("dict[str, Any]", value)
        signature = values.get(_special_sig_key)
        if signature in (_special_secret_sig, _special_output_value_sig):
            return _python_value(values.get("value", UNKNOWN))
        if signature == _special_resource_sig:
            return {key: values[key] for key in ("urn", "id") if key in values}
        return {key: _python_value(item) for key, item in sorted(values.items())}
    return value
