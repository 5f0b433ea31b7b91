"""The longest chain: on plans made up by hand and at random, and on those of the stacks."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from core.facts.creation_times import TYPICAL, typical
from tests.conftest import STACKS, recording_of
from tools.preview.critical_path import CriticalPath, critical_path, goals
from tools.preview.critical_path_timetable import timetable
from tools.recording import Recording, Resource
from tools.recording.recording import in_creation_order

VPC, KEY, SUBNET = "aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:ec2/subnet:Subnet"
GROUP, CLUSTER = "aws:eks/nodeGroup:NodeGroup", "aws:eks/cluster:Cluster"
NAT = "aws:ec2/natGateway:NatGateway"
COMPONENT, PROVIDER = "test:index:Component", "pulumi:providers:aws"
SECONDS = {type_: TYPICAL[type_].seconds for type_ in (VPC, KEY, GROUP)}


def thing(
    name: str,
    *after: str,
    type_: str = VPC,
    parent: str | None = None,
    provider: str | None = None,
) -> Resource:
    return Resource(
        urn=name,
        type=type_,
        name=name,
        custom=type_ != COMPONENT,
        remote=False,
        inputs={},
        parent=parent,
        provider=provider,
        dependencies=after,
        options={},
        transforms=(),
    )


def recording_with(*resources: Resource) -> Recording:
    return Recording(
        stack="test",
        settings=recording_of("dev").settings,
        resources=in_creation_order(resources),
        outputs={},
    )


def path_to(name: str, *resources: Resource) -> CriticalPath:
    recording = recording_with(*resources)
    return critical_path(recording, recording.get(name))


def names(path: CriticalPath) -> list[str]:
    return [step.resource.name for step in path.steps]


def seconds(resource: Resource) -> int:
    return typical(resource.type, resource.inputs).seconds


def test_what_waits_for_nothing_is_a_chain_of_its_own() -> None:
    [step] = path_to("a", thing("a"), thing("b")).steps
    assert (step.begins, step.ends, step.gain, step.other) == (0, SECONDS[VPC], 0, None)


def test_the_chain_goes_over_what_takes_the_longest_not_over_the_most() -> None:
    path = path_to(
        "goal",
        thing("goal", "quick-2", "slow"),
        thing("quick-1", type_=SUBNET),
        thing("quick-2", "quick-1", type_=SUBNET),
        thing("slow", type_=GROUP),
    )
    assert names(path) == ["slow", "goal"]
    assert path.steps[-1].begins == SECONDS[GROUP]


def test_a_component_s_dependencies_are_those_of_all_below_it() -> None:
    path = path_to(
        "goal",
        thing("goal", parent="inner"),
        thing("inner", type_=COMPONENT, parent="outer"),
        thing("outer", "group", type_=COMPONENT),
        thing("group", type_=GROUP),
    )
    assert names(path) == ["group", "goal"]
    assert [each.name for each in path.steps[1].through] == ["inner", "outer"]


def test_a_provider_s_dependencies_are_those_of_all_that_it_makes() -> None:
    path = path_to(
        "goal",
        thing("goal", provider="provider"),
        thing("provider", "group", type_=PROVIDER),
        thing("group", type_=GROUP),
    )
    assert names(path) == ["group", "goal"]
    assert path.steps[1].ends == SECONDS[GROUP] + SECONDS[VPC]


def test_components_and_providers_take_no_time() -> None:
    path = path_to(
        "goal",
        thing("goal", provider="provider", parent="component"),
        thing("provider", type_=PROVIDER),
        thing("component", type_=COMPONENT),
    )
    assert names(path) == ["goal"]
    assert path.steps[0].begins == 0


def test_a_dependency_that_is_not_in_the_plan_is_not_waited_for() -> None:
    assert names(path_to("goal", thing("goal", "elsewhere"))) == ["goal"]


def test_a_step_tells_what_it_would_gain_without_the_one_before() -> None:
    path = path_to(
        "goal", thing("goal", "group", "key"), thing("group", type_=GROUP), thing("key", type_=KEY)
    )
    step = path.steps[-1]
    assert step.gain == SECONDS[GROUP] - SECONDS[KEY]
    assert step.other
    assert step.other.name == "key"


def test_a_step_gains_nothing_where_another_takes_as_long() -> None:
    path = path_to(
        "goal", thing("goal", "a", "b"), thing("a", type_=GROUP), thing("b", type_=GROUP)
    )
    assert names(path) == ["a", "goal"], "ties go by URN"
    assert path.steps[-1].gain == 0


def test_chains_that_come_near_are_told_by_what_only_they_have() -> None:
    path = path_to(
        "goal",
        thing("goal", "a-2", "b-2", "short"),
        thing("a-1", type_=GROUP),
        thing("a-2", "a-1", type_=GROUP),
        thing("b-1", type_=SUBNET),
        thing("b-2", "b-1", "a-1", type_=CLUSTER),
        thing("short", type_=SUBNET),
        thing("unrelated", type_=CLUSTER),
    )
    assert names(path) == ["a-1", "b-2", "goal"]
    assert path.near == (), "half as long is not near"
    path = path_to(
        "goal",
        thing("goal", "a-2", "b-2"),
        thing("a-1", type_=GROUP),
        thing("a-2", "a-1", type_=KEY),
        thing("b-1", type_=GROUP),
        thing("b-2", "b-1", type_=VPC),
    )
    assert names(path) == ["a-1", "a-2", "goal"]
    [(less, [first, second])] = path.near
    assert less == SECONDS[KEY] - SECONDS[VPC]
    assert [first.name, second.name] == ["b-1", "b-2"]


@st.composite
def dags(draw: st.DrawFn) -> list[Resource]:
    """Up to nine resources, components and providers; each after some of those before it."""
    made: list[Resource] = []
    for number in range(draw(st.integers(1, 9))):
        urns = [each.urn for each in made]
        components = [each.urn for each in made if each.type == COMPONENT]
        providers = [each.urn for each in made if each.type == PROVIDER]
        made.append(
            thing(
                f"r{number}",
                *draw(st.lists(st.sampled_from(urns), unique=True) if urns else st.just([])),
                type_=draw(st.sampled_from([VPC, KEY, GROUP, SUBNET, COMPONENT, PROVIDER])),
                parent=draw(st.sampled_from([None, *components])),
                provider=draw(st.sampled_from([None, *providers])),
            )
        )
    return [*made, thing("goal", *draw(st.lists(st.sampled_from([each.urn for each in made]))))]


def all_chains(urn: str, by_urn: Mapping[str, Resource]) -> list[list[str]]:
    """Every chain to a resource, one by one, without what takes no time."""
    resource = by_urn[urn]
    own = [] if resource.type in (COMPONENT, PROVIDER) else [urn]
    before = [chain for other in resource.prerequisites for chain in all_chains(other, by_urn)]
    return [[*chain, *own] for chain in before] or [own]


def length_of(chain: Sequence[str], by_urn: Mapping[str, Resource]) -> int:
    return sum(seconds(by_urn[urn]) for urn in chain)


@given(dags())
def test_no_chain_of_all_is_longer(resources: list[Resource]) -> None:
    by_urn = {each.urn: each for each in resources}
    path = path_to("goal", *resources)
    chains = all_chains("goal", by_urn)
    longest = max(length_of(chain, by_urn) for chain in chains)
    assert names(path) in chains
    assert sum(step.duration.seconds for step in path.steps) == longest
    assert path.steps[-1].ends == longest
    within = {urn for chain in chains if length_of(chain, by_urn) >= 0.9 * longest for urn in chain}
    told = [each.urn for _, own in path.near for each in own]
    assert sorted([*told, *names(path)]) == sorted(within), "each long chain, each resource once"
    for less, own in path.near:
        through = [chain for chain in chains if {each.urn for each in own} <= {*chain}]
        assert longest - less == max(length_of(chain, by_urn) for chain in through)


@given(dags())
def test_a_step_gains_what_it_begins_earlier_without_the_wait(resources: list[Resource]) -> None:
    by_urn = {each.urn: each for each in resources}
    path = path_to("goal", *resources)
    for step in path.steps[1:]:
        before = path.steps[path.steps.index(step) - 1].resource.urn
        urn = step.resource.urn
        left = [chain for chain in all_chains(urn, by_urn) if before not in chain[-2:-1]]
        begins = max((length_of(chain[:-1], by_urn) for chain in left), default=0)
        assert step.gain == step.begins - begins


def test_each_step_is_after_the_one_before(recording: Recording) -> None:
    for goal in goals(recording):
        steps = critical_path(recording, goal).steps
        assert steps[0].begins == 0
        for before, step in itertools.pairwise(steps):
            assert before.resource.urn in recording.before(step.resource)
            assert step.begins == before.ends, "nothing is waited for but the step before"


def test_of_chains_that_are_as_long_the_one_over_the_app_is_told(
    previewed: Callable[[str], Recording],
) -> None:
    recording = previewed("prod")
    app, record = goals(recording)
    over = [step.resource.urn for step in critical_path(recording, record, app).steps]
    assert over[: len(over) - 3] == [
        step.resource.urn for step in critical_path(recording, app).steps
    ], "two chains are told where one would do"
    ends = {critical_path(recording, record, each).steps[-1].ends for each in (None, app)}
    assert len(ends) == 1, "a preference makes nothing longer"


def test_the_goals_are_the_app_at_the_root_and_the_record_if_there_is_one(
    recording: Recording,
) -> None:
    app, *records = goals(recording)
    assert app.inputs["metadata"]["name"] == app.name
    assert recording.settings.apps[app.name].expose
    assert records == [
        e for e in recording.of_type("aws:route53/record:Record") if "aliases" in e.inputs
    ]
    assert len(records) == (recording.settings.traffic is not None)


def test_nothing_takes_longer_than_the_control_plane_and_the_app_waits_for_it(
    recording: Recording,
) -> None:
    steps = critical_path(recording, goals(recording)[0]).steps
    assert max(steps, key=lambda step: step.duration.seconds).resource.type == CLUSTER


def test_the_control_plane_waits_for_no_way_out(recording: Recording) -> None:
    [cluster] = recording.of_type(CLUSTER)
    before = {recording.get(urn).type for urn in recording.before(cluster)}
    assert NAT not in before, "two minutes that the nodes alone have to wait"


def clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"


def shown(recording: Recording) -> str:
    console = Console(width=80, soft_wrap=True)
    with console.capture() as capture:
        console.print(timetable(recording), highlight=False)
    return capture.get()


def test_the_timetable_names_every_step_its_time_and_its_source(recording: Recording) -> None:
    text = re.sub(r"\s+", " ", shown(recording))
    app = goals(recording)[0]
    for goal in goals(recording):
        for step in critical_path(recording, goal, None if goal is app else app).steps:
            kind = step.resource.type.rpartition(":")[2]
            says = "AWS" if step.duration.documented else "estimate"
            times = f"{clock(step.begins)} {clock(step.duration.seconds)}"
            assert f"{times} {says} {kind} {step.resource.name}" in text
            assert f"{clock(step.duration.seconds)}, {step.duration.source}" in text


def test_the_sum_stands_below_the_steps(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("dev")
    ends = critical_path(recording, goals(recording)[0]).steps[-1].ends
    assert re.search(rf" {clock(ends)} +sum", shown(recording))


@pytest.mark.parametrize("stack", STACKS)
def test_a_chain_is_told_once(stack: str, previewed: Callable[[str], Recording]) -> None:
    recording = previewed(stack)
    text = re.sub(r"\s+", " ", shown(recording))
    [cluster] = recording.of_type(CLUSTER)
    assert len(re.findall(rf"(AWS|estimate) Cluster {cluster.name}", text)) == 1
