"""The network in every mode: what each reaches, what reaches in, and what zones leave alone."""

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
from core.network.subnets import ZONE_LETTERS
from settings import read_stack_file
from tests.shared_recordings import recorded_config
from tests.stacks.random_stacks import in_their_vpc
from tests.stacks.test_properties import GROUP, NAT, SUBNET, by_id, way_out, ways_out
from tools.recording import Recording, Resource, record
from tools.recording.record import ROOT

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
"""Of an app with fewer pods than zones there is none for a zone: it may go as zones come."""
INTO = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
TABLE_OF = "aws:ec2/routeTableAssociation:RouteTableAssociation"

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
    return record("own", root=folder)


@pytest.fixture(scope="module")
def in_mode() -> Callable[..., Recording]:
    """The recording of dev with other network settings."""

    def recorded_in(nat: str, pods: dict[str, Any], endpoints: list[str]) -> Recording:
        config = config_of()
        config["ha-eks:network"] |= {"nat": nat, "pods": pods, "endpoints": endpoints}
        config["ha-eks:images"] = COPIES
        return recorded_config("own", config)

    return recorded_in


def mode_id(value: object) -> str:
    if isinstance(value, dict):
        return "own addresses of pods" if value else "shared addresses"
    return value if isinstance(value, str) else f"{len(value)} endpoints"  # pyright: ignore[reportArgumentType]  # a list


in_every_mode = pytest.mark.parametrize(("nat", "pods", "endpoints"), MODES, ids=mode_id)


@in_every_mode
def test_nodes_and_pods_of_every_zone_reach_aws_before_they_start(
    in_mode: Callable[..., Recording], nat: str, pods: dict[str, Any], endpoints: list[str]
) -> None:
    recording = in_mode(nat, pods, endpoints)
    roles = {"private", "pods"} if pods else {"private"}
    for group in recording.of_type(GROUP):
        zone = group.name[-len("us-east-1a") :]
        before = {recording.get(urn).name for urn in recording.before(group)}
        tables = {
            each.name
            for each in recording.of_type(TABLE_OF)
            if each.urn in recording.before(group) and zone in each.name
        }
        assert {f"network-{role}-{zone}" for role in roles} <= tables
        if nat == "none":
            assert recording.of_type(NAT) == ()
            reached = {f"network-endpoint-{each.replace('.', '-')}" for each in endpoints}
            assert reached | {"network-s3", "network-endpoints-from-vpc"} <= before
            continue
        assert set(ways_out(recording, zone)) == roles
        assert way_out(recording, zone) == (zone if nat != "single" else "us-east-1a")
        assert f"network-private-{zone}-egress" in before


def test_without_nat_the_system_s_images_are_copies_in_reach(
    in_mode: Callable[..., Recording],
) -> None:
    recording = in_mode("none", {}, [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES])
    registry = recording.settings.images.registry
    images = [
        each.inputs["values"]["image"]["repository"]
        for each in recording.of_type("kubernetes:helm.sh/v3:Release")
    ]
    for deployment in recording.of_type("kubernetes:apps/v1:Deployment"):
        if deployment.inputs["metadata"]["namespace"] == "headroom":
            pod = deployment.inputs["spec"]["template"]["spec"]
            images += [container["image"] for container in pod["containers"]]
    names = {"autoscaling/cluster-autoscaler", "eks/aws-load-balancer-controller", "pause:3.10.1"}
    assert {image.partition("/")[2].partition("/")[2] for image in images} == names
    assert {image.partition("/")[0] for image in images} == {registry}, "it would never start"


@in_every_mode
def test_nothing_is_reached_from_outside_but_the_load_balancer(
    in_mode: Callable[..., Recording], nat: str, pods: dict[str, Any], endpoints: list[str]
) -> None:
    assert_closed(in_mode(nat, pods, endpoints))


def test_nothing_of_a_stack_is_reached_from_outside_but_the_load_balancer(
    recording: Recording,
) -> None:
    assert_closed(recording)


def assert_closed(recording: Recording) -> None:
    own = [recording.settings.network.cidr, recording.settings.network.pods.cidr]
    seen: set[int] = set()
    for rule in recording.of_type(INTO):
        source = rule.inputs.get("cidrIpv4")
        if "referencedSecurityGroupId" in rule.inputs or source in own:
            continue
        assert source == "0.0.0.0/0"
        assert rule.name.startswith("lb-from-anywhere-"), "nobody asked for it"
        seen.add(rule.inputs["fromPort"])
        assert rule.inputs["fromPort"] == rule.inputs["toPort"]
        assert not {"cidrIpv6", "prefixListId"} & set(rule.inputs)
    assert seen == ({80, 443} if recording.settings.https else {80})
    for subnet in recording.of_type(SUBNET):
        assert subnet.inputs["mapPublicIpOnLaunch"] is False
    for group in recording.of_type("aws:ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & set(group.inputs), "rules stand by themselves"
    defaults = recording.of_type("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert len(defaults) == len(recording.of_type("aws:ec2/vpc:Vpc")), "AWS's own rules would stand"
    for default in defaults:
        assert not {"ingress", "egress"} & set(default.inputs)
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    asked_for = [*recording.settings.cluster.public_access_cidrs]
    assert cluster.inputs["vpcConfig"]["endpointPublicAccess"] is bool(asked_for)
    assert (cluster.inputs["vpcConfig"].get("publicAccessCidrs") or []) == asked_for


@in_every_mode
def test_people_reach_the_load_balancer_s_subnets_before_it_is_there(
    in_mode: Callable[..., Recording], nat: str, pods: dict[str, Any], endpoints: list[str]
) -> None:
    recording = in_mode(nat, pods, endpoints)
    [balancer] = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    needed = {f"network-public-{zone}" for zone in recording.settings.network.zones}
    there = {recording.get(urn).name for urn in balancer.dependencies}
    assert needed | {"network-public-internet"} <= there, "it would have to outlive its routes"


def test_interface_endpoints_are_in_every_zone_and_open_before_they_are_found(
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
        assert sorted(each.inputs["subnetIds"]) == sorted(map(str, private))
        rules = [rule for rule in recording.of_type(INTO) if rule.urn in recording.before(each)]
        opened = {rule.inputs["cidrIpv4"] for rule in rules}
        networks = {recording.settings.network.cidr, recording.settings.network.pods.cidr} - {None}
        assert opened == networks, "the service's name would lead to a closed door"


def test_pods_subnets_come_after_their_addresses_and_before_the_cni(recording: Recording) -> None:
    subnets = [each for each in recording.of_type(SUBNET) if "-pods-" in each.name]
    assert bool(subnets) is bool(recording.settings.network.pods.cidr)
    added = recording.of_type("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation")
    [cni] = [
        e for e in recording.of_type("aws:eks/addon:Addon") if e.inputs["addonName"] == "vpc-cni"
    ]
    for subnet in subnets:
        assert {each.urn for each in added} <= recording.before(subnet)
        assert subnet.urn in recording.before(cni)


def test_in_a_vpc_that_is_there_a_cell_is_made_without_a_network(tmp_path: Path) -> None:
    config = in_their_vpc(config_of())
    recording = recorded(tmp_path, config)
    [network] = [each for each in recording.resources if each.type == "ha-eks:index:Network"]
    assert [each.name for each in recording.resources if each.parent == network.urn] == []
    given_ = config["ha-eks:network"]["existing"]
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    assert cluster.inputs["vpcConfig"]["subnetIds"] == [*given_["controlPlaneSubnets"].values()]
    [balancer] = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    assert balancer.inputs["subnets"] == [*given_["publicSubnets"].values()]
    for group in recording.of_type(GROUP):
        zone = group.name[-len("us-east-1a") :]
        assert group.inputs["subnetIds"] == [given_["privateSubnets"][zone]]


# What comes and goes leaves the rest alone.


def as_made(recording: Recording) -> dict[tuple[str, str], Resource]:
    return {(each.type, each.name): each for each in recording.cloud_resources}


def assert_left_alone(fewer: Recording, more: Recording, new: str) -> None:
    """All that is in `fewer` is in `more`, where the rest is of `new`; no address has moved."""
    before, after = as_made(fewer), as_made(more)
    gone = {name for type_, name in before.keys() - after.keys() if type_ != ALARM}
    assert not gone, "something else would go"
    extra = {name for _, name in after.keys() - before.keys()}
    assert extra
    assert [name for name in extra if new not in name] == []
    for key, each in ((key, each) for key, each in before.items() if key in after):
        for place in ("cidrBlock", "availabilityZone", "cidrIpv4"):
            assert each.inputs.get(place) == after[key].inputs.get(place), f"{key} would move"


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
@given(st.permutations(ZONE_LETTERS), st.integers(2, 5), networks)
def test_the_last_zone_comes_and_goes_alone(
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
    assert_left_alone(*recordings, zones[-1])


@few
@given(st.sampled_from(["a", "zz", "batch-1"]), networks)
def test_a_pool_comes_and_goes_alone(tmp_path: Path, name: str, network: dict[str, Any]) -> None:
    config = config_of()
    config["ha-eks:network"] |= network
    fewer = recorded(tmp_path, config)
    pool = {"instanceTypes": ["c7i.large"], "perZone": {"min": 1, "max": 2}}
    config["ha-eks:pools"] = {name: pool, **config["ha-eks:pools"]}
    assert_left_alone(fewer, recorded(tmp_path, config), f"nodes-{name}")
