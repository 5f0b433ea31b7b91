"""Made-up answers of the cloud: one table, read by preview, by tests and by the stand-in cloud.

`Answers` is an ordinary `pulumi.runtime.Mocks`. An output that nothing here answers stays
unknown, and the recorder reports whoever needs it: a made-up value is never guessed.
"""

from typing import Any

import pulumi

from settings import Settings
from tools.recording.made_up_outputs.account_and_vpc import (
    ACCOUNT,
    PRINCIPALS,
    Cloud,
    NotThereError,
    Outputs,
    Place,
    digest,
)
from tools.recording.made_up_outputs.invokes import CALLS
from tools.recording.made_up_outputs.resources import RESOURCES, kubernetes_object

__all__ = ["ACCOUNT", "PRINCIPALS", "Answers", "Outputs", "Place", "digest"]


class Answers(Cloud, pulumi.runtime.Mocks):
    """What AWS and EKS would answer in one region."""

    @classmethod
    def of(cls, settings: Settings) -> "Answers":
        """The answers that a stack gets if what it says of a VPC that is there is true."""
        existing = settings.network.existing
        subnets: dict[str, Place] = {}
        if existing:
            for by_zone in (
                existing.private_subnets,
                existing.public_subnets,
                existing.control_plane_subnets,
            ):
                for zone, id_ in by_zone.items():
                    subnets[id_] = Place(zone, existing.vpc_id, f"192.168.{len(subnets)}.0/24")
        return cls(settings.aws.region, subnets)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, Outputs]:
        """Id and outputs of a new resource: its inputs, and what the table adds."""
        inputs = _typed(args.inputs)  # pyright: ignore[reportUnknownMemberType]  # a bare dict
        if args.typ.startswith("pulumi:providers:"):
            return digest(args.name), inputs
        kubernetes = args.typ.startswith("kubernetes:") and "metadata" in inputs
        answer = kubernetes_object if kubernetes else RESOURCES.get(args.typ)
        if answer is None:
            return None if not args.custom else f"{args.name}-{digest(args.name, 7)}", inputs
        id_, outputs = answer(self, args.name, inputs)
        return id_, {**inputs, **outputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[Outputs, list[tuple[str, str]]]:
        """Result of an invoke; one that the table does not know is a failure."""
        answer = CALLS.get(args.token)
        if answer is None:
            return {}, [("", f"no answer for {args.token}")]
        try:
            return answer(self, _typed(args.args)), []  # pyright: ignore[reportUnknownMemberType]  # as above
        except NotThereError as error:
            return {}, [("", str(error))]


def _typed(values: Any) -> Outputs:
    return values
