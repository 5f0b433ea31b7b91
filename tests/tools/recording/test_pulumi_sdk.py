"""Internal names of the Pulumi SDK that the recorder uses to replace Pulumi's engine."""

import ast
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from pkgutil import resolve_name

from pulumi.runtime.proto import resource_pb2_grpc

from tests.pulumi_sdk import SDK, UPGRADE
from tools.recording.fast_sdk import REPLACEMENTS
from tools.recording.monitor import Monitor
from tools.recording.record import ROOT

INTERNAL = {
    "pulumi.Output._track",
    "pulumi._types.resource_pulumi_to_py_names",
    "pulumi._types.resource_py_to_pulumi_names",
    "pulumi._types.resource_types",
    "pulumi._types.unwrap_optional_type",
    "pulumi._types.unwrap_type",
    "pulumi.log.debug",
    "pulumi.output._OutputData",
    "pulumi.runtime.config.set_all_config",
    "pulumi.runtime.known_types.is_unknown",
    "pulumi.runtime.mocks.MockEngine",
    "pulumi.runtime.proto.callback_pb2",
    "pulumi.runtime.proto.resource_pb2",
    "pulumi.runtime.proto.source_pb2",
    "pulumi.runtime.resource._get_stack_trace",
    "pulumi.runtime.resource.create_urn",
    "pulumi.runtime.resource_cycle_breaker._DEPENDENCIES_PROPERTY",
    "pulumi.runtime.resource_cycle_breaker._reachable",
    "pulumi.runtime.rpc.UNKNOWN",
    "pulumi.runtime.rpc._special_output_value_sig",
    "pulumi.runtime.rpc._special_resource_sig",
    "pulumi.runtime.rpc._special_secret_sig",
    "pulumi.runtime.rpc._special_sig_key",
    "pulumi.runtime.rpc.contains_unknowns",
    "pulumi.runtime.rpc.declare_dependency",
    "pulumi.runtime.rpc.resolve_outputs",
    "pulumi.runtime.rpc.serialize_property",
    "pulumi.runtime.rpc.transfer_properties",
    "pulumi.runtime.settings.SETTINGS",
    "pulumi.runtime.settings.Settings",
    "pulumi.runtime.settings.configure",
    "pulumi.runtime.settings.reset_options",
    "pulumi.runtime.stack.run_in_stack",
}
"""All names below pulumi.runtime that are not public and that tools/recording uses."""
ATTRIBUTES = {
    "pulumi.runtime.settings.Settings": {"callbacks", "outputs"},
    "pulumi.Output": {"_data"},
}
"""Internal attributes of instances that the recorder uses."""


def test_the_installed_and_the_pinned_sdk_have_the_version_of_the_recorder() -> None:
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert (version("pulumi"), f"pulumi=={SDK}" in pins) == (SDK, True), UPGRADE


def test_the_sdk_has_every_internal_name_that_the_recorder_uses() -> None:
    missing = [name for name in sorted(INTERNAL) if not _exists(name)]
    missing += [
        f"{name}.{attribute}"
        for name, attributes in ATTRIBUTES.items()
        for attribute in attributes - {*dir(resolve_name(name)), *_annotations(name)}
    ]
    assert not missing, UPGRADE


def test_the_monitor_implements_methods_of_the_resource_monitor_service() -> None:
    implemented = {name for name in vars(Monitor) if name[0].isupper()}
    assert implemented <= {*vars(resource_pb2_grpc.ResourceMonitorServicer)}, UPGRADE


def test_every_internal_name_that_the_recorder_uses_is_listed_here() -> None:
    files = sorted((ROOT / "tools" / "recording").rglob("*.py"))
    used = {name for file in files for name in _internal_names(file)}
    assert used | {*REPLACEMENTS} == INTERNAL


def _exists(name: str) -> bool:
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def _annotations(name: str) -> dict[str, object]:
    return getattr(resolve_name(name), "__annotations__", {})


def _internal_names(file: Path) -> Iterator[str]:
    """Yields the names of pulumi.runtime that a file imports or reads as attributes."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("pulumi."):
            continue
        for alias in node.names:
            if node.module == "pulumi.runtime":
                modules[alias.asname or alias.name] = f"pulumi.runtime.{alias.name}"
            else:
                yield f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in modules:
                yield f"{modules[node.value.id]}.{node.attr}"
            elif node.value.id == "pulumi" and node.attr.startswith("_"):
                yield f"pulumi.{node.attr}"
