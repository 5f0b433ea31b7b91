"""Recordings as the Pulumi engine passes them to an analyzer."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import yaml
from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto.analyzer_pb2 import (
    AnalyzerProviderResource,
    AnalyzerResource,
    AnalyzerResourceOptions,
    AnalyzeStackRequest,
)

from tools.recording import Recording, Resource

Changes: TypeAlias = Mapping[str, Mapping[str, Any]]


def request_of(recording: Recording, changes: Changes | None = None) -> AnalyzeStackRequest:
    """Returns the resources of a recording; `changes` replaces properties by logical name."""
    return AnalyzeStackRequest(resources=_messages(recording.resources, changes or {}))


def _messages(
    resources: Iterable[Resource], changes: Mapping[str, Mapping[str, Any]]
) -> Iterator[AnalyzerResource]:
    for each in resources:
        properties = {**each.inputs, **changes.get(each.name, {})}
        yield AnalyzerResource(
            urn=each.urn,
            type=each.type,
            name=each.name,
            properties=ParseDict(properties, Struct()),
            options=AnalyzerResourceOptions(ignoreChanges=each.options.get("ignoreChanges", [])),
            provider=AnalyzerProviderResource(urn=each.provider) if each.provider else None,
            parent=each.parent or "",
            dependencies=each.dependencies,
        )


def foreign_request(manifests: str, *others: AnalyzerResource) -> AnalyzeStackRequest:
    """Returns the resources of a program of another project, with a resource per manifest."""
    request = AnalyzeStackRequest(resources=others)
    for each in yaml.safe_load_all(manifests):
        request.resources.append(
            foreign(
                f"kubernetes:{each['apiVersion']}:{each['kind']}", each["metadata"]["name"], **each
            )
        )
    return request


def foreign(type_: str, name: str, **properties: Any) -> AnalyzerResource:
    """Returns a resource of a program of another project."""
    return AnalyzerResource(
        urn=f"urn:pulumi:live::shop::{type_}::{name}",
        type=type_,
        name=name,
        properties=ParseDict(properties, Struct()),
    )
