"""Zones, creation order, capacity reservations and tags of the nodes of every stack."""

from tests.stacks.resources import (
    ADD_ON,
    GROUP,
    SUBNET,
    TEMPLATE,
    by_id,
    nat_gateways_of,
    nat_zone_of,
    outputs_of,
)
from tools.recording import Recording, Resource

RESERVATION = "aws:ec2/capacityReservation:CapacityReservation"


def zones_of(recording: Recording, group: Resource) -> list[str]:
    """Returns the zones of the subnets of a node group; fails unless all are private."""
    existing, ids = recording.settings.network.existing, group.inputs["subnetIds"]
    if existing:
        private_zones = {id_: zone for zone, id_ in existing.private_subnets.items()}
        return [private_zones[id_] for id_ in ids]
    subnets = by_id(recording, SUBNET)
    assert all("-private-" in subnets[id_].name for id_ in ids)
    return [subnets[id_].inputs["availabilityZone"] for id_ in ids]


def test_nodes_of_a_zone_are_only_in_its_private_subnet(recording: Recording) -> None:
    zones = recording.settings.network.zones
    found = {group.name: zones_of(recording, group) for group in recording.of_type(GROUP)}
    expected = {
        f"nodes-{name}-{part}": [*group_zones]
        for name, pool in recording.settings.pools.items()
        for part, group_zones in pool.node_groups(zones).items()
    }
    assert found == expected, "a zone failure would affect nodes of another zone"
    for name, group_zones in found.items():
        assert name.endswith("-spanning") or group_zones == [name[-len(group_zones[0]) :]]


def test_nodes_come_after_the_add_ons_and_routes_that_they_need_to_join(
    recording: Recording,
) -> None:
    needed = {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
    for group in recording.of_type(GROUP):
        before = recording.before(group)
        add_ons = {
            each.inputs["addonName"] for each in recording.of_type(ADD_ON) if each.urn in before
        }
        assert add_ons == needed, "a node without its network never becomes ready"
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
                assert len(endpoints) == len(network.endpoints) + 1, "the S3 endpoint is missing"
                assert endpoints <= before, "a node without endpoints cannot join"
            else:
                [egress] = [each for each in routes if zone in each.name]
                assert egress.urn in before, "a node without egress cannot join"
                assert {
                    f"network-{role}-{zone}" for role in nat_gateways_of(recording, zone)
                } == private
                if "subnetId" in nat_gateways_of(recording, zone)["private"].inputs:
                    private.add(f"network-public-{nat_zone_of(recording, zone)}")
            for each in recording.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation"):
                if each.name in private:
                    assert each.urn in before, (
                        "the subnet would have the main route table, and nodes could not join"
                    )
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
    reservations = recording.of_type(RESERVATION)
    found = {each.name: each.inputs["instanceCount"] for each in reservations}
    assert found == reserved, "reserved capacity of the stack file would be missing"


def test_instances_volumes_and_network_interfaces_have_the_tags_of_cell_and_pool(
    recording: Recording,
) -> None:
    default_tags = recording.settings.aws.default_tags.tags
    for name in recording.settings.pools:
        [template] = [each for each in recording.of_type(TEMPLATE) if each.name == f"nodes-{name}"]
        by_type = {e["resourceType"]: e["tags"] for e in template.inputs["tagSpecifications"]}
        assert set(by_type) == {"instance", "volume", "network-interface"}
        for tags in by_type.values():
            assert tags.items() >= {"ha-eks:cell": recording.stack, "ha-eks:pool": name}.items()
            assert default_tags.items() <= tags.items(), "costs could not be allocated by tag"
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


def test_nodes_are_accessible_by_session_manager_and_not_by_ssh(recording: Recording) -> None:
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


def test_new_node_groups_are_created_in_parallel(recording: Recording) -> None:
    groups = {group.urn for group in recording.of_type(GROUP)}
    for group in recording.of_type(GROUP):
        assert not groups & recording.before(group), (
            "the first nodes of a zone would wait for another zone"
        )


def test_an_up_does_not_change_the_size_that_the_autoscaler_set(recording: Recording) -> None:
    for group in recording.of_type(GROUP):
        assert "scalingConfig.desiredSize" in group.options["ignoreChanges"]
