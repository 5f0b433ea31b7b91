"""Resources that a change adds, removes, updates or replaces."""

from typing import Any

import pytest

from tests.settings.stack_files import APPS, NETWORK, POOLS, app
from tests.tools.preview.diff.sides import Edit, comparison, made, named, nothing
from tools.preview.diff.resources import ResourceChange, resource_changes
from tools.recording import Resource

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
GROUP, TEMPLATE = "aws:eks/nodeGroup:NodeGroup", "aws:ec2/launchTemplate:LaunchTemplate"
CLUSTER_TYPE, ADD_ON = "aws:eks/cluster:Cluster", "aws:eks/addon:Addon"
PROVIDER, DEPLOYMENT = "pulumi:providers:aws", "kubernetes:apps/v1:Deployment"


def one(before: Resource, after: Resource) -> ResourceChange | None:
    found = resource_changes([before], [after])
    assert len(found) < 2
    return found[0] if found else None


def two_types(config: Any) -> None:
    config[POOLS]["general"]["instanceTypes"] = ["m7i.large", "m6i.large"]


def other_types(config: Any) -> None:
    config[POOLS]["general"]["instanceTypes"] = ["m7i.large", "m7a.large"]


def other_type(config: Any) -> None:
    config[POOLS]["general"]["instanceTypes"] = ["m7a.large"]


def another_app(config: Any) -> None:
    config[APPS] = {**config[APPS], "api": app()}


def two_zones(config: Any) -> None:
    config[NETWORK]["zones"] = config[NETWORK]["zones"][:2]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_stack_does_not_differ_from_itself(stack: str) -> None:
    found = comparison(stack, nothing, nothing)
    assert found.resources == []
    assert [text.partition(",")[0] for _, text in found.summary] == [
        "unchanged", "unchanged", "none",
    ]  # fmt: skip
    assert found.new_findings == found.gone_findings == []


def test_node_groups_with_other_instance_types_are_replaced_by_the_command_only() -> None:
    found = comparison("prod", two_types, other_types)
    replaced = named(found, "replaced")
    groups = [each for name, each in replaced.items() if name.startswith("NodeGroup ")]
    assert len(groups) == 3
    for each in groups:
        assert each.by_command, "a plain up is refused"
        assert each.forced_by == ["instanceTypes"]
        assert [(c.path, c.old, c.new) for c in each.changes] == [
            ("instanceTypes[1]", "m6i.large", "m7a.large")
        ]
    tags = [each for name, each in replaced.items() if name.startswith("Tag ")]
    assert len(tags) == 6, "a new node group has a new Auto Scaling group"
    assert all(each.by_command for each in tags)
    assert len(replaced) == 9


def test_another_type_of_a_pool_with_one_type_updates_its_node_groups() -> None:
    found = comparison("prod", nothing, other_type)
    assert found.of("replaced") == []
    changed = named(found, "changed")
    [template] = changed["LaunchTemplate nodes-general"].changes
    assert (template.path, template.old, template.new) == ("instanceType", "m7i.large", "m7a.large")
    group = changed["NodeGroup nodes-general-us-east-1a"]
    assert [each.path for each in group.changes] == ["launchTemplate.version"]


def test_an_added_app_is_removed_in_the_other_direction() -> None:
    there, back = (
        comparison("prod", *edits) for edits in ((nothing, another_app), (another_app, nothing))
    )
    added, removed = named(there, "added"), named(back, "removed")
    assert {"Deployment api", "Service api", "Namespace api"} <= set(added)
    assert set(added) == set(removed)
    assert there.of("removed") == back.of("added") == []


EDITS: list[tuple[Edit, Edit]] = [
    (two_types, other_types),
    (nothing, other_type),
    (nothing, another_app),
    (nothing, two_zones),
]


def values(change: ResourceChange) -> set[tuple[str, str, str]]:
    """Returns the changes, without those through other resources."""
    return {
        (each.path, str(each.old), str(each.new))
        for each in change.changes
        if each.old not in ("(of the old one)", "(present)")
    }


@pytest.mark.parametrize(("before", "after"), EDITS)
def test_a_comparison_mirrors_the_comparison_in_the_other_direction(
    before: Edit, after: Edit
) -> None:
    there, back = comparison("prod", before, after), comparison("prod", after, before)
    mirrored = {"added": "removed", "removed": "added"}

    def summary(changed: list[ResourceChange]) -> set[tuple[str, str, tuple[str, ...]]]:
        return {(e.action, e.resource.urn, tuple(e.forced_by)) for e in changed}

    assert summary([*there.resources]) == {
        (mirrored.get(action, action), urn, forced)
        for action, urn, forced in summary([*back.resources])
    }
    sides = {each.resource.urn: each for each in back.resources}
    for each in there.of("changed"):
        other = sides[each.resource.urn]
        assert values(each) == {(path, new, old) for path, old, new in values(other)}
    assert there.new_findings == back.gone_findings
    assert there.gone_findings == back.new_findings


def test_fewer_zones_remove_the_resources_of_a_zone() -> None:
    found = comparison("prod", nothing, two_zones)
    removed = named(found, "removed")
    assert {"NodeGroup nodes-general-us-east-1c", "NatGateway network-nat-us-east-1c"} <= set(
        removed
    )
    assert next(iter(removed)).startswith("Subnet "), "the most severe effect is first"
    assert found.summary[0][1].startswith("unchanged, any one zone can fail")
    assert "coredns" not in found.summary[0][1], "the system has no needed pods"


def test_another_version_of_a_chart_is_an_update() -> None:
    release = "kubernetes:helm.sh/v3:Release"
    change = one(
        made(release, inputs={"name": "a", "version": "1.0.0"}),
        made(release, inputs={"name": "a", "version": "1.1.0"}),
    )
    assert change
    assert change.action == "changed"
    assert [(each.path, each.old, each.new) for each in change.changes] == [
        ("version", "1.0.0", "1.1.0")
    ]


def test_an_unknown_type_is_not_guessed() -> None:
    change = one(
        made("aws:mq/broker:Broker", inputs={"name": "a"}),
        made("aws:mq/broker:Broker", inputs={"name": "b"}),
    )
    assert change
    assert (change.action, change.known) == ("changed", False)


def test_a_replaced_resource_replaces_those_whose_forcing_inputs_have_its_id() -> None:
    def resources(cidr: str) -> list[Resource]:
        vpc = made(VPC, inputs={"cidrBlock": cidr})
        id_ = made_up_id(vpc)
        sources = {"vpcId": (vpc.urn,)}
        subnet = made(SUBNET, inputs={"cidrBlock": "10.0.0.0/24", "vpcId": id_}, sources=sources)
        endpoint = made("aws:ec2/internetGateway:InternetGateway", inputs={"vpcId": id_},
                        sources=sources)  # fmt: skip
        return [vpc, subnet, endpoint]

    found = resource_changes(resources("10.0.0.0/16"), resources("10.1.0.0/16"))
    assert [(each.action, [*each.forced_by]) for each in found] == [
        ("replaced", ["cidrBlock"]),
        ("replaced", ["vpcId"]),
        ("changed", []),
    ]
    assert found[2].changes[0].new == "(of the new Vpc a)"


def made_up_id(resource: Resource) -> str:
    import pulumi

    from tools.recording.made_up_outputs import MadeUpOutputs

    arguments = pulumi.runtime.MockResourceArgs(
        resource.type, resource.name, {**resource.inputs}, custom=True
    )
    return str(MadeUpOutputs("us-east-1").new_resource(arguments)[0])


def test_a_resource_without_an_input_that_its_id_contains_is_compared() -> None:
    older = made(ADD_ON, inputs={"clusterName": "cell"})
    assert one(older, made(ADD_ON, inputs={"clusterName": "cell", "addonName": "a"}))
    assert one(made(CLUSTER_TYPE), made(CLUSTER_TYPE, inputs={"name": "cell", "vpcConfig": {}}))


def test_a_cluster_of_the_same_name_is_deleted_first_with_its_parts() -> None:
    def resources(family: str) -> list[Resource]:
        inputs = {
            "name": "cell",
            "vpcConfig": {},
            "kubernetesNetworkConfig": {"ipFamily": family},
        }
        cluster = made(CLUSTER_TYPE, inputs=inputs)
        sources = {"clusterName": (cluster.urn,)}
        add_on = made(ADD_ON, inputs={"addonName": "x", "clusterName": "cell"}, sources=sources)
        return [cluster, add_on]

    cluster, add_on = resource_changes(resources("ipv4"), resources("ipv6"))
    assert cluster.deleted_first
    assert cluster.forced_by == ["kubernetesNetworkConfig.ipFamily"]
    assert (add_on.action, [*add_on.forced_by]) == ("replaced", ["clusterName"])


def test_a_replaced_provider_replaces_its_resources() -> None:
    def resources(region: str) -> list[Resource]:
        provider = made(PROVIDER, inputs={"region": region})
        return [provider, made(VPC, inputs={"cidrBlock": "x"}, provider=provider.urn)]

    found = resource_changes(resources("us-east-1"), resources("us-west-2"))
    assert [(each.action, [*each.forced_by]) for each in found] == [
        ("replaced", ["region"]),
        ("replaced", ["provider"]),
    ]


@pytest.mark.parametrize(
    ("options", "action"),
    [
        ({}, "changed"),
        ({"ignoreChanges": ["spec.replicas"]}, None),
        ({"ignoreChanges": ["spec"]}, None),
        ({"replaceOnChanges": ["spec.replicas"]}, "replaced"),
        ({"replaceOnChanges": ["*"]}, "replaced"),
        ({"replaceOnChanges": ["spec.other"]}, "changed"),
    ],
)
def test_the_options_of_a_resource_apply(options: dict[str, Any], action: str | None) -> None:
    before, after = (
        made(DEPLOYMENT, inputs={"spec": {"replicas": number}}, options=options)
        for number in (1, 2)
    )
    change = one(before, after)
    assert (change.action if change else None) == action


@pytest.mark.parametrize("alias", ["old", "urn:pulumi:test::ha-eks::aws:ec2/vpc:Vpc::old"])
def test_a_resource_with_an_alias_is_the_same_one(alias: str) -> None:
    before, after = made(VPC, "old"), made(VPC, "new", options={"aliases": ["", alias]})
    assert resource_changes([before], [after]) == []
    actions = {each.action for each in resource_changes([before], [made(VPC, "new")])}
    assert actions == {"added", "removed"}
