"""Calls of an engine are forwarded to the real provider, except for some types and providers."""

from collections.abc import Callable, Generator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.tools.rehearsal.clouds import empty_cloud, urn_of
from tools.drills.provider_router import NOT_REAL, provider_router
from tools.recording.wire import python_values, struct_of

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
DETAILS = (("grpc-status-details-bin", b"x" * 100_000),)
METADATA = (("grpc.max_metadata_size", 1_000_000), ("grpc.absolute_max_metadata_size", 1_000_000))


class RealProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Records the calls, in place of the real provider."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802  # the protocol's names
        self.calls.append(request.address)
        return empty_pb2.Empty()

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: N802
        self.calls.append(request)
        return provider_pb2.ConfigureResponse(acceptSecrets=True)

    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        self.calls.append(request.type)
        if "fail" in request.urn:
            context.set_trailing_metadata(DETAILS)
            context.abort(grpc.StatusCode.UNKNOWN, "not ready")
        return provider_pb2.CreateResponse(id="real", properties=request.properties)


@pytest.fixture
def real(tmp_path: Path) -> Generator[tuple[RealProvider, Path, Path]]:
    """Yields a provider, a program that prints its port, and a file with a line per start."""
    provider = RealProvider()
    options = (
        ("grpc.max_metadata_size", 1_000_000),
        ("grpc.absolute_max_metadata_size", 1_000_000),
    )
    server = grpc.server(futures.ThreadPoolExecutor(2), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    program, starts = tmp_path / "program", tmp_path / "starts"
    program.write_text(f"#!/bin/sh\necho start >> '{starts}'\necho {port}\nexec sleep 60\n")
    program.chmod(0o755)
    yield provider, program, starts
    server.stop(None).wait()


Call = Callable[..., Any]


@pytest.fixture
def call(real: tuple[RealProvider, Path, Path], tmp_path: Path) -> Generator[Call]:
    """Yields a function that calls a method of the router as an engine does."""
    _, program, _ = real
    with (
        provider_router(program, tmp_path, "loopback", empty_cloud()) as port,
        grpc.insecure_channel(f"127.0.0.1:{port}", options=METADATA) as channel,
    ):
        stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)

        def method(name: str, request: Any) -> Any:
            return getattr(stub, name)(request)

        shake(method, "engine:1")
        yield method


def shake(call: Call, engine: str) -> None:
    """Makes a handshake, which the provider of this test does not implement."""
    with pytest.raises(grpc.RpcError) as caught:
        call("Handshake", provider_pb2.ProviderHandshakeRequest(engine_address=engine))
    error: Any = caught.value
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED


def create(call: Call, type_: str, name: str = "web") -> Any:
    inputs = struct_of({"metadata": {"name": name, "namespace": "web"}, "chart": "c"})
    return call(
        "Create",
        provider_pb2.CreateRequest(urn=urn_of(type_, name), type=type_, properties=inputs),
    )


def test_a_resource_is_created_by_the_real_provider(
    real: tuple[RealProvider, Path, Path], call: Call
) -> None:
    assert create(call, DEPLOYMENT).id == "real"
    assert real[0].calls == [DEPLOYMENT]


@pytest.mark.parametrize("type_", NOT_REAL)
def test_a_type_that_is_not_real_is_kept_by_the_fake_cloud(
    real: tuple[RealProvider, Path, Path], call: Call, type_: str
) -> None:
    assert create(call, type_).id != "real"
    assert real[0].calls == []


def test_the_kubeconfig_of_the_stack_is_replaced(
    real: tuple[RealProvider, Path, Path], call: Call
) -> None:
    args = {"clusterIdentifier": "prod", "kubeconfig": "of the stack"}
    answer = call("Configure", provider_pb2.ConfigureRequest(args=struct_of(args)))
    assert answer.acceptSecrets
    [request] = real[0].calls
    assert python_values(request.args) == {**args, "kubeconfig": "loopback"}
    assert request.variables["kubernetes:config:kubeconfig"] == "loopback"


def test_the_provider_of_pulumi_eks_is_not_configured(
    real: tuple[RealProvider, Path, Path], call: Call
) -> None:
    args = struct_of({"kubeconfig": "of the cluster"})
    assert call("Configure", provider_pb2.ConfigureRequest(args=args)).supportsPreview
    assert real[0].calls == [], "the second kubeconfig would replace the first one"


def test_an_object_that_does_not_become_ready_is_reported_with_its_details(call: Call) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        create(call, DEPLOYMENT, "fail")
    error: Any = caught.value
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "not ready")
    assert dict(error.trailing_metadata())["grpc-status-details-bin"] == DETAILS[0][1]


def test_each_engine_has_a_provider_process_of_its_own(
    real: tuple[RealProvider, Path, Path], call: Call
) -> None:
    provider, _, starts = real
    call("Attach", plugin_pb2.PluginAttach(address="engine:1"))
    shake(call, "engine:1")
    assert starts.read_text() == "start\n", "the providers of one engine are configured together"
    shake(call, "engine:2")
    assert starts.read_text() == "start\nstart\n", "the provider would keep its old configuration"
    assert provider.calls == ["engine:1"]
