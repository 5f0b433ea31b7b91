"""The node groups that a recording requires."""

import json
from typing import Any

from pulumi.runtime import MockResourceArgs

from core.tags import POOL, SPANNING, ZONE
from live.cell import Shape
from tests.conftest import recording_of
from tools.deploy.replace_nodes.node_groups import units_of
from tools.recording import Recording
from tools.recording.made_up_outputs import MadeUpOutputs

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
TAG = "aws:autoscaling/tag:Tag"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"


def test_every_node_group_of_a_recording_is_one_unit(recording: Recording) -> None:
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
    assert len(places) == len(units), "two node groups would have the same pool and zone"
    assert {zone for _, zone in places} <= {*recording.settings.network.zones, SPANNING}


def test_the_shape_of_a_unit_is_the_shape_of_its_node_group(recording: Recording) -> None:
    made_up_outputs = MadeUpOutputs(recording.settings.aws.region)
    subnets = {
        made_up_outputs.new_resource(MockResourceArgs(each.type, each.name, dict(each.inputs)))[
            0
        ]: each
        for each in recording.of_type("aws:ec2/subnet:Subnet")
    }
    for unit in units_of(recording):
        inputs: Any = recording.get(unit.urn).inputs
        zones = {str(subnets[each].inputs["availabilityZone"]) for each in inputs["subnetIds"]}
        created = Shape(
            ami_type=inputs["amiType"],
            capacity_type=inputs["capacityType"],
            instance_types=tuple(inputs.get("instanceTypes", ())),
            zones=tuple(sorted(zones)),
        )
        assert unit.shape == created, "every run would replace the node group again"
        assert unit.zone == (SPANNING if len(zones) > 1 else min(zones))


def test_a_node_group_is_updated_with_its_launch_template_and_no_unrelated_resources(
    recording: Recording,
) -> None:
    made_up_outputs = MadeUpOutputs(recording.settings.aws.region)
    for unit in units_of(recording):
        related = [recording.get(urn) for urn in unit.related]
        [template] = [each for each in related if each.type == TEMPLATE]
        args = MockResourceArgs(TEMPLATE, template.name, dict(template.inputs), custom=True)
        inputs: Any = recording.get(unit.urn).inputs
        assert inputs["launchTemplate"]["id"] == made_up_outputs.new_resource(args)[0]
        assert {each.type for each in related} <= {TEMPLATE, RESERVATION, TAG, ALARM, DASHBOARD}
        assert len(related) == len(set(unit.related))


def test_alarms_and_dashboard_of_a_node_group_are_updated_with_it(recording: Recording) -> None:
    """AWS generates the name. An alarm on a deleted node group would have no data and go off."""
    for unit in units_of(recording):
        names_it = [
            each.urn
            for each in recording.of_type(ALARM, DASHBOARD)
            if f"-{unit.pool}-{unit.zone}-" in json.dumps(each.inputs)
        ]
        assert names_it
        assert {*names_it} <= {*unit.related}


def test_every_reservation_and_tag_belongs_to_one_node_group(recording: Recording) -> None:
    related = [urn for unit in units_of(recording) for urn in unit.related]
    expected = [each.urn for each in recording.of_type(RESERVATION, TAG)]
    assert sorted(urn for urn in related if urn in expected) == sorted(expected)


def test_units_can_be_limited_to_one_pool() -> None:
    wide = recording_of("wide")
    every = units_of(wide)
    pools = {each.pool for each in every}
    assert len(pools) > 1
    for pool in pools:
        assert units_of(wide, pool) == [each for each in every if each.pool == pool]
    assert units_of(wide, "other") == []


def test_units_are_sorted_by_pool_and_zone(recording: Recording) -> None:
    places = [(each.pool, each.zone) for each in units_of(recording)]
    assert places == sorted(places), "the replacements of two pools would alternate"
