"""`python -m tools.deploy.zonal_shift shift STACK --zone ZONE`: moves requests away from a zone.

Needs AWS only, and neither Pulumi with its state nor the Kubernetes API. The stack file does not
change: each shift has an end.
https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-shift.html
"""

import argparse
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.tags import CELL
from settings import Settings, SettingsError
from tools.command_line import add_stack
from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.up import aws_of
from tools.entry_point import status_of
from tools.recording import RecordingError, record

Object = Mapping[str, Any]  # Any: JSON of any shape

_HOURS = 2
"""Duration of a shift, by default."""
_MAX_HOURS = 72
"""https://docs.aws.amazon.com/arc-zonal-shift/latest/api/API_StartZonalShift.html"""


class ShiftError(Exception):
    """The shift is not started; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class _Shiftable:
    """A resource of a cell that can be shifted away from a zone."""

    name: str
    arn: str
    cluster: bool
    applied: Sequence[Object]
    """Shifts in force, as ARC describes them."""


def main() -> int:
    """Shifts or returns the cell of the command line; returns the exit status."""
    commands = parser()
    arguments = commands.parse_args()
    stack = str(arguments.stack)
    if arguments.command == "shift" and not arguments.zone:
        commands.error(f"write the zone: make shift STACK={stack} ZONE=us-east-1a")
    try:
        settings = record(stack).settings
        ask = aws_of(settings.aws, f"Pulumi.{stack}.yaml")
        if arguments.command == "unshift":
            lines = unshift(ask, stack, settings)
        else:
            hours, cluster = int(arguments.hours), bool(arguments.cluster)
            lines = shift(ask, stack, settings, str(arguments.zone), hours, cluster=cluster)
        for line in lines:
            print(line, file=sys.stderr)
    except (SettingsError, RecordingError, AwsError, ShiftError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Returns the parser of the commands shift and unshift."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy.zonal_shift",
        description="Moves requests of a cell away from a zone for some hours, and back.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in {
        "shift": "move requests away from a zone: load balancers, and on request the cluster",
        "unshift": "end all shifts of the cell",
    }.items():
        command = commands.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")
        add_stack(command)
        if name == "shift":
            command.add_argument("--zone", required=True, help="zone, such as us-east-1a")
            command.add_argument(
                "--cluster", action="store_true", help="also remove its pods from all Services"
            )
            command.add_argument(
                "--hours",
                type=int,
                choices=range(1, _MAX_HOURS + 1),
                metavar="HOURS",
                default=_HOURS,
                help=f"duration, 1 to {_MAX_HOURS}; default: {_HOURS}",
            )
    return parser


def shift(
    ask: Ask, cell: str, settings: Settings, zone: str, hours: int, *, cluster: bool
) -> Iterator[str]:
    """Shifts the load balancers, and on request the cluster, away from a zone; yields a line each.

    A shift that is in force is extended. Raises ShiftError before the first shift if the stack has
    no such zone, or if a resource is shifted away from another zone: a third of the pods of a cell
    must not receive all requests. A practice run ends when a shift starts. Raises AwsError.
    """
    if zone not in settings.network.zones:
        raise ShiftError(f"ZONE={zone}: must be one of {', '.join(settings.network.zones)}")
    if cluster and not settings.cluster.zonal_shift:
        raise ShiftError("CLUSTER=1: cluster.zonalShift of the stack file is false")
    found = [*_resources(ask, cell, settings)]
    if not found:
        raise ShiftError(f"no load balancer and no cluster of {cell} in {settings.aws.region}")
    answer = ask("ec2", "describe-availability-zones", "--zone-names", zone)
    zone_id = answer["AvailabilityZones"][0]["ZoneId"]
    for each in found:
        for other in each.applied:
            practice = other.get("shiftType") == "PRACTICE_RUN"
            if other["awayFrom"] != zone_id and not practice:
                remedy = "AWS ends that shift itself"
                if _is_own(other):
                    remedy = f"end that shift first: make unshift STACK={cell}"
                raise ShiftError(
                    f"{each.name} is shifted away from {other['awayFrom']}, another zone than "
                    f"{zone} ({zone_id}); {remedy}"
                )
    for each in found:
        if each.cluster and not cluster:
            continue
        own = [other for other in each.applied if _is_own(other)]
        if own:
            command = ("update-zonal-shift", "--zonal-shift-id", own[0]["zonalShiftId"])
        else:
            where = ("--resource-identifier", each.arn, "--away-from", zone_id)
            command = ("start-zonal-shift", *where)
        request = (*command, "--expires-in", f"{hours}h", "--comment", f"shift of {cell}")
        started = ask("arc-zonal-shift", *request)
        yield f"{each.name}: shifted away from {zone} ({zone_id}) until {started['expiryTime']}"


def unshift(ask: Ask, cell: str, settings: Settings) -> Iterator[str]:
    """Ends the shifts of the cell, of the cluster first; yields a line each. Raises AwsError."""
    for each in sorted(_resources(ask, cell, settings), key=lambda resource: not resource.cluster):
        for other in each.applied:
            if _is_own(other):
                id_ = other["zonalShiftId"]
                ask("arc-zonal-shift", "cancel-zonal-shift", "--zonal-shift-id", id_)
                yield f"{each.name}: {other['awayFrom']} serves again"
            else:
                yield f"{each.name}: AWS ends the shift away from {other['awayFrom']} itself"
        if not each.applied:
            yield f"{each.name}: not shifted"


def _is_own(applied: Object) -> bool:
    """True for a shift that a person has started: only such a shift can be changed or canceled."""
    return applied.get("shiftType", "ZONAL_SHIFT") == "ZONAL_SHIFT" and "zonalShiftId" in applied


def _resources(ask: Ask, cell: str, settings: Settings) -> Iterator[_Shiftable]:
    """Yields the load balancers of a cell, then its cluster if zonal shift is enabled for it.

    ARC does not know a resource for which zonal shift is not enabled.
    https://docs.aws.amazon.com/r53recovery/latest/dg/arc-zonal-shift.resource-types.html
    https://docs.aws.amazon.com/arc-zonal-shift/latest/api/API_GetManagedResource.html
    """
    types = ["elasticloadbalancing:loadbalancer"]
    if settings.cluster.zonal_shift:
        types.append("eks:cluster")
    tag = ("--tag-filters", f"Key={CELL},Values={cell}")
    answer = ask(
        "resourcegroupstaggingapi", "get-resources", *tag, "--resource-type-filters", *types
    )
    arns = [str(each["ResourceARN"]) for each in answer["ResourceTagMappingList"]]
    for arn in sorted(arns, key=lambda each: (":eks:" in each, each)):
        managed = ask("arc-zonal-shift", "get-managed-resource", "--resource-identifier", arn)
        shifts = [*managed["zonalShifts"], *managed.get("autoshifts", ())]
        cluster = ":eks:" in arn
        internal = "internal " if re.search(r"/app/ilb-", arn) else ""
        yield _Shiftable(
            name="cluster" if cluster else f"{internal}load balancer",
            arn=arn,
            cluster=cluster,
            applied=[each for each in shifts if each["appliedStatus"] == "APPLIED"],
        )


if __name__ == "__main__":
    sys.exit(status_of(main))
