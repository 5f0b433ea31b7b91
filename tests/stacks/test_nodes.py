"""What holds of the nodes in the plan of every stack: where they are, and what they are made of."""

from tests.stacks.test_properties import (
    ADD_ON,
    GROUP,
    SUBNET,
    TEMPLATE,
    by_id,
    outputs_of,
    way_out,
    ways_out,
)
from tools.recording import Recording, Resource

RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"


def zones_of(recording: Recording, group: Resource) -> list[str]:
    """The zones of a node group's subnets, all of them private."""
    existing, ids = recording.settings.network.existing, group.inputs["subnetIds"]
    if existing:
        of_private = {id_: zone for zone, id_ in existing.private_subnets.items()}
        return [of_private[id_] for id_ in ids]
    subnets = by_id(recording, SUBNET)
    assert all("-private-" in subnets[id_].name for id_ in ids)
    return [subnets[id_].inputs["availabilityZone"] for id_ in ids]


def test_each_zones_nodes_are_in_that_zones_private_subnet_only(recording: Recording) -> None:
    zones = recording.settings.network.zones
    seen: dict[str, list[str]] = {}
    for group in recording.of_type(GROUP):
        seen[group.name] = zones_of(recording, group)
    wanted = {
        f"nodes-{name}-{part}": [*of_group]
        for name, pool in recording.settings.pools.items()
        for part, of_group in pool.node_groups(zones).items()
    }
    assert seen == wanted, "the group's name would lie about its zone"
    for name, of_group in seen.items():
        assert name.endswith("-spanning") or of_group == [name[-len(of_group[0]) :]]


def test_nodes_come_after_what_they_need_to_join(recording: Recording) -> None:
    needed = {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
    for group in recording.of_type(GROUP):
        before = recording.before(group)
        there = {
            each.inputs["addonName"] for each in recording.of_type(ADD_ON) if each.urn in before
        }
        assert there == needed, "a node without its network never becomes ready"
        routes = [e for e in recording.of_type("aws:ec2/route:Route") if e.name.endswith("-egress")]
        network = recording.settings.network
        if network.existing:
            continue
        for zone in zones_of(recording, group):
            private = {f"network-private-{zone}"}
            if network.pods.cidr:
                private.add(f"network-pods-{zone}")
            if network.nat == "none":
                endpoints = {
                    each.urn for each in recording.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")
                }
                assert len(endpoints) == len(network.endpoints) + 1, "and S3"
                assert endpoints <= before, "a node that reaches nothing cannot join"
            else:
                [egress] = [each for each in routes if zone in each.name]
                assert egress.urn in before, "a node without a way out cannot join"
                assert {f"network-{role}-{zone}" for role in ways_out(recording, zone)} == private
                if "subnetId" in ways_out(recording, zone)["private"].inputs:
                    private.add(f"network-public-{way_out(recording, zone)}")
            for each in recording.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation"):
                if each.name in private:
                    assert each.urn in before, "its subnet would have the VPC's main routes"
                    private.remove(each.name)
            assert not private


def test_capacity_is_reserved_before_the_nodes_that_use_it(recording: Recording) -> None:
    groups = recording.of_type(GROUP)
    for each in recording.of_type(RESERVATION):
        zone = each.inputs["availabilityZone"]
        pool = each.name.removesuffix(f"-{zone}")
        [group] = [g for g in groups if g.name in (f"{pool}-{zone}", f"{pool}-spanning")]
        assert each.urn in group.dependencies
    reserved = {
        f"nodes-{name}-{zone}": pool.per_zone.reserved
        for name, pool in recording.settings.pools.items()
        for zone in recording.settings.network.zones
        if pool.per_zone.reserved
    }
    made = recording.of_type(RESERVATION)
    assert {each.name: each.inputs["instanceCount"] for each in made} == reserved


def test_whatever_nodes_are_made_of_says_which_cell_it_is_of(recording: Recording) -> None:
    own = recording.settings.aws.default_tags.tags
    for name in recording.settings.pools:
        [template] = [each for each in recording.of_type(TEMPLATE) if each.name == f"nodes-{name}"]
        given = {e["resourceType"]: e["tags"] for e in template.inputs["tagSpecifications"]}
        assert set(given) == {"instance", "volume", "network-interface"}
        for tags in given.values():
            assert tags.items() >= {"ha-eks:cell": recording.stack, "ha-eks:pool": name}.items()
            assert own.items() <= tags.items(), "costs could not be told apart"
            assert "Name" in tags
    tagged = {
        (each.inputs["autoscalingGroupName"], each.inputs["tag"]["key"])
        for each in recording.of_type("aws:autoscaling/tag:Tag")
    }
    scaling = {
        outputs["resources"][0]["autoscalingGroups"][0]["name"]
        for outputs in outputs_of(recording, GROUP)
    }
    assert tagged == {(name, key) for name in scaling for key in ("ha-eks:cell", "Name")}


def test_people_reach_nodes_by_session_manager_and_not_by_ssh(recording: Recording) -> None:
    for template in recording.of_type(TEMPLATE):
        assert not {"keyName", "networkInterfaces"} & set(template.inputs)
    for group in recording.of_type(GROUP):
        assert "remoteAccess" not in group.inputs
    [ssm] = [
        each
        for each in recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if each.inputs["policyArn"].endswith("/AmazonSSMManagedInstanceCore")
    ]
    for group in recording.of_type(GROUP):
        assert ssm.urn in recording.before(group), (
            "an operator could not inspect a node that does not join"
        )


def test_new_node_groups_are_made_at_once(recording: Recording) -> None:
    groups = {group.urn for group in recording.of_type(GROUP)}
    for group in recording.of_type(GROUP):
        assert not groups & recording.before(group), (
            "the first nodes of a zone would wait for another's"
        )


def test_the_autoscalers_size_is_left_alone(recording: Recording) -> None:
    for group in recording.of_type(GROUP):
        assert "scalingConfig.desiredSize" in group.options["ignoreChanges"]
