"""The node groups that a plan asks for."""

import json
from typing import Any

from pulumi.runtime import MockResourceArgs

from core.tags import POOL, SPANNING, ZONE
from live.cell import Shape
from tests.conftest import recording_of
from tools.deploy.replace_nodes.node_groups import units_of
from tools.recording import Recording
from tools.recording.made_up_outputs import Answers

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"


def test_every_node_group_of_a_plan_is_a_unit_with_its_own_place(recording: Recording) -> None:
    units = {each.urn: each for each in units_of(recording)}
    groups = recording.of_type(GROUP)
    assert set(units) == {each.urn for each in groups}
    for each in groups:
        tags = each.inputs["tags"]
        assert isinstance(tags, dict)
        unit = units[each.urn]
        assert (unit.name, unit.pool, unit.zone) == (each.name, tags[POOL], tags[ZONE])
    assert {each.pool for each in units.values()} == set(recording.settings.pools)
    places = {(each.pool, each.zone) for each in units.values()}
    assert len(places) == len(units), "two node groups could not be told apart"
    assert {zone for _, zone in places} <= {*recording.settings.network.zones, SPANNING}


def test_a_unit_s_shape_is_the_one_that_its_node_group_gets(recording: Recording) -> None:
    answers = Answers(recording.settings.aws.region)
    subnets = {
        answers.new_resource(MockResourceArgs(each.type, each.name, dict(each.inputs)))[0]: each
        for each in recording.of_type("aws:ec2/subnet:Subnet")
    }
    for unit in units_of(recording):
        inputs: Any = recording.get(unit.urn).inputs
        zones = {str(subnets[each].inputs["availabilityZone"]) for each in inputs["subnetIds"]}
        made = Shape(
            ami_type=inputs["amiType"],
            capacity_type=inputs["capacityType"],
            instance_types=tuple(inputs.get("instanceTypes", ())),
            zones=tuple(sorted(zones)),
        )
        assert unit.shape == made, "it would be replaced again and again"
        assert unit.zone == (SPANNING if len(zones) > 1 else min(zones))


def test_what_is_a_group_s_own_is_brought_up_with_it_and_nothing_that_others_use(
    recording: Recording,
) -> None:
    answers = Answers(recording.settings.aws.region)
    for unit in units_of(recording):
        beside = [recording.get(urn) for urn in unit.beside]
        [template] = [each for each in beside if each.type == TEMPLATE]
        args = MockResourceArgs(TEMPLATE, template.name, dict(template.inputs), custom=True)
        inputs: Any = recording.get(unit.urn).inputs
        assert inputs["launchTemplate"]["id"] == answers.new_resource(args)[0]
        assert {each.type for each in beside} <= {TEMPLATE, RESERVATION, TAG, ALARM, DASHBOARD}
        assert len(beside) == len(set(unit.beside))


def test_whatever_watches_a_group_watches_the_new_one(recording: Recording) -> None:
    """By a name that AWS makes up: of a group that is gone, silence would set an alarm off."""
    for unit in units_of(recording):
        watching = [
            each.urn
            for each in recording.of_type(ALARM, DASHBOARD)
            if f"-{unit.pool}-{unit.zone}-" in json.dumps(each.inputs)
        ]
        assert watching
        assert {*watching} <= {*unit.beside}


def test_every_reservation_and_tag_is_some_group_s_own(recording: Recording) -> None:
    beside = [urn for unit in units_of(recording) for urn in unit.beside]
    own = [each.urn for each in recording.of_type(RESERVATION, TAG)]
    assert sorted(urn for urn in beside if urn in own) == sorted(own)


def test_units_of_one_pool_are_those_of_no_other() -> None:
    wide = recording_of("wide")
    every = units_of(wide)
    pools = {each.pool for each in every}
    assert len(pools) > 1
    for pool in pools:
        assert units_of(wide, pool) == [each for each in every if each.pool == pool]
    assert units_of(wide, "other") == []


def test_units_come_pool_after_pool_and_zone_after_zone(recording: Recording) -> None:
    places = [(each.pool, each.zone) for each in units_of(recording)]
    assert places == sorted(places), "zones of one pool would be replaced between another's"
