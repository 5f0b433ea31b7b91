"""Deploys components with the mocks of Pulumi and returns the registered resources.

A test asserts on the registered resources after the program has ended, not in an `apply` as in
https://www.pulumi.com/docs/iac/guides/testing/unit/, because the `apply` may never be called.
"""

import asyncio
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, cast

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
from pulumi.runtime import MockResourceArgs

from components.cell_context import ClusterContext
from tools.recording.fast_sdk import fast_sdk
from tools.recording.made_up_outputs import MadeUpOutputs, Subnet

REGION = "us-east-1"
ACCOUNT = "123456789012"

_SHOWN = "test:index:Shown"

T = TypeVar("T")


class Recorder(MadeUpOutputs):
    """Mocks with made-up outputs that record every registered resource."""

    def __init__(self, subnets: Mapping[str, Subnet] | None) -> None:
        super().__init__(REGION, subnets)
        self.recorded: list[tuple[MockResourceArgs, str | None]] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        id_, outputs = super().new_resource(args)
        if args.typ == "eks:index:Cluster":
            outputs = {**outputs, "kubeconfigJson": "{}", "clusterSecurityGroupId": "sg-1"}
        self.recorded.append((args, id_))
        return id_, outputs


class Registered(Protocol):
    """A registered resource: the arguments of the mocks, with the type of their inputs."""

    typ: str
    name: str
    inputs: dict[str, Any]
    provider: str
    resource_id: str | None


class Deployed:
    """Registered resources of a program."""

    def __init__(self, recorded: list[tuple[MockResourceArgs, str | None]]) -> None:
        self._recorded = cast("list[tuple[Registered, str | None]]", recorded)

    @property
    def all(self) -> list[Registered]:
        """All resources."""
        return [args for args, _ in self._recorded]

    def of_type(self, token: str) -> list[Registered]:
        """Returns the resources of a type."""
        return [args for args, _ in self._recorded if args.typ == token]

    def one(self, token: str, name: str | None = None) -> Registered:
        """Returns the only resource of a type, or the only one of that type and name."""
        found = [args for args in self.of_type(token) if name in (None, args.name)]
        assert len(found) == 1, f"{len(found)} of {token} {name or ''}"
        return found[0]

    def shown(self) -> dict[str, Any]:
        """Returns the resolved values of the outputs passed to `show`."""
        return self.one(_SHOWN).inputs

    def id_of(self, resource: Registered) -> str | None:
        """Returns the made-up id of a resource."""
        return next(id_ for args, id_ in self._recorded if args is resource)


def deploy(build: Callable[[], T], subnets: Mapping[str, Subnet] | None = None) -> Deployed:
    """Runs `build` as a Pulumi program and returns its registered resources.

    `subnets` exist in AWS before the program runs.
    """
    mocks = Recorder(subnets)

    @pulumi.runtime.test  # pyright: ignore[reportUnknownMemberType]  # a bare Callable
    def program() -> None:
        build()

    with _event_loop(), fast_sdk():
        pulumi.runtime.set_mocks(mocks, project="ha-eks", stack="test", preview=False)
        program()
    return Deployed(mocks.recorded)


def context(cell: str = "prod", cluster_name: str = "prod") -> ClusterContext:
    """Returns the context of a cell in REGION."""
    return ClusterContext(
        cell=cell,
        region=REGION,
        account=ACCOUNT,
        caller_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session",
        cluster_name=cluster_name,
    )


def with_aws() -> pulumi.ResourceOptions:
    """Returns the options of a component with AWS resources."""
    return pulumi.ResourceOptions(providers=[aws.Provider("aws", region=REGION)])


def with_kubernetes() -> pulumi.ResourceOptions:
    """Returns the options of a component with AWS resources and Kubernetes objects."""
    cluster = kubernetes.Provider("kubernetes", kubeconfig="{}")
    return pulumi.ResourceOptions(providers=[aws.Provider("aws", region=REGION), cluster])


def upstream(image: str) -> str:
    """Resolves an image to its upstream address."""
    return image


def copied(image: str) -> str:
    """Resolves an image to the address of a copy in another registry."""
    return f"reg.example.com/copies/{image}"


def show(**outputs: Any) -> None:
    """Registers a resource with outputs of a component as inputs, so that tests can read them."""
    pulumi.ComponentResource(_SHOWN, "shown", outputs)


@contextmanager
def _event_loop() -> Generator[None]:
    """Provides event loops for Pulumi and closes them.

    The mocks use one thread for responses and another for references. Each thread needs an event
    loop; the SDK would create the loops but never close them.
    """
    loops: list[asyncio.AbstractEventLoop] = []

    def begin() -> None:
        loop = asyncio.new_event_loop()
        loop.set_default_executor(ThreadPoolExecutor(1, initializer=begin))
        asyncio.set_event_loop(loop)
        loops.append(loop)

    begin()
    try:
        yield
    finally:
        for loop in loops:  # outermost first: its thread ends before the next loop is closed
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
        asyncio.set_event_loop(None)
