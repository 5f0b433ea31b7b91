"""The Kubernetes provider of the engine in a drill: the real one, except for some types.

The engine connects to a server in this process, which forwards its calls to the real provider.
"""

import subprocess
from collections.abc import Callable, Generator
from concurrent import futures
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import grpc
from pulumi.runtime.proto import provider_pb2

from tools.control_plane.processes import Process, stop
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.provider import FakeProvider

_SERVICE = "/pulumirpc.ResourceProvider/"
_HANDSHAKE, _CONFIGURE = f"{_SERVICE}Handshake", f"{_SERVICE}Configure"
_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    # Errors of objects that do not become ready contain the object, in the metadata.
    ("grpc.max_metadata_size", 16 * 1024 * 1024),
)
_THREADS = 64
"""Concurrent calls. A call for a Deployment lasts until its pods are ready."""

NOT_REAL = (
    # Charts cannot be installed without their registries.
    "kubernetes:helm.sh/v3:Release",
    # The policy refuses pods without AWS credentials, which no webhook of EKS injects here.
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
)
"""Types of which the fake cloud keeps the objects."""

_REQUESTS: dict[str, Any] = {  # Any: protobuf without stubs
    f"{_SERVICE}{method}": request
    for method, request in {
        "Check": provider_pb2.CheckRequest,
        "Diff": provider_pb2.DiffRequest,
        "Create": provider_pb2.CreateRequest,
        "Read": provider_pb2.ReadRequest,
        "Update": provider_pb2.UpdateRequest,
        "Delete": provider_pb2.DeleteRequest,
    }.items()
}
"""Messages of the methods that concern one resource, which all have its type."""


class _Router(grpc.GenericRpcHandler):
    """Answers the calls of an engine."""

    def __init__(self, program: Path, log: Path, kubeconfig: str, cloud: FakeCloud) -> None:
        self._program, self._log, self._kubeconfig = program, log, kubeconfig
        self._fake = FakeProvider(cloud)
        self._engine = ""
        self._real = ExitStack()
        self._channel: Any = None  # Any: gRPC without stubs

    def service(self, handler_call_details: Any) -> Any:
        """Returns the handler of a method, which receives and returns encoded messages."""
        method: str = handler_call_details.method

        def handle(request: bytes, context: Any) -> bytes:
            return self._answer(method, request, context)

        return cast("Any", grpc.unary_unary_rpc_method_handler)(handle)

    def _answer(self, method: str, request: bytes, context: Any) -> bytes:
        if method in _REQUESTS:
            message = _REQUESTS[method].FromString(request)
            if message.type in NOT_REAL:
                answer = getattr(self._fake, method.removeprefix(_SERVICE))
                return answer(message, context).SerializeToString()
        elif method == _HANDSHAKE:
            self._begin(provider_pb2.ProviderHandshakeRequest.FromString(request).engine_address)
        elif method == _CONFIGURE:
            message = provider_pb2.ConfigureRequest.FromString(request)
            if "clusterIdentifier" not in message.args:  # no resource has this provider
                return self._fake.Configure(message, context).SerializeToString()
            message.args["kubeconfig"] = self._kubeconfig
            message.variables["kubernetes:config:kubeconfig"] = self._kubeconfig
            request = message.SerializeToString()
        return self._forward(method, request, context)

    def _begin(self, engine: str) -> None:
        """Starts the provider for a new engine: a provider keeps the configuration of its first.

        An engine makes a handshake for each provider of the program, and waits for the answer.
        """
        if engine == self._engine:
            return
        self.close()
        self._engine = engine
        log = self._real.enter_context(self._log.open("ab"))
        process = subprocess.Popen([self._program], stdout=subprocess.PIPE, stderr=log)
        self._real.callback(_stop, process)
        assert process.stdout
        port = int(process.stdout.readline())
        self._channel = self._real.enter_context(
            grpc.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS)
        )

    def _forward(self, method: str, request: bytes, context: Any) -> bytes:
        call: Callable[..., bytes] = self._channel.unary_unary(method)
        try:
            return call(request)
        except grpc.RpcError as error:
            refused: Any = error  # Any: the error is also the call, of a private type
            context.set_trailing_metadata(refused.trailing_metadata())
            context.abort(refused.code(), refused.details())
            raise

    def close(self) -> None:
        """Stops the provider."""
        self._real.close()


def _stop(process: Process) -> None:
    assert process.stdout
    process.stdout.close()
    stop(process)


@contextmanager
def provider_router(
    program: Path, folder: Path, kubeconfig: str, cloud: FakeCloud
) -> Generator[int]:
    """Serves the Kubernetes provider on a free port of the loopback interface; yields the port.

    `program` is the real provider, `folder` contains its log, `kubeconfig` replaces that of the
    stack, and `cloud` keeps the objects of the types that are not real.
    """
    router = _Router(program, folder / "provider.log", kubeconfig, cloud)
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_THREADS), handlers=[router], options=_OPTIONS
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()
        router.close()
