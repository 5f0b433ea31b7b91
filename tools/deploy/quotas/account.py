"""Reads the quotas of an account, and their usage outside of the cell, with the `aws` CLI."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from core.facts.service_quotas import ELASTIC_IPS, NAT_GATEWAYS, VPCS, Quota, vcpu_quota
from core.tags import CELL
from tools.deploy.aws_cli import Ask, AwsError, why
from tools.deploy.captured import threads

_T = TypeVar("_T")

_WORKERS = 8
"""Commands that run at the same time. Each takes about a second to start."""

Use = Counter[tuple[Quota, str | None]]
"""Use of each quota by resources outside the cell: in the region (None), or in a zone."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account in a region, as far as the CLI can read it."""

    quotas: Mapping[Quota, int]
    """Value of each quota."""
    used: Use
    """Use by others than the cell."""
    pull_through_rules: int
    """Pull-through cache rules of others than the cell."""
    cell_has_nodes: bool
    """True if instances of the cell run."""


def read_account(
    ask: Ask,
    cell: str,
    quotas: Collection[Quota],
    warn: Callable[[str], None],
    *,
    pull_through_rules: bool,
) -> Account:
    """Returns the account of a cell; calls `warn` for everything that cannot be read.

    Reads the use of `quotas` only, and the pull-through cache rules if the cell needs any.
    """

    def result(future: Future[_T], what: str, unknown: _T) -> _T:
        try:
            return future.result()
        except (AwsError, LookupError, TypeError, ValueError) as error:
            warn(f"cannot read {what}: {why(error)}")
            return unknown

    with threads(_WORKERS) as pool:
        values = {each: pool.submit(_value, ask, each) for each in quotas}
        instances = pool.submit(_instances, ask, cell)
        lists = {
            what: pool.submit(read, ask, cell)
            for quota, (what, read) in _LISTS.items()
            if quota in quotas
        }
        rules = pool.submit(_pull_through_rules, ask, cell) if pull_through_rules else None
    found = {
        quota: result(value, f"the quota {quota.name} ({quota.code}), so it is not checked", None)
        for quota, value in values.items()
    }
    own_only = "of the account, so the check of quotas counts those of the cell only"
    used, own_instances = result(instances, f"the instances {own_only}", (Use(), 0))
    for what, future in lists.items():
        used += result(future, f"the {what} {own_only}", Use())
    return Account(
        quotas={quota: value for quota, value in found.items() if value is not None},
        used=used,
        pull_through_rules=(
            result(rules, f"the pull-through cache rules {own_only}", 0) if rules else 0
        ),
        cell_has_nodes=own_instances > 0,
    )


def _value(ask: Ask, quota: Quota) -> int | None:
    """Returns the value of a quota: the applied value, or the default without an applied value.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
    """
    names = ("--service-code", quota.service, "--quota-code", quota.code)
    try:
        answer = ask("service-quotas", "get-service-quota", *names)
    except AwsError as error:
        if "NoSuchResourceException" not in str(error):
            raise
        answer = ask("service-quotas", "get-aws-default-service-quota", *names)
    return int(answer["Quota"]["Value"])


def _instances(ask: Ask, cell: str) -> tuple[Use, int]:
    """Returns the vCPUs of running instances of others, and the number of those of the cell.

    Only on-demand and spot instances count against a quota of vCPUs.
    """
    fields = "{type:InstanceType,lifecycle:InstanceLifecycle,cpu:CpuOptions,Tags:Tags}"
    used, own = Use(), 0
    for each in ask(
        "ec2", "describe-instances",
        "--filters", "Name=instance-state-name,Values=pending,running",
        "--query", f"Reservations[].Instances[].{fields}",
    ):  # fmt: skip
        if _is_of(each, cell):
            own += 1
        elif each["lifecycle"] in (None, "spot"):
            quota = vcpu_quota(each["type"], spot=each["lifecycle"] == "spot")
            if quota:
                used[quota, None] += each["cpu"]["CoreCount"] * each["cpu"]["ThreadsPerCore"]
    return used, own


def _addresses(ask: Ask, cell: str) -> Use:
    """Returns the number of Elastic IP addresses, without those that an AWS service manages."""
    found = ask(
        "ec2", "describe-addresses", "--query", "Addresses[].{service:ServiceManaged,Tags:Tags}"
    )
    others = [each for each in found if not each["service"] and not _is_of(each, cell)]
    return Use({(ELASTIC_IPS, None): len(others)})


def _nat_gateways(ask: Ask, cell: str) -> Use:
    """Returns the number of NAT gateways in each zone. Regional ones have no subnet."""
    subnets = ask("ec2", "describe-subnets", "--query", "Subnets[].[SubnetId,AvailabilityZone]")
    zones: dict[str, str] = dict(subnets)
    gateways = ask(
        "ec2", "describe-nat-gateways",
        "--filter", "Name=state,Values=pending,available,deleting",
        "--query", "NatGateways[].{subnet:SubnetId,Tags:Tags}",
    )  # fmt: skip
    others = [each for each in gateways if each["subnet"] and not _is_of(each, cell)]
    return Use((NAT_GATEWAYS, zones.get(each["subnet"])) for each in others)


def _vpcs(ask: Ask, cell: str) -> Use:
    found = ask("ec2", "describe-vpcs", "--query", "Vpcs[].{Tags:Tags}")
    return Use({(VPCS, None): sum(not _is_of(each, cell) for each in found)})


_LISTS: Mapping[Quota, tuple[str, Callable[[Ask, str], Use]]] = {
    ELASTIC_IPS: ("Elastic IP addresses", _addresses),
    NAT_GATEWAYS: ("NAT gateways", _nat_gateways),
    VPCS: ("VPCs", _vpcs),
}
"""Resources that count against a quota, and the function that counts them outside of the cell."""


def _pull_through_rules(ask: Ask, cell: str) -> int:
    """Returns the number of rules whose prefix does not begin with the name of the cell."""
    prefixes: list[str] = ask(
        "ecr", "describe-pull-through-cache-rules",
        "--query", "pullThroughCacheRules[].ecrRepositoryPrefix",
    )  # fmt: skip
    return sum(not each.startswith(f"{cell}/") for each in prefixes)


def _is_of(described: Any, cell: str) -> bool:  # Any: JSON of any shape
    """True if a resource has the tag of the cell."""
    tags = described["Tags"] or ()
    return any(each["Key"] == CELL and each["Value"] == cell for each in tags)
