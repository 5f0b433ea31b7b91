"""The node groups that a plan asks for."""

from pulumi.runtime import MockResourceArgs

from core.tags import POOL, SPANNING, ZONE
from live.cell import shape_of
from plan import Plan
from plan.answers import Answers
from replacement.units import units_of
from tests.conftest import plan_of

GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"


def test_every_node_group_of_a_plan_is_a_unit_with_its_own_place(plan: Plan) -> None:
    units = {each.urn: each for each in units_of(plan)}
    groups = plan.of_type(GROUP)
    assert set(units) == {each.urn for each in groups}
    for each in groups:
        tags = each.inputs["tags"]
        assert isinstance(tags, dict)
        unit = units[each.urn]
        assert (unit.name, unit.pool, unit.zone) == (each.name, tags[POOL], tags[ZONE])
    assert {each.pool for each in units.values()} == set(plan.settings.pools.root)
    places = {(each.pool, each.zone) for each in units.values()}
    assert len(places) == len(units), "two node groups could not be told apart"
    assert {zone for _, zone in places} <= {*plan.settings.network.zones, SPANNING}


def test_a_unit_s_shape_is_the_one_that_its_pool_is_held_to(plan: Plan) -> None:
    for unit in units_of(plan):
        assert unit.shape == shape_of(plan.settings.pools.root[unit.pool]), (
            "make up would refuse what make replace-nodes made"
        )


def test_a_unit_s_launch_template_is_brought_up_with_it_and_nothing_that_others_use(
    plan: Plan,
) -> None:
    answers = Answers(plan.settings.aws.region)
    for unit in units_of(plan):
        beside = [plan.get(urn) for urn in unit.beside]
        [template] = [each for each in beside if each.type == TEMPLATE]
        args = MockResourceArgs(TEMPLATE, template.name, dict(template.inputs), custom=True)
        launched = plan.get(unit.urn).inputs["launchTemplate"]
        assert isinstance(launched, dict)
        assert launched["id"] == answers.new_resource(args)[0]
        assert {each.type for each in beside} <= {TEMPLATE, RESERVATION}


def test_units_of_one_pool_are_those_of_no_other() -> None:
    wide = plan_of("wide")
    every = units_of(wide)
    pools = {each.pool for each in every}
    assert len(pools) > 1
    for pool in pools:
        assert units_of(wide, pool) == [each for each in every if each.pool == pool]
    assert units_of(wide, "other") == []


def test_zones_come_one_after_the_other_as_they_are_updated(plan: Plan) -> None:
    for unit in units_of(plan):
        earlier = [each.urn for each in units_of(plan, unit.pool)]
        before = plan.before(plan.get(unit.urn))
        assert not before & set(earlier[earlier.index(unit.urn) :])
