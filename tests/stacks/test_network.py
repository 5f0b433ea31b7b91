"""Network of each stack and in every network mode: egress, ingress, and added zones and pools."""

import itertools
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings import read_stack_file
from tests.shared_recordings import record_fast, recorded_config
from tests.stacks.random_stacks import in_existing_vpc
from tests.stacks.resources import (
    GROUP,
    NAT,
    SUBNET,
    by_id,
    inputs_of,
    nat_gateways_of,
    nat_zone_of,
)
from tools.recording import Recording, Resource
from tools.recording.record import ROOT

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
"""Excluded from the comparison: an app with fewer pods than zones has no alarm per zone."""
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"

COPIES = {"source": "copies", "registry": "123456789012.dkr.ecr.us-east-1.amazonaws.com"}
MODES: list[tuple[str, dict[str, Any], list[str]]] = [
    (nat, pods, endpoints)
    for nat, pods, endpoints in itertools.product(
        ("perZone", "regional", "single", "none"),
        ({}, {"cidr": "100.64.0.0/16"}),
        ([], [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]),
    )
    if endpoints or nat != "none"
]


def config_of(stack: str = "dev") -> dict[str, Any]:
    return deepcopy(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"))


def recorded(folder: Path, config: dict[str, Any]) -> Recording:
    (folder / "Pulumi.own.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    return record_fast("own", root=folder)


@pytest.fixture(scope="module")
def in_mode() -> Callable[..., Recording]:
    """Returns a function that records dev with other network settings."""

    def recorded_in(nat: str, pods: dict[str, Any], endpoints: list[str]) -> Recording:
        config = config_of()
        config["ha-eks:network"] |= {"nat": nat, "pods": pods, "endpoints": endpoints}
        config["ha-eks:images"] = COPIES
        return recorded_config("own", config)

    return recorded_in


def mode_id(value: object) -> str:
    if isinstance(value, dict):
        return "pod subnets" if value else "private subnets"
    return value if isinstance(value, str) else f"{len(value)} endpoints"  # pyright: ignore[reportArgumentType]  # a list


in_every_mode = pytest.mark.parametrize(("nat", "pods", "endpoints"), MODES, ids=mode_id)


@in_every_mode
def test_nodes_and_pods_of_every_zone_have_egress_before_they_start(
    in_mode: Callable[..., Recording], nat: str, pods: dict[str, Any], endpoints: list[str]
) -> None:
    recording = in_mode(nat, pods, endpoints)
    roles = {"private", "pods"} if pods else {"private"}
    for group in recording.of_type(GROUP):
        zone = group.name[-len("us-east-1a") :]
        before = {recording.get(urn).name for urn in recording.before(group)}
        tables = {
            each.name
            for each in recording.of_type(ROUTE_TABLE_ASSOCIATION)
            if each.urn in recording.before(group) and zone in each.name
        }
        assert {f"network-{role}-{zone}" for role in roles} <= tables
        if nat == "none":
            assert recording.of_type(NAT) == ()
            required = {f"network-endpoint-{each.replace('.', '-')}" for each in endpoints}
            assert required | {"network-s3", "network-endpoints-from-vpc"} <= before
            continue
        assert set(nat_gateways_of(recording, zone)) == roles
        assert nat_zone_of(recording, zone) == (zone if nat != "single" else "us-east-1a")
        assert f"network-private-{zone}-egress" in before


def test_without_nat_system_images_are_copies_in_ecr(
    in_mode: Callable[..., Recording],
) -> None:
    recording = in_mode("none", {}, [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES])
    registry = recording.settings.images.registry
    images: list[str] = [
        inputs_of(each)["values"]["image"]["repository"]
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
    ]
    for deployment in recording.of_type("kubernetes:apps/v1:Deployment"):
        inputs = inputs_of(deployment)
        if inputs["metadata"]["namespace"] == "headroom":
            pod = inputs["spec"]["template"]["spec"]
            images += [container["image"] for container in pod["containers"]]
    names = {
        "autoscaling/cluster-autoscaler", "descheduler/descheduler",
        "eks/aws-load-balancer-controller", "pause:3.10.1",
    }  # fmt: skip
    assert {image.partition("/")[2].partition("/")[2] for image in images} == names
    assert {image.partition("/")[0] for image in images} == {registry}, (
        "nodes cannot pull the image without egress"
    )


@in_every_mode
def test_only_the_load_balancer_is_public_in_every_mode(
    in_mode: Callable[..., Recording], nat: str, pods: dict[str, Any], endpoints: list[str]
) -> None:
    assert_only_the_load_balancer_is_public(in_mode(nat, pods, endpoints))


def test_only_the_load_balancer_is_public(
    recording: Recording,
) -> None:
    assert_only_the_load_balancer_is_public(recording)


def assert_only_the_load_balancer_is_public(recording: Recording) -> None:
    vpc_cidrs = [recording.settings.network.cidr, recording.settings.network.pods.cidr]
    balancers = recording.settings.load_balancers
    open_ports: dict[str, set[int]] = {kind: set() for kind in balancers}
    for rule in recording.of_type(INGRESS_RULE):
        source = rule.inputs.get("cidrIpv4") or rule.inputs.get("cidrIpv6")
        if "referencedSecurityGroupId" in rule.inputs or source in vpc_cidrs:
            continue
        assert rule.name.startswith(("lb-from-", "ilb-from-")), "another group would be public"
        assert rule.inputs["fromPort"] == rule.inputs["toPort"]
        kind = "internal" if rule.name.startswith("ilb-") else "public"
        balancing = balancers[kind].settings
        if "prefixListId" in rule.inputs:
            assert not balancing.accepts_all
            continue
        ranges = balancing.source_ranges or ()
        everyone = ["0.0.0.0/0", *(["::/0"] if balancing.dualstack else [])]
        assert source in (everyone if balancing.accepts_all else ranges)
        open_ports[kind].add(inputs_of(rule)["fromPort"])
    for kind, balancer in balancers.items():
        only_lists = not balancer.settings.accepts_all and not balancer.settings.source_ranges
        ports = {80, 443} if balancer.https else {80}
        assert open_ports[kind] == (set() if only_lists else ports)
    for subnet in recording.of_type(SUBNET):
        assert subnet.inputs["mapPublicIpOnLaunch"] is False
    for group in recording.of_type("aws:ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & set(group.inputs), (
            "inline rules would remove the separate rules"
        )
    defaults = recording.of_type("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert len(defaults) == len(recording.of_type("aws:ec2/vpc:Vpc")), (
        "the default security group would keep the rules of AWS"
    )
    for default in defaults:
        assert not {"ingress", "egress"} & set(default.inputs)
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    public_cidrs = [*recording.settings.cluster.public_access_cidrs]
    vpc_config = inputs_of(cluster)["vpcConfig"]
    assert vpc_config["endpointPublicAccess"] is bool(public_cidrs)
    assert (vpc_config.get("publicAccessCidrs") or []) == public_cidrs


@in_every_mode
def test_the_load_balancer_comes_after_its_subnets_and_the_internet_route(
    in_mode: Callable[..., Recording], nat: str, pods: dict[str, Any], endpoints: list[str]
) -> None:
    recording = in_mode(nat, pods, endpoints)
    [balancer] = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    needed = {f"network-public-{zone}" for zone in recording.settings.network.zones}
    dependencies = {recording.get(urn).name for urn in balancer.dependencies}
    assert needed | {"network-public-internet"} <= dependencies, (
        "destroy would remove the routes before the load balancer"
    )


def test_interface_endpoints_are_in_every_zone_and_come_after_their_ingress_rules(
    recording: Recording,
) -> None:
    private = [id_ for id_, each in by_id(recording, SUBNET).items() if "-private-" in each.name]
    endpoints = [
        each
        for each in recording.of_type(ENDPOINT)
        if each.inputs["vpcEndpointType"] == "Interface"
    ]
    assert len(endpoints) == len(recording.settings.network.endpoints)
    for each in endpoints:
        assert sorted(inputs_of(each)["subnetIds"]) == sorted(map(str, private))
        rules = [
            rule for rule in recording.of_type(INGRESS_RULE) if rule.urn in recording.before(each)
        ]
        allowed = {rule.inputs["cidrIpv4"] for rule in rules}
        networks = {recording.settings.network.cidr, recording.settings.network.pods.cidr} - {None}
        assert allowed == networks, (
            "the DNS name of the service would resolve to addresses that refuse connections"
        )


def test_pod_subnets_come_after_the_secondary_cidr_and_before_the_cni(recording: Recording) -> None:
    subnets = [each for each in recording.of_type(SUBNET) if "-pods-" in each.name]
    assert bool(subnets) is bool(recording.settings.network.pods.cidr)
    secondary_cidrs = recording.of_type(
        "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
    )
    [cni] = [
        e for e in recording.of_type("aws:eks/addon:Addon") if e.inputs["addonName"] == "vpc-cni"
    ]
    reservations = recording.of_type("aws:ec2/subnetCidrReservation:SubnetCidrReservation")
    for group in recording.of_type("aws:eks/nodeGroup:NodeGroup"):
        zones = [each for each in reservations if group.name.endswith(each.name.split("-", 2)[2])]
        assert {each.urn for each in zones} <= recording.before(group), (
            "addresses of nodes would fragment the part that is reserved for prefixes"
        )
    for subnet in subnets:
        assert {each.urn for each in secondary_cidrs} <= recording.before(subnet)
        assert subnet.urn in recording.before(cni)


def test_a_cell_in_an_existing_vpc_creates_no_network(tmp_path: Path) -> None:
    config = in_existing_vpc(config_of())
    recording = recorded(tmp_path, config)
    [network] = [each for each in recording.resources if each.type == "ha-eks:index:Network"]
    assert [each.name for each in recording.resources if each.parent == network.urn] == []
    existing = config["ha-eks:network"]["existing"]
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    assert inputs_of(cluster)["vpcConfig"]["subnetIds"] == [
        *existing["controlPlaneSubnets"].values()
    ]
    [balancer] = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    assert balancer.inputs["subnets"] == [*existing["publicSubnets"].values()]
    for group in recording.of_type(GROUP):
        zone = group.name[-len("us-east-1a") :]
        assert group.inputs["subnetIds"] == [existing["privateSubnets"][zone]]


# Added and removed zones and pools do not change other resources.


def by_type_and_name(recording: Recording) -> dict[tuple[str, str], Resource]:
    return {(each.type, each.name): each for each in recording.cloud_resources}


def assert_only_adds(fewer: Recording, more: Recording, new: str) -> None:
    """Fails unless `more` has all resources of `fewer` at the same addresses, and more of `new`."""
    before, after = by_type_and_name(fewer), by_type_and_name(more)
    removed = {name for type_, name in before.keys() - after.keys() if type_ != ALARM}
    assert not removed, "other resources would be deleted"
    added = {name for _, name in after.keys() - before.keys()}
    assert added
    assert [name for name in added if new not in name] == []
    for key, each in ((key, each) for key, each in before.items() if key in after):
        for address in ("cidrBlock", "availabilityZone", "cidrIpv4"):
            assert each.inputs.get(address) == after[key].inputs.get(address), (
                f"{key} would be replaced"
            )


few = settings(
    deadline=None,
    max_examples=3,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
networks = st.fixed_dictionaries(
    {
        "nat": st.sampled_from(["perZone", "regional", "single"]),
        "pods": st.sampled_from([{}, {"cidr": "100.64.0.0/18"}]),
        "endpoints": st.sampled_from([[], ["sts"]]),
        "cidr": st.sampled_from(["10.0.0.0/16", "172.16.0.0/18"]),
    }
)


@few
@given(st.permutations("abcdef"), st.integers(2, 5), networks)
def test_adding_or_removing_the_last_zone_changes_no_other_zone(
    tmp_path: Path, letters: list[str], count: int, network: dict[str, Any]
) -> None:
    config = config_of()
    zones = [f"us-east-1{letter}" for letter in letters[: count + 1]]
    config["ha-eks:network"] |= {"controlPlaneZones": zones[:2], **network}
    recordings: list[Recording] = []
    for number in (count, count + 1):
        config["ha-eks:network"]["zones"] = zones[:number]
        config["ha-eks:apps"]["web"]["replicas"]["max"] = 20
        recordings.append(recorded(tmp_path, config))
    before, after = recordings
    assert_only_adds(before, after, zones[-1])


@few
@given(st.sampled_from(["a", "zz", "batch-1"]), networks)
def test_adding_or_removing_a_pool_changes_no_other_pool(
    tmp_path: Path, name: str, network: dict[str, Any]
) -> None:
    config = config_of()
    config["ha-eks:network"] |= network
    fewer = recorded(tmp_path, config)
    pool = {"instanceTypes": ["c7i.large"], "perZone": {"min": 1, "max": 2}}
    config["ha-eks:pools"] = {name: pool, **config["ha-eks:pools"]}
    assert_only_adds(fewer, recorded(tmp_path, config), f"nodes-{name}")


def test_private_subnets_use_the_nat_gateway_of_their_zone_unless_nat_is_single(
    recording: Recording,
) -> None:
    network = recording.settings.network
    if network.existing or network.nat == "none":
        assert recording.of_type(NAT) == ()
        routes = recording.of_type("aws:ec2/route:Route")
        assert [each for each in routes if "natGatewayId" in each.inputs] == []
        return
    for zone in network.zones:
        expected = zone if network.nat != "single" else network.zones[0]
        assert nat_zone_of(recording, zone) == expected, "a zone failure would cut off another zone"


def test_dev_has_one_nat_gateway(previewed: Callable[[str], Recording]) -> None:
    recording = previewed("dev")
    assert {nat_zone_of(recording, zone) for zone in recording.settings.network.zones} == {
        "us-east-1a"
    }


def test_subnets_assign_no_public_addresses(recording: Recording) -> None:
    for subnet in recording.of_type(SUBNET):
        assert subnet.inputs["mapPublicIpOnLaunch"] is False
