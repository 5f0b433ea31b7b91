"""Checks of service quotas before a deployment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.tags import CELL
from tests.command_machine import Machine
from tests.settings.stack_files import text_of
from tests.shared_recordings import recorded
from tools.deploy.aws_cli import AwsError
from tools.deploy.quotas import quota_problems
from tools.deploy.quotas.account import read_account
from tools.deploy.quotas.demand import demands
from tools.deploy.quotas.vcpus import pool_instances
from tools.recording import Recording
from tools.recording.record import ROOT

STANDARD, SPOT = "L-1216C47A", "L-34B43A08"
ADDRESSES, NAT_GATEWAYS, VPCS, RULES = "L-0263D0A3", "L-FE5A380F", "L-F678F1CE", "L-0EA8095F"
STANDARD_NAME = '"Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"'

Found = tuple[list[str], list[str]]
"""Problems and warnings."""


def changed(tmp_path: Path, *changes: tuple[str, str], stack: str = "dev") -> Recording:
    """Returns the recording of a stack with some changed text in its file."""
    text = text_of(stack)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    return recorded(stack, tmp_path)


def of_cell(cell: str) -> list[dict[str, str]]:
    return [{"Key": CELL, "Value": cell}]


def instance(
    vcpus: int, tags: Sequence[Mapping[str, str]] | None = None, lifecycle: str | None = None
) -> dict[str, Any]:
    cpu = {"CoreCount": vcpus // 2, "ThreadsPerCore": 2}
    return {"type": "m7i.large", "lifecycle": lifecycle, "cpu": cpu, "Tags": tags}


def found(
    recording: Recording,
    quotas: Mapping[str, int | Exception] | None = None,
    **lists: object,
) -> Found:
    """Returns problems and warnings in an account with some quotas and resources."""

    def ask(*arguments: str) -> Any:
        command = arguments[1]
        if command in ("get-service-quota", "get-aws-default-service-quota"):
            value = (quotas or {}).get(arguments[-1], 1000)
            if command == "get-aws-default-service-quota":
                return {"Quota": {"Value": 5.0}}
            if isinstance(value, Exception):
                raise value
            return {"Quota": {"Value": float(value)}}
        answer = lists.get(command.replace("-", "_"), [])
        if isinstance(answer, Exception):
            raise answer
        return answer

    warnings: list[str] = []
    problems = [str(each) for each in quota_problems(ask, recording, warnings.append)]
    return problems, warnings


def request(service: str, code: str, value: int) -> str:
    return (
        f"request {value}: aws service-quotas request-service-quota-increase --service-code "
        f"{service} --quota-code {code} --desired-value {value} --region us-east-1"
    )


def test_quotas_that_suffice_are_not_mentioned() -> None:
    exactly = {STANDARD: 20, ADDRESSES: 1, NAT_GATEWAYS: 1, VPCS: 1, RULES: 2}
    assert found(recorded("dev"), exactly) == ([], [])


def test_a_new_account_cannot_start_dev() -> None:
    assert found(recorded("dev"), {STANDARD: 5}) == (
        [
            f"ha-eks:pools: the quota {STANDARD_NAME} is 5, but the cell needs 4 instances of "
            "general × 2 = 8 vCPUs at rest, and others use 0; " + request("ec2", STANDARD, 20)
        ],
        [],
    )


def test_a_quota_that_only_the_maximum_exceeds_is_a_warning() -> None:
    assert found(recorded("prod"), {STANDARD: 79}) == (
        [],
        [
            f"ha-eks:pools: the quota {STANDARD_NAME} is 79, but the cell needs (36 instances of "
            "general at the maximum + 4 during an update) × 2 = 80 vCPUs, and others use 0, so "
            "that nodes above the quota do not start; " + request("ec2", STANDARD, 80)
        ],
    )
    assert found(recorded("prod"), {STANDARD: 80}) == ([], [])


def test_instances_of_others_count() -> None:
    others = [
        instance(8), instance(4, of_cell("prod")), instance(96, lifecycle="spot"),
        instance(192, lifecycle="capacity-block"),  # counts against no quota of vCPUs
    ]  # fmt: skip
    problems, warnings = found(recorded("dev"), {STANDARD: 19}, describe_instances=others)
    assert problems == [
        f"ha-eks:pools: the quota {STANDARD_NAME} is 19, but the cell needs 4 instances of "
        "general × 2 = 8 vCPUs at rest, and others use 12; " + request("ec2", STANDARD, 32)
    ]
    assert warnings == []


def test_a_running_cell_is_warned_so_that_remedies_do_not_wait_for_a_quota() -> None:
    own = [instance(2, of_cell("dev"))]
    problems, warnings = found(recorded("dev"), {STANDARD: 5, VPCS: 0}, describe_instances=own)
    assert problems == []
    assert warnings == [
        f"ha-eks:pools: the quota {STANDARD_NAME} is 5, but the cell needs 4 instances of general "
        "× 2 = 8 vCPUs at rest, and others use 0; " + request("ec2", STANDARD, 20),
        'ha-eks:network: the quota "VPCs per Region" is 0, but the cell needs 1 VPC, and others '
        "use 0; " + request("vpc", VPCS, 1),
    ]


def test_spot_instances_have_their_own_quota(tmp_path: Path) -> None:
    pool = """
    batch:
      instanceTypes: [m7i.large, m7i.2xlarge]
      capacityType: SPOT
      perZone: {min: 2, max: 4}"""
    recording = changed(tmp_path, ("{min: 2, max: 4}", "{min: 2, max: 4}" + pool))
    spot = [instance(2, lifecycle="spot")]
    problems, warnings = found(recording, {SPOT: 10}, describe_instances=spot)
    name = '"All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"'
    assert (problems, warnings) == (
        [],
        [
            f"ha-eks:pools: the quota {name} is 10, but the cell needs (8 instances of batch at "
            "the maximum + 2 during an update) × 8 = 80 vCPUs, and others use 2, so that nodes "
            "above the quota do not start; " + request("ec2", SPOT, 82)
        ],
    ), "the smallest type decides whether the cell starts, the largest on its maximum"


def test_reserved_and_warm_instances_count_at_rest(tmp_path: Path) -> None:
    reserved = changed(tmp_path, ("{min: 2, max: 4}", "{min: 2, max: 4, reserved: 3}"))
    warm = changed(
        tmp_path,
        ("[m7i.large]", "[m7i.large]\n      warmPool: {min: 1, maxPrepared: 3, state: RUNNING}"),
    )
    for recording in (reserved, warm):
        [at_rest] = [each.at_rest for each in demands(recording) if each.quota.code == STANDARD]
        assert at_rest == 3 * 2 * 2, "3 instances in each of 2 zones"


def test_an_update_of_a_small_node_group_adds_two_nodes(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html"""
    recording = changed(tmp_path, ("{min: 2, max: 4}", "{min: 2, max: 3}"))
    [[pool]] = pool_instances(recording).values()
    assert recording.settings.pools["general"].update.at_once(3) == 1
    assert pool.surge == 2


def test_types_of_several_quotas_count_against_each_quota_at_the_maximum_only(
    tmp_path: Path,
) -> None:
    recording = changed(tmp_path, ("[m7i.large]", "[m7i.large, x2iedn.xlarge]"))
    parts = [part for [part] in pool_instances(recording).values()]
    assert [(each.at_rest, each.at_maximum, each.most_vcpus) for each in parts] == [
        (0, 8, 2), (0, 8, 4),
    ], "EKS chooses the type, so that the cell may start within either quota"  # fmt: skip


def test_a_pool_without_node_groups_needs_no_instances() -> None:
    recording = replace(recorded("dev"), resources=())
    [[pool]] = pool_instances(recording).values()
    assert (pool.at_rest, pool.at_maximum, pool.surge) == (0, 0, 0)


@pytest.mark.parametrize("asked", [True, False])
def test_pull_through_cache_rules_that_are_not_read_count_as_none(asked: bool) -> None:
    def ask(*arguments: str) -> Any:
        if arguments[1] == "describe-pull-through-cache-rules":
            raise AwsError("AccessDenied")
        return []

    warnings: list[str] = []
    account = read_account(ask, "dev", (), warnings.append, pull_through_rules=asked)
    assert account.pull_through_rules == 0, "the cell would be refused for rules that do not exist"
    assert len(warnings) == asked


def test_resources_of_others_count_and_those_of_the_cell_do_not() -> None:
    tags = [{"Tags": of_cell("prod")}, {"Tags": None}, {"Tags": of_cell("dev")}]
    problems, warnings = found(
        recorded("prod"),
        {ADDRESSES: 4, NAT_GATEWAYS: 2, VPCS: 2},
        describe_addresses=[
            *({**each, "service": None} for each in tags), {"Tags": None, "service": "alb"}
        ],
        describe_subnets=[["subnet-a", "us-east-1a"], ["subnet-b", "us-east-1b"]],
        describe_nat_gateways=[
            {"Tags": None, "subnet": "subnet-a"},
            {"Tags": None, "subnet": "subnet-b"},
            {"Tags": None, "subnet": "subnet-b"},
            {"Tags": of_cell("prod"), "subnet": "subnet-a"},
            {"Tags": None, "subnet": None},
        ],
        describe_vpcs=tags,
    )  # fmt: skip
    assert problems == [
        'ha-eks:network: the quota "VPCs per Region" is 2, but the cell needs 1 VPC, and others '
        "use 2; " + request("vpc", VPCS, 3),
        'ha-eks:network.nat: the quota "EC2-VPC Elastic IPs" is 4, but the cell needs 3 Elastic '
        "IPs, and others use 2; " + request("ec2", ADDRESSES, 5),
        'ha-eks:network.nat: the quota "NAT gateways per Availability Zone" is 2, but the cell '
        "needs 1 NAT gateway in us-east-1b, and others use 2; " + request("vpc", NAT_GATEWAYS, 3),
    ]
    assert warnings == []


@pytest.mark.parametrize("stack", ["dev", "prod"])  # prod has as many for the load balancer
def test_only_rules_of_the_clusters_security_group_include_the_rule_of_eks(stack: str) -> None:
    problems, _ = found(recorded(stack), {RULES: 1})
    assert problems == [
        'ha-eks:apps: the quota "Inbound or outbound rules per security group" is 1, but the cell '
        "needs 2 security group rules, and others use 0; " + request("vpc", RULES, 2)
    ]


def test_pull_through_cache_rules_have_a_fixed_quota() -> None:
    prefixes = ["prod/k8s", *(f"other/{each}" for each in range(48))]
    problems, warnings = found(recorded("prod"), describe_pull_through_cache_rules=prefixes)
    assert problems == [
        "ha-eks:images.source: the quota of pull-through cache rules is 50, but the cell needs 3, "
        "and others use 48; AWS does not raise this quota: delete rules (aws ecr "
        "describe-pull-through-cache-rules lists them), or write another images.source"
    ]
    assert warnings == []
    assert found(recorded("prod"), describe_pull_through_cache_rules=prefixes[:48]) == ([], [])


def test_a_quota_without_an_applied_value_has_its_default() -> None:
    error = AwsError("An error occurred (NoSuchResourceException) when calling GetServiceQuota")
    problems, warnings = found(recorded("dev"), {STANDARD: error})
    assert len(problems) == 1
    assert f"{STANDARD_NAME} is 5" in problems[0]
    assert warnings == []


def test_everything_that_cannot_be_read_is_a_warning() -> None:
    denied = AwsError("AccessDenied")
    assert found(
        recorded("prod"),
        {STANDARD: denied},
        describe_instances=denied,
        describe_addresses=[{"Tags": None}],
        describe_vpcs=denied,
        describe_pull_through_cache_rules=denied,
    ) == (
        [],
        [
            "cannot read the quota Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) "
            "instances (L-1216C47A), so it is not checked: AccessDenied",
            "cannot read the instances of the account, so the check of quotas counts those of the "
            "cell only: AccessDenied",
            "cannot read the Elastic IP addresses of the account, so the check of quotas counts "
            "those of the cell only: 'service'",
            "cannot read the VPCs of the account, so the check of quotas counts those of the cell "
            "only: AccessDenied",
            "cannot read the pull-through cache rules of the account, so the check of quotas "
            "counts those of the cell only: AccessDenied",
        ],
    )


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_page_about_the_first_deployment_states_the_quotas(stack: str) -> None:
    needed = {each.quota.code: each for each in demands(recorded(stack))}
    vcpus = needed[STANDARD]
    counts = [needed[code].at_rest for code in (ADDRESSES, NAT_GATEWAYS, VPCS)]
    row = f"| `{stack}` | {vcpus.at_rest} | {vcpus.at_most} | {' | '.join(map(str, counts))} |"
    page = (ROOT / "docs" / "first-deployment.md").read_text(encoding="utf-8")
    assert row in page.splitlines(), f"write in docs/first-deployment.md:\n{row}"


def test_a_stack_that_cannot_start_is_not_deployed(machine: Machine) -> None:
    machine.aws(get_service_quota="""printf '{"Quota": {"Value": 5.0}}'""")
    rows = machine.stack.read_text(encoding="utf-8").splitlines()
    [line] = (number for number, row in enumerate(rows, 1) if "ha-eks:pools:" in row)
    assert machine.refuses() == (
        f"Pulumi.own.yaml:{line}: ha-eks:pools: the quota {STANDARD_NAME} is 5, but the cell needs "
        "4 instances of general × 2 = 8 vCPUs at rest, and others use 0; "
        + request("ec2", STANDARD, 20)
        + "\n"
    )
    assert [each.split("][")[1] for each in machine.quota_calls()] == [
        "describe-addresses",
        "describe-instances",
        "describe-nat-gateways",
        "describe-subnets",
        "describe-vpcs",
        *["get-service-quota"] * 5,
    ]


@pytest.mark.parametrize("value", [8, 20])
def test_a_stack_that_can_start_is_deployed(machine: Machine, value: int) -> None:
    machine.aws(get_service_quota=f"""printf '{{"Quota": {{"Value": {value}.0}}}}'""")
    done = machine.up()
    assert done.returncode == 0
    assert machine.calls()[-1].startswith("pulumi [up]")
    assert done.stderr.count("caution: ") == (1 if value == 8 else 0)
