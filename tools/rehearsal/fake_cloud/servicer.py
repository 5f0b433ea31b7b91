"""The stand-in cloud as Pulumi's engine sees it: one gRPC server for aws, eks and kubernetes."""

from collections.abc import Generator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tools.recording.wire import plain, struct_of
from tools.rehearsal.fake_cloud.cloud import Cloud, RefusedError, updated
from tools.rehearsal.fake_cloud.lookups import asked
from tools.rehearsal.fake_cloud.pulumi_eks import construct
from tools.rehearsal.fake_cloud.replaces import deleted_first, replaced_by

PACKAGES = ("aws", "eks", "kubernetes")
_VERSION = "1000.0.0"
"""Newer than any that a package asks for."""

# ruff: noqa: D102, N802  # the methods have their names from the wire, and mean what it says
# Requests and contexts are Any: protobuf and gRPC without stubs.


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Every method that the engine calls, over one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

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
        same = plain(request.olds) == plain(request.news)
        kind = provider_pb2.DiffResponse
        return kind(changes=kind.DIFF_NONE if same else kind.DIFF_SOME)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, acceptResources=True, supportsPreview=True
        )

    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        old, new = plain(request.old_inputs), plain(request.news)
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        replaces = sorted(replaced_by(request.type, old, new))
        kind = provider_pb2.DiffResponse
        return kind(
            changes=kind.DIFF_SOME if changed else kind.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and deleted_first(request.type, old, new),
        )

    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        inputs = plain(request.properties)
        if request.preview:
            foreseen = self._cloud.foreseen(request.type, request.urn, inputs)
            return provider_pb2.CreateResponse(properties=struct_of(foreseen))
        with _telling(context):
            thing = self._cloud.create(request.type, request.urn, inputs)
            return provider_pb2.CreateResponse(id=thing.id, properties=struct_of(thing.outputs))

    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        inputs = plain(request.news)
        if request.preview:
            outputs = updated(plain(request.olds), plain(request.old_inputs), inputs)
            return provider_pb2.UpdateResponse(properties=struct_of(outputs))
        with _telling(context):
            thing = self._cloud.update(request.type, request.id, request.urn, inputs)
            return provider_pb2.UpdateResponse(properties=struct_of(thing.outputs))

    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        thing = self._cloud.resources.get((request.type, request.id))
        if thing is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=thing.id, properties=struct_of(thing.outputs), inputs=struct_of(thing.inputs)
        )

    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:
        with _telling(context):
            self._cloud.delete(request.type, request.id, request.urn)
            return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:
        args = pulumi.runtime.MockCallArgs(request.tok, plain(request.args), "")
        result, failures = asked(self._cloud, args) or self._cloud.answers.call(args)
        return provider_pb2.InvokeResponse(
            failures=[provider_pb2.CheckFailure(reason=reason) for _, reason in failures],
            **{"return": struct_of(result)},  # pyright: ignore[reportArgumentType]  # a keyword of Python
        )

    def Construct(self, request: Any, context: Any) -> provider_pb2.ConstructResponse:
        return construct(self._cloud, request)


@contextmanager
def _telling(context: Any) -> Generator[None]:
    """Tells the engine what the cloud refuses."""
    try:
        yield
    except RefusedError as error:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))


@contextmanager
def serving(cloud: Cloud) -> Generator[int]:
    """Serves a cloud on a port of loopback, which is given."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(cloud), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()
