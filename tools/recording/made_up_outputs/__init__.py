"""Made-up outputs of AWS and Kubernetes, used by preview, tests and the fake cloud.

`MadeUpOutputs` implements `pulumi.runtime.Mocks`. An output without a made-up value stays unknown,
and the recorder reports each resource that uses the output.
"""

from typing import Any

import pulumi

from settings import Settings
from tools.recording.made_up_outputs.account import (
    ACCOUNT,
    DEPLOYER,
    PRINCIPALS,
    SECOND_OPERATOR,
    Account,
    NotFoundError,
    Outputs,
    Subnet,
)
from tools.recording.made_up_outputs.ids import digest
from tools.recording.made_up_outputs.invokes import INVOKES
from tools.recording.made_up_outputs.resources import RESOURCES, kubernetes_object

__all__ = [
    "ACCOUNT",
    "DEPLOYER",
    "PRINCIPALS",
    "SECOND_OPERATOR",
    "MadeUpOutputs",
    "Outputs",
    "Subnet",
    "digest",
]


class MadeUpOutputs(Account, pulumi.runtime.Mocks):
    """Returns made-up outputs of resources and made-up results of invokes in one region."""

    @classmethod
    def for_settings(cls, settings: Settings) -> "MadeUpOutputs":
        """Returns the made-up outputs of a stack.

        The subnets of an existing VPC are in the zones that the stack file states. An administrator
        of the stack file runs Pulumi, if the file has one.
        """
        existing = settings.network.existing
        subnets: dict[str, Subnet] = {}
        if existing:
            for by_zone in (
                existing.private_subnets,
                existing.public_subnets,
                existing.internal_subnets,
                existing.control_plane_subnets,
            ):
                for zone, id_ in by_zone.items():
                    number = len(subnets)
                    ipv6 = f"2001:db8:1234:1a{number:02x}::/64"
                    dualstack = any(
                        each.settings.dualstack for each in settings.load_balancers.values()
                    )
                    subnets[id_] = Subnet(
                        zone,
                        existing.vpc_id,
                        f"192.168.{number}.0/24",
                        ipv6 if dualstack else "",
                    )
        account = cls(settings.aws.region, subnets)
        cluster = settings.cluster
        account.caller = next(iter(filter(None, (cluster.deployer, *cluster.admins))), DEPLOYER)
        account.add_on_configurations = {
            name: each.configuration for name, each in cluster.add_ons.items()
        }
        return account

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, Outputs]:
        """Returns the ID and the outputs of a new resource: the inputs and the made-up outputs."""
        inputs = _typed(args.inputs)  # pyright: ignore[reportUnknownMemberType]  # a bare dict
        if args.typ.startswith("pulumi:providers:"):
            return digest(args.name), inputs
        kubernetes = args.typ.startswith("kubernetes:") and "metadata" in inputs
        make_outputs = kubernetes_object if kubernetes else RESOURCES.get(args.typ)
        if make_outputs is None:
            return None if not args.custom else f"{args.name}-{digest(args.name, 7)}", inputs
        id_, outputs = make_outputs(self, args.name, inputs)
        return id_, {**inputs, **outputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[Outputs, list[tuple[str, str]]]:
        """Returns the result of an invoke, or a failure if the invoke has no made-up result."""
        make_result = INVOKES.get(args.token)
        if make_result is None:
            return {}, [("", f"no made-up result for {args.token}")]
        try:
            return make_result(self, _typed(args.args)), []  # pyright: ignore[reportUnknownMemberType]  # as above
        except NotFoundError as error:
            return {}, [("", str(error))]


def _typed(values: Any) -> Outputs:
    return values
