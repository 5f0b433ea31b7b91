"""The fake cloud as a Pulumi provider: one gRPC server for aws, eks and kubernetes."""

from collections.abc import Generator
from concurrent import futures
from contextlib import contextmanager
from typing import Any, cast

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from core.facts.replacements import deletes_before_create, is_known, replacing_inputs
from tools.recording import in_extension
from tools.recording.wire import python_values, struct_of
from tools.rehearsal.fake_cloud.cloud import FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.lookups import look_up
from tools.rehearsal.fake_cloud.pulumi_eks import construct
from tools.rehearsal.fake_cloud.readiness import Readiness
from tools.rehearsal.fake_cloud.references import Values

PACKAGES = ("aws", "eks", "kubernetes")
_VERSION = "1000.0.0"
"""Higher than every version that an SDK requires."""

_CHANGED = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.UPDATE, inputDiff=True)

# ruff: noqa: D102, N802  # names and meanings of the methods are those of the protocol
# Requests and contexts are Any: protobuf and gRPC without stubs.


class FakeProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The methods of a provider that the engine calls."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud
        self._readiness = Readiness(cloud)

    def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=_VERSION)

    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        same = python_values(request.olds) == python_values(request.news)
        kind = provider_pb2.DiffResponse
        return kind(changes=kind.DIFF_NONE if same else kind.DIFF_SOME)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptResources=True, supportsPreview=True
        )

    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        self._readiness.note_request()
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        old, new = python_values(request.old_inputs), python_values(request.news)
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        # An extension can have types that the table lacks: they are updated in place.
        unknown = in_extension(request.urn) and not is_known(request.type)
        replaces = [] if unknown else sorted(replacing_inputs(request.type, old, new))
        kind = provider_pb2.DiffResponse
        return kind(
            changes=kind.DIFF_SOME if changed else kind.DIFF_NONE,
            diffs=changed,
            hasDetailedDiff=True,
            detailedDiff=dict.fromkeys(changed_paths(old, new), _CHANGED),
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and deletes_before_create(request.type, old, new),
        )

    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        inputs = python_values(request.properties)
        if request.preview:
            outputs = self._cloud.preview_outputs(request.type, request.urn, inputs)
            return provider_pb2.CreateResponse(properties=struct_of(outputs))
        with _refusals_to_engine(context):
            resource = self._cloud.create(request.type, request.urn, inputs)
            self._readiness.wait(resource, context)
            return provider_pb2.CreateResponse(
                id=resource.id, properties=struct_of(resource.outputs)
            )

    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        inputs = python_values(request.news)
        if request.preview:
            before = python_values(request.olds), python_values(request.old_inputs)
            outputs = self._cloud.preview_update(request.type, request.urn, *before, inputs)
            return provider_pb2.UpdateResponse(properties=struct_of(outputs))
        with _refusals_to_engine(context):
            resource = self._cloud.update(
                request.type, request.id, request.urn, inputs, python_values(request.old_inputs)
            )
            self._readiness.wait(resource, context)
            return provider_pb2.UpdateResponse(properties=struct_of(resource.outputs))

    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        resource = self._cloud.resources.get((request.type, request.id))
        if resource is None:
            return provider_pb2.ReadResponse()
        self._readiness.check(resource, context)
        return provider_pb2.ReadResponse(
            id=resource.id,
            properties=struct_of(resource.outputs),
            inputs=struct_of(resource.inputs),
        )

    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:
        with _refusals_to_engine(context):
            self._cloud.delete(request.type, request.id, request.urn)
            return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:
        args = pulumi.runtime.MockCallArgs(request.tok, python_values(request.args), "")
        result, failures = look_up(self._cloud, args) or self._cloud.made_up_outputs.call(args)
        return provider_pb2.InvokeResponse(
            failures=[provider_pb2.CheckFailure(reason=reason) for _, reason in failures],
            **{"return": struct_of(result)},  # pyright: ignore[reportArgumentType]  # a keyword of Python
        )

    def Construct(self, request: Any, context: Any) -> provider_pb2.ConstructResponse:
        return construct(self._cloud, request)


@contextmanager
def _refusals_to_engine(context: Any) -> Generator[None]:
    """Ends the call with the error of a refused operation."""
    try:
        yield
    except RefusedError as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))


@contextmanager
def serve(cloud: FakeCloud) -> Generator[int]:
    """Serves a fake cloud on a free port of the loopback interface; yields the port."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(FakeProvider(cloud), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


def changed_paths(old: Values, new: Values, parent: str = "") -> Generator[str]:
    """Yields the paths of the properties that differ; a list is one property."""
    for key in sorted({*old, *new}):
        path = f"{parent}.{key}" if parent and key.isidentifier() else f"{parent}{_quoted(key)}"
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from changed_paths(cast("Values", before), cast("Values", after), path)
        elif before != after:
            yield path


def _quoted(key: str) -> str:
    return key if key.isidentifier() else f'["{key}"]'
