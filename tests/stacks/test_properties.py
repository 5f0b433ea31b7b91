"""Properties of the recording of every stack, independent of its settings."""

from collections.abc import Callable
from typing import Any

import pulumi

from tools.recording import Recording, Resource
from tools.recording.made_up_outputs import Answers

SUBNET = "aws:ec2/subnet:Subnet"
NAT = "aws:ec2/natGateway:NatGateway"
GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ADD_ON = "aws:eks/addon:Addon"
RELEASE = "kubernetes:helm.sh/v3:Release"


def outputs_of(recording: Recording, type_: str) -> list[dict[str, Any]]:
    """Made-up outputs of every resource of a type."""
    answers = Answers(recording.settings.aws.region)
    return [
        answers.new_resource(
            pulumi.runtime.MockResourceArgs(type_, each.name, dict(each.inputs), custom=True)
        )[1]
        for each in recording.of_type(type_)
    ]


def by_id(recording: Recording, type_: str) -> dict[object, Resource]:
    """Resources by the made-up id that others refer to them with."""
    answers = Answers(recording.settings.aws.region)
    return {
        answers.new_resource(
            pulumi.runtime.MockResourceArgs(type_, each.name, dict(each.inputs), custom=True)
        )[0]: each
        for each in recording.of_type(type_)
    }


def ways_out(recording: Recording, zone: str) -> dict[str, Resource]:
    """The NAT gateway that each subnet with a zone's private routes goes out by, by its role."""
    subnets, tables = by_id(recording, SUBNET), by_id(recording, "aws:ec2/routeTable:RouteTable")
    nats = by_id(recording, NAT)
    found: dict[str, Resource] = {}
    for role in ("private", "pods"):
        for id_ in [id_ for id_, each in subnets.items() if each.name.endswith(f"-{role}-{zone}")]:
            [table] = [
                each.inputs["routeTableId"]
                for each in recording.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
                if each.inputs["subnetId"] == id_
            ]
            assert table in tables
            [found[role]] = [
                nats[each.inputs["natGatewayId"]]
                for each in recording.of_type("aws:ec2/route:Route")
                if each.inputs["routeTableId"] == table
                and each.inputs["destinationCidrBlock"] == "0.0.0.0/0"
            ]
    return found


def way_out(recording: Recording, zone: str) -> str:
    """The zone of the NAT gateway that a zone's subnets go out by; a regional one is in each."""
    [nat] = {nat.urn: nat for nat in ways_out(recording, zone).values()}.values()
    if nat.inputs.get("availabilityMode") == "regional":
        return zone
    return str(by_id(recording, SUBNET)[nat.inputs["subnetId"]].inputs["availabilityZone"])


def test_every_private_subnet_goes_out_by_its_own_zone_if_nat_is_not_single(
    recording: Recording,
) -> None:
    network = recording.settings.network
    if network.existing or network.nat == "none":
        assert recording.of_type(NAT) == ()
        routes = recording.of_type("aws:ec2/route:Route")
        assert [each for each in routes if "natGatewayId" in each.inputs] == []
        return
    for zone in network.zones:
        own = zone if network.nat != "single" else network.zones[0]
        assert way_out(recording, zone) == own, "a zone's loss would cut off another"


def test_dev_goes_out_by_one_gateway(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("dev")
    assert {way_out(recording, zone) for zone in recording.settings.network.zones} == {"us-east-1a"}


def test_everything_of_the_cluster_comes_after_the_cluster(recording: Recording) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    own = [each for each in recording.resources if "clusterName" in each.inputs]
    kinds = {each.type for each in own}
    assert {GROUP, ADD_ON, "aws:eks/accessEntry:AccessEntry"} <= kinds
    for each in own:
        assert cluster.urn in recording.before(each), f"{each.name} would find no cluster"


def test_coredns_and_node_monitoring_come_after_every_node_group(recording: Recording) -> None:
    groups = {group.urn for group in recording.of_type(GROUP)}
    late = [
        each
        for each in recording.of_type(ADD_ON)
        if each.inputs["addonName"] in ("coredns", "eks-node-monitoring-agent")
    ]
    assert len(late) == 2
    for add_on in late:
        assert groups <= recording.before(add_on), "it would wait for a node that is not there"


def test_roles_have_their_policies_before_anything_uses_them(recording: Recording) -> None:
    attachments = recording.of_type(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/rolePolicy:RolePolicy"
    )
    users = recording.of_type(
        GROUP, "aws:eks/cluster:Cluster", ADD_ON, RELEASE, "aws:ec2/flowLog:FlowLog",
        "kubernetes:apps/v1:Deployment",
    )  # fmt: skip
    for role in recording.of_type("aws:iam/role:Role"):
        own = {each.urn for each in attachments if role.urn in each.dependencies}
        assert own, "a role that may do nothing"
        using = [each for each in users if role.urn in recording.before(each)]
        assert using
        for user in using:
            assert own <= recording.before(user), f"{user.name} could start before it may"


def test_the_log_group_is_there_before_eks_makes_its_own(recording: Recording) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    name = f"/aws/eks/{cluster.inputs['name']}/cluster"
    [logs] = [
        e for e in recording.of_type("aws:cloudwatch/logGroup:LogGroup") if e.inputs["name"] == name
    ]
    assert logs.urn in recording.before(cluster)


def test_workloads_may_rely_on_the_kubernetes_provider(recording: Recording) -> None:
    [provider] = [
        each
        for each in recording.of_type("pulumi:providers:kubernetes")
        if each.name == "cluster-kubernetes"
    ]
    access = recording.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    admins = {
        each.urn for each in access if each.inputs["policyArn"].endswith("ClusterAdminPolicy")
    }
    assert admins
    assert admins <= recording.before(provider), "its first call is refused"
    others = {each.urn for each in access} - admins
    assert not others & recording.before(provider), "workloads would wait for people who look on"
    assert provider.inputs["clusterIdentifier"] == recording.stack


def test_every_resource_names_an_explicit_provider(recording: Recording) -> None:
    for resource in recording.resources:
        if resource.custom and not resource.type.startswith("pulumi:providers:"):
            assert resource.provider, f"{resource.urn} would take whatever account is at hand"


def test_the_transform_reaches_the_cluster_inside_of_pulumi_eks(recording: Recording) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    assert cluster.transforms == ("control_plane_settings",)
    assert cluster.inputs["zonalShiftConfig"] == {"enabled": recording.settings.cluster.zonal_shift}
    access = cluster.inputs["accessConfig"]
    assert access == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert cluster.inputs["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster.inputs["bootstrapSelfManagedAddons"] is False
    assert cluster.inputs["vpcConfig"]["endpointPrivateAccess"] is True


def test_nothing_of_the_network_reaches_in_from_outside(recording: Recording) -> None:
    for subnet in recording.of_type(SUBNET):
        assert subnet.inputs["mapPublicIpOnLaunch"] is False


def test_every_resource_comes_after_those_it_depends_on(recording: Recording) -> None:
    seen: set[str] = set()
    known = {each.urn for each in recording.resources}
    for resource in recording.resources:
        assert {urn for urn in resource.prerequisites if urn in known} <= seen, resource.urn
        seen.add(resource.urn)


def test_names_leave_room_for_the_suffix_that_pulumi_gives(recording: Recording) -> None:
    named = recording.of_type("aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup")
    assert named
    for each in named:
        assert len(each.name) <= 24, "AWS takes 32 characters"
        assert "name" not in each.inputs, "a fixed name cannot be replaced without a gap"


def test_people_are_told_where_to_find_what_was_made(recording: Recording) -> None:
    [balancer] = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    assert set(recording.outputs) == {"kubeconfig", "loadBalancer", "urls", "alarms", "dashboard"}
    assert str(recording.outputs["dashboard"]).endswith(
        f"#dashboards/dashboard/eks-{recording.stack}"
    )
    host = (
        recording.settings.traffic.domain
        if recording.settings.traffic
        else recording.outputs["loadBalancer"]
    )
    scheme = "https" if recording.settings.https else "http"
    assert str(recording.outputs["loadBalancer"]).startswith(f"{balancer.name}-")
    assert recording.outputs["urls"] == {
        name: f"{scheme}://{host}{app.expose.path}"
        for name, app in recording.settings.apps.items()
        if app.expose
    }
