"""The critical path of recordings: hand-written, random, and of the shipped stacks."""

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


def resource(
    name: str,
    *dependencies: str,
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
        dependencies=dependencies,
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


def seconds(each: Resource) -> int:
    return typical(each.type, each.inputs).seconds


def test_a_resource_without_prerequisites_is_a_chain_of_one_step() -> None:
    [step] = path_to("a", resource("a"), resource("b")).steps
    assert (step.start, step.end, step.gain, step.next_longest) == (0, SECONDS[VPC], 0, None)


def test_the_critical_path_is_the_chain_with_the_longest_time_not_the_most_steps() -> None:
    path = path_to(
        "goal",
        resource("goal", "quick-2", "slow"),
        resource("quick-1", type_=SUBNET),
        resource("quick-2", "quick-1", type_=SUBNET),
        resource("slow", type_=GROUP),
    )
    assert names(path) == ["slow", "goal"]
    assert path.steps[-1].start == SECONDS[GROUP]


def test_children_wait_for_the_dependencies_of_their_components() -> None:
    path = path_to(
        "goal",
        resource("goal", parent="inner"),
        resource("inner", type_=COMPONENT, parent="outer"),
        resource("outer", "group", type_=COMPONENT),
        resource("group", type_=GROUP),
    )
    assert names(path) == ["group", "goal"]
    assert [each.name for each in path.steps[1].through] == ["inner", "outer"]


def test_resources_wait_for_the_dependencies_of_their_provider() -> None:
    path = path_to(
        "goal",
        resource("goal", provider="provider"),
        resource("provider", "group", type_=PROVIDER),
        resource("group", type_=GROUP),
    )
    assert names(path) == ["group", "goal"]
    assert path.steps[1].end == SECONDS[GROUP] + SECONDS[VPC]


def test_components_and_providers_take_no_time() -> None:
    path = path_to(
        "goal",
        resource("goal", provider="provider", parent="component"),
        resource("provider", type_=PROVIDER),
        resource("component", type_=COMPONENT),
    )
    assert names(path) == ["goal"]
    assert path.steps[0].start == 0


def test_dependencies_outside_of_the_recording_are_ignored() -> None:
    assert names(path_to("goal", resource("goal", "elsewhere"))) == ["goal"]


def test_the_gain_of_a_step_is_its_earlier_start_without_the_previous_step() -> None:
    path = path_to(
        "goal",
        resource("goal", "group", "key"),
        resource("group", type_=GROUP),
        resource("key", type_=KEY),
    )
    step = path.steps[-1]
    assert step.gain == SECONDS[GROUP] - SECONDS[KEY]
    assert step.next_longest
    assert step.next_longest.name == "key"


def test_a_step_has_no_gain_if_another_chain_is_equally_long() -> None:
    path = path_to(
        "goal",
        resource("goal", "a", "b"),
        resource("a", type_=GROUP),
        resource("b", type_=GROUP),
    )
    assert names(path) == ["a", "goal"], "ties are sorted by URN"
    assert path.steps[-1].gain == 0


def test_a_chain_of_half_the_length_is_not_near_critical() -> None:
    path = path_to(
        "goal",
        resource("goal", "a-2", "b-2", "short"),
        resource("a-1", type_=GROUP),
        resource("a-2", "a-1", type_=GROUP),
        resource("b-1", type_=SUBNET),
        resource("b-2", "b-1", "a-1", type_=CLUSTER),
        resource("short", type_=SUBNET),
        resource("unrelated", type_=CLUSTER),
    )
    assert names(path) == ["a-1", "b-2", "goal"]
    assert path.near == ()


def test_a_near_critical_chain_lists_the_resources_that_are_on_no_longer_chain() -> None:
    path = path_to(
        "goal",
        resource("goal", "a-2", "b-2"),
        resource("a-1", type_=GROUP),
        resource("a-2", "a-1", type_=KEY),
        resource("b-1", type_=GROUP),
        resource("b-2", "b-1", type_=VPC),
    )
    assert names(path) == ["a-1", "a-2", "goal"]
    [(difference, [first, second])] = path.near
    assert difference == SECONDS[KEY] - SECONDS[VPC]
    assert [first.name, second.name] == ["b-1", "b-2"]


@st.composite
def dags(draw: st.DrawFn) -> list[Resource]:
    """Up to nine resources, components and providers that depend on earlier ones, and a goal."""
    resources: list[Resource] = []
    for number in range(draw(st.integers(1, 9))):
        urns = [each.urn for each in resources]
        components = [each.urn for each in resources if each.type == COMPONENT]
        providers = [each.urn for each in resources if each.type == PROVIDER]
        resources.append(
            resource(
                f"r{number}",
                *draw(st.lists(st.sampled_from(urns), unique=True) if urns else st.just([])),
                type_=draw(st.sampled_from([VPC, KEY, GROUP, SUBNET, COMPONENT, PROVIDER])),
                parent=draw(st.sampled_from([None, *components])),
                provider=draw(st.sampled_from([None, *providers])),
            )
        )
    dependencies = draw(st.lists(st.sampled_from([each.urn for each in resources])))
    return [*resources, resource("goal", *dependencies)]


def all_chains(urn: str, by_urn: Mapping[str, Resource]) -> list[list[str]]:
    """Every chain to a resource, without components and providers."""
    end = by_urn[urn]
    last = [] if end.type in (COMPONENT, PROVIDER) else [urn]
    before = [chain for other in end.prerequisites for chain in all_chains(other, by_urn)]
    return [[*chain, *last] for chain in before] or [last]


def length_of(chain: Sequence[str], by_urn: Mapping[str, Resource]) -> int:
    return sum(seconds(by_urn[urn]) for urn in chain)


@given(dags())
def test_no_chain_is_longer_than_the_critical_path(resources: list[Resource]) -> None:
    by_urn = {each.urn: each for each in resources}
    path = path_to("goal", *resources)
    chains = all_chains("goal", by_urn)
    longest = max(length_of(chain, by_urn) for chain in chains)
    assert names(path) in chains
    assert sum(step.duration.seconds for step in path.steps) == longest
    assert path.steps[-1].end == longest
    within = {urn for chain in chains if length_of(chain, by_urn) >= 0.9 * longest for urn in chain}
    near = [each.urn for _, listed in path.near for each in listed]
    assert sorted([*near, *names(path)]) == sorted(within), (
        "a near-critical chain is missing, or a resource is listed twice"
    )
    for difference, listed in path.near:
        through = [chain for chain in chains if {each.urn for each in listed} <= {*chain}]
        assert longest - difference == max(length_of(chain, by_urn) for chain in through)


@given(dags())
def test_the_gain_of_each_step_is_its_earlier_start_without_the_previous_step(
    resources: list[Resource],
) -> None:
    by_urn = {each.urn: each for each in resources}
    path = path_to("goal", *resources)
    for previous, step in itertools.pairwise(path.steps):
        urn = step.resource.urn
        others = [c for c in all_chains(urn, by_urn) if previous.resource.urn not in c[-2:-1]]
        start = max((length_of(chain[:-1], by_urn) for chain in others), default=0)
        assert step.gain == step.start - start


def test_each_step_starts_at_the_end_of_the_previous_step(recording: Recording) -> None:
    for goal in goals(recording):
        steps = critical_path(recording, goal).steps
        assert steps[0].start == 0
        for previous, step in itertools.pairwise(steps):
            assert previous.resource.urn in recording.before(step.resource)
            assert step.start == previous.end


def test_of_equally_long_chains_the_one_through_the_app_is_printed(
    previewed: Callable[[str], Recording],
) -> None:
    recording = previewed("prod")
    app, record = goals(recording)
    chain = [step.resource.urn for step in critical_path(recording, record, app).steps]
    to_app = [step.resource.urn for step in critical_path(recording, app).steps]
    assert chain[: len(to_app)] == to_app, "the timetable would print two chains instead of one"
    ends = {critical_path(recording, record, each).steps[-1].end for each in (None, app)}
    assert len(ends) == 1, "the preferred resource changes the length of the critical path"


def test_the_goals_are_the_app_at_the_root_and_the_dns_record_if_the_stack_has_a_domain(
    recording: Recording,
) -> None:
    app, *records = goals(recording)
    assert app.inputs["metadata"]["name"] == app.name
    assert recording.settings.deployments[app.name].expose
    aliases = [e for e in recording.of_type("aws:route53/record:Record") if "aliases" in e.inputs]
    assert records == [each for each in aliases if each.name == "traffic"]
    assert len(records) == (recording.settings.traffic is not None)


def test_the_control_plane_is_the_longest_step_to_the_app(recording: Recording) -> None:
    steps = critical_path(recording, goals(recording)[0]).steps
    assert max(steps, key=lambda step: step.duration.seconds).resource.type == CLUSTER


def test_the_control_plane_does_not_wait_for_a_nat_gateway(recording: Recording) -> None:
    [cluster] = recording.of_type(CLUSTER)
    before = {recording.get(urn).type for urn in recording.before(cluster)}
    assert NAT not in before, "each new cell would take two minutes longer"


def clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"


def printed(recording: Recording) -> str:
    console = Console(width=80, soft_wrap=True)
    with console.capture() as capture:
        console.print(timetable(recording), highlight=False)
    return capture.get()


def test_the_timetable_has_a_row_and_a_source_for_every_step(recording: Recording) -> None:
    text = re.sub(r"\s+", " ", printed(recording))
    app = goals(recording)[0]
    for goal in goals(recording):
        for step in critical_path(recording, goal, None if goal is app else app).steps:
            kind = step.resource.type.rpartition(":")[2]
            source = "AWS" if step.duration.documented else "estimate"
            times = f"{clock(step.start)} {clock(step.duration.seconds)}"
            assert f"{times} {source} {kind} {step.resource.name}" in text
            assert f"{clock(step.duration.seconds)}, {step.duration.source}" in text


def timetable_of(*resources: Resource) -> list[str]:
    """Lines of the timetable to the Deployment of the app at "/", without trailing spaces."""
    app = recording_of("dev").settings
    [root] = [name for name, each in app.apps.items() if each.expose and each.expose.path == "/"]
    goal = resource(root, "cluster", "component", type_="kubernetes:apps/v1:Deployment")
    lines = printed(recording_with(goal, *resources)).splitlines()
    return [line.rstrip() for line in lines]


def test_the_timetable_gives_the_reason_for_each_start() -> None:
    lines = timetable_of(
        resource("vpc", type_=VPC),
        resource("key", type_=KEY),
        resource("cluster", "vpc", "key", type_=CLUSTER),
        resource("key-2", type_=KEY),
        resource("cluster-2", "key-2", type_=CLUSTER),
        resource("group", type_=GROUP),
        resource("component", "cluster-2", "group", type_=COMPONENT),
    )
    assert lines[: lines.index("Sources of the times:")] == [
        "Longest chain of dependencies in an empty account; typical times in minutes:seconds.",
        "",
        "Deployment web: starts at 9:20, complete at 10:20",
        "start  takes  source    resource, and why it does not start earlier",
        " 0:00   0:20  estimate  Key key",
        " 0:20   9:00  AWS       Cluster cluster",
        "                        waits for Key key; otherwise starts 0:10 earlier, after",
        "                        Vpc vpc",
        " 9:20   1:00  estimate  Deployment web",
        "                        waits for Cluster cluster; Cluster cluster-2 ends at the",
        "                        same time",
        "       10:20            total",
        "",
        "Other chains, at least 90% as long; only resources that are not listed above:",
        "  equally long: Key key-2 → Cluster cluster-2",
        "  0:10 shorter: Vpc vpc",
        "",
    ]


def test_the_timetable_names_the_component_between_two_steps() -> None:
    lines = timetable_of(
        resource("cluster", type_=KEY),
        resource("group", type_=GROUP),
        resource("component", "group", type_=COMPONENT),
    )
    reason = (
        "waits for NodeGroup group (through component); otherwise starts 2:10 earlier, after "
        "Key cluster"
    )
    assert reason in re.sub(r"\s+", " ", "\n".join(lines))


def test_the_total_is_the_end_of_the_last_step(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("dev")
    end = critical_path(recording, goals(recording)[0]).steps[-1].end
    assert re.search(rf" {clock(end)} +total", printed(recording))


@pytest.mark.parametrize("stack", STACKS)
def test_steps_that_two_goals_share_are_printed_once(
    stack: str, previewed: Callable[[str], Recording]
) -> None:
    recording = previewed(stack)
    text = re.sub(r"\s+", " ", printed(recording))
    [cluster] = recording.of_type(CLUSTER)
    assert len(re.findall(rf"(AWS|estimate) Cluster {cluster.name}", text)) == 1
