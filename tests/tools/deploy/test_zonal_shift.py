"""A slow zone is shifted away, and returned, by AWS alone; the calls are those of its API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.command_machine import Machine
from tests.live.cells import settings_of
from tests.tools.deploy.check.aws_shapes import problems
from tools.deploy.aws_cli import AwsError
from tools.deploy.zonal_shift import ShiftError, parser, shift, unshift

BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/lb-1/2"
INTERNAL = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/ilb-1/2"
CLUSTER = "arn:aws:eks:us-east-1:123456789012:cluster/prod"
UNTIL = "2026-12-01T00:00:00+00:00"
ZONE, ID, OTHER = "us-east-1a", "use1-az4", "use1-az1"


def in_force(away_from: str = ID, **changes: str) -> Mapping[str, str]:
    return {
        "appliedStatus": "APPLIED", "zonalShiftId": "shift-1", "awayFrom": away_from,
        "shiftType": "ZONAL_SHIFT", **changes,
    }  # fmt: skip


@dataclass
class Arc:
    """Answers of AWS for a cell; records the calls that change something."""

    shifts: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """Shift in force, by ARN of the resource."""
    arns: tuple[str, ...] = (CLUSTER, INTERNAL, BALANCER)
    unknown: tuple[str, ...] = ()
    """Resources for which zonal shift is not enabled."""
    autoshifts: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    """Autoshifts of each resource."""
    changes: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def ask(self, *arguments: str) -> Any:
        answer = self._answer(arguments)
        assert [*problems(arguments, answer or {})] == []
        return answer

    def _answer(self, arguments: tuple[str, ...]) -> Any:
        command = arguments[1]
        if command == "get-resources":
            types = [each.partition(":")[0] for each in arguments[5:]]
            found = [each for each in self.arns if each.split(":")[2] in types]
            return {"ResourceTagMappingList": [{"ResourceARN": each} for each in found]}
        if command == "describe-availability-zones":
            return {"AvailabilityZones": [{"ZoneName": arguments[-1], "ZoneId": ID}]}
        if command == "get-managed-resource":
            if arguments[-1] in self.unknown:
                raise AwsError("ResourceNotFoundException")
            found = self.shifts.get(arguments[-1])
            shifts = [{"appliedStatus": "NOT_APPLIED"}, *([found] if found else [])]
            return {"zonalShifts": shifts, "autoshifts": self.autoshifts}
        self.changes.append(arguments[1:])
        return {"expiryTime": UNTIL}


def shifted(arc: Arc, *, zone: str = ZONE, cluster: bool = False) -> list[str]:
    return [*shift(arc.ask, "prod", settings_of(), zone, 2, cluster=cluster)]


def started(arn: str) -> tuple[str, ...]:
    return (
        "start-zonal-shift", "--resource-identifier", arn, "--away-from", ID,
        "--expires-in", "2h", "--comment", "shift of prod",
    )  # fmt: skip


def test_the_load_balancers_are_shifted_away_from_the_id_of_the_zone() -> None:
    arc = Arc()
    assert shifted(arc) == [
        f"internal load balancer: shifted away from us-east-1a ({ID}) until {UNTIL}",
        f"load balancer: shifted away from us-east-1a ({ID}) until {UNTIL}",
    ]
    assert arc.changes == [started(INTERNAL), started(BALANCER)]


def test_the_cluster_is_shifted_last_and_on_request() -> None:
    arc = Arc()
    assert len(shifted(arc, cluster=True)) == 3
    assert arc.changes[-1] == started(CLUSTER)


def test_a_cluster_without_zonal_shift_does_not_prevent_a_shift_of_the_load_balancers() -> None:
    arc = Arc({BALANCER: in_force()}, unknown=(CLUSTER,))
    without = settings_of((("ha-eks:cluster", "zonalShift"), False))
    assert len([*shift(arc.ask, "prod", without, ZONE, 2, cluster=False)]) == 2
    assert [*unshift(arc.ask, "prod", without)] == [
        "internal load balancer: not shifted", f"load balancer: {ID} serves again",
    ]  # fmt: skip


def test_a_shift_in_force_is_extended() -> None:
    arc = Arc({BALANCER: in_force()}, (BALANCER,))
    shifted(arc)
    assert arc.changes == [
        ("update-zonal-shift", "--zonal-shift-id", "shift-1", "--expires-in", "2h",
         "--comment", "shift of prod"),
    ]  # fmt: skip


def test_a_practice_run_does_not_stop_a_shift() -> None:
    arc = Arc({BALANCER: in_force(OTHER, shiftType="PRACTICE_RUN")}, (BALANCER,))
    shifted(arc)
    assert arc.changes == [started(BALANCER)]


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("ZONAL_SHIFT", "end that shift first: make unshift STACK=prod"),
        ("ZONAL_AUTOSHIFT", "AWS ends that shift itself"),
    ],
)
def test_a_second_zone_is_refused_before_the_first_shift(kind: str, remedy: str) -> None:
    arc = Arc({CLUSTER: in_force(OTHER, shiftType=kind)})
    with pytest.raises(ShiftError) as error:
        shifted(arc)
    assert str(error.value) == (
        f"cluster is shifted away from {OTHER}, another zone than us-east-1a ({ID}); {remedy}"
    )
    assert arc.changes == [], "the pods of one zone would receive all requests"


def test_an_autoshift_away_from_another_zone_is_left_to_aws() -> None:
    autoshift = {"appliedStatus": "APPLIED", "awayFrom": OTHER, "startTime": UNTIL}
    arc = Arc(arns=(BALANCER,), autoshifts=[autoshift])
    with pytest.raises(ShiftError, match="AWS ends that shift itself"):
        shifted(arc)
    line = f"load balancer: AWS ends the shift away from {OTHER} itself"
    assert [*unshift(arc.ask, "prod", settings_of())] == [line]


def test_a_shift_lasts_1_to_72_hours() -> None:
    command = ["shift", "prod", "--zone", ZONE, "--hours"]
    assert parser().parse_args([*command, "72"]).hours == 72
    for hours in ("0", "73"):
        with pytest.raises(SystemExit):
            parser().parse_args([*command, hours])


def test_a_shift_without_a_zone_is_refused_before_aws_is_asked(machine: Machine) -> None:
    done = machine.runs("tools.deploy.zonal_shift", "shift", "own", "--zone", "")
    assert done.returncode == 2
    assert done.stderr.endswith("write the zone: make shift STACK=own ZONE=us-east-1a\n")
    assert machine.calls() == []


def test_what_a_cell_does_not_have_is_refused() -> None:
    for arc, zone, message in (
        (Arc(), "us-east-1x", "ZONE=us-east-1x: must be one of us-east-1a, us-east-1b, us-east-1c"),
        (Arc(arns=()), ZONE, "no load balancer and no cluster of prod in us-east-1"),
    ):
        with pytest.raises(ShiftError) as error:
            shifted(arc, zone=zone)
        assert str(error.value) == message
    without = settings_of((("ha-eks:cluster", "zonalShift"), False))
    with pytest.raises(ShiftError) as error:
        next(shift(Arc().ask, "prod", without, ZONE, 2, cluster=True))
    assert str(error.value) == "CLUSTER=1: cluster.zonalShift of the stack file is false"


def test_shifts_end_at_the_cluster_first_and_autoshifts_by_aws() -> None:
    autoshift = in_force(shiftType="ZONAL_AUTOSHIFT")
    arc = Arc({BALANCER: in_force(), CLUSTER: in_force(), INTERNAL: autoshift})
    assert [*unshift(arc.ask, "prod", settings_of())] == [
        f"cluster: {ID} serves again",
        f"internal load balancer: AWS ends the shift away from {ID} itself",
        f"load balancer: {ID} serves again",
    ]
    assert arc.changes == [("cancel-zonal-shift", "--zonal-shift-id", "shift-1")] * 2
    assert [*unshift(Arc(arns=(BALANCER,)).ask, "prod", settings_of())] == [
        "load balancer: not shifted"
    ]


def test_the_command_needs_neither_pulumi_nor_kubernetes(machine: Machine) -> None:
    machine.has_no("pulumi")
    machine.aws(
        get_resources=f"echo '{json.dumps(Arc(arns=(BALANCER,)).ask(*RESOURCES))}'",
        describe_availability_zones='echo \'{"AvailabilityZones": [{"ZoneId": "use1-az4"}]}\'',
        get_managed_resource="echo '{\"zonalShifts\": []}'",
        start_zonal_shift=f"echo '{json.dumps({'expiryTime': UNTIL})}'",
    )
    done = machine.runs("tools.deploy.zonal_shift", "shift", "own", "--zone", ZONE)
    assert (done.returncode, done.stderr) == (
        0, f"load balancer: shifted away from us-east-1a ({ID}) until {UNTIL}\n",
    )  # fmt: skip


RESOURCES = (
    "resourcegroupstaggingapi", "get-resources", "--tag-filters", "Key=ha-eks:cell,Values=own",
    "--resource-type-filters", "elasticloadbalancing:loadbalancer", "eks:cluster",
)  # fmt: skip
