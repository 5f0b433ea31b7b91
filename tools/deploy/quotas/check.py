"""Checks that a cell fits into the service quotas of its account."""

from collections.abc import Callable, Iterator

from core.facts.service_quotas import PULL_THROUGH_RULES
from settings import Problem
from settings.stack import NAMESPACE
from tools.deploy.aws_cli import Ask
from tools.deploy.quotas.account import Account, read_account
from tools.deploy.quotas.demand import Demand, demands, pull_through_rules
from tools.deploy.quotas.vcpus import unknown_types
from tools.recording import Recording


def quota_problems(
    ask: Ask, recording: Recording, warn: Callable[[str], None]
) -> Iterator[Problem]:
    """Yields a problem for each quota with which a new cell cannot start.

    Calls `warn` for quotas that only the maximum of the pools exceeds, and for quotas that cannot
    be read. If the cell has nodes, `warn` replaces the problems, so that remedies in an outage do
    not wait for a quota.
    """
    for type_ in sorted(set(unknown_types(recording))):
        warn(f"the quota of vCPUs is not checked for the pools with {type_}, an unknown type")
    needed = list(demands(recording))
    quotas = list(dict.fromkeys(each.quota for each in needed))
    rules = pull_through_rules(recording)
    account = read_account(ask, recording.stack, quotas, warn, pull_through_rules=rules > 0)
    region = recording.settings.aws.region
    for demand in needed:
        message = _exceeded(demand, account, region)
        if message is None:
            continue
        total = account.used[demand.quota, demand.zone] + demand.at_rest
        if account.cell_has_nodes or total <= account.quotas[demand.quota]:
            warn(f"{demand.key}: {message}")
        else:
            yield Problem(key=demand.key, message=message)
    if rules and rules + account.pull_through_rules > PULL_THROUGH_RULES:
        message = (
            f"the quota of pull-through cache rules is {PULL_THROUGH_RULES}, but the cell needs "
            f"{rules}, and others use {account.pull_through_rules}; AWS does not raise this quota: "
            "delete rules (aws ecr describe-pull-through-cache-rules lists them), or write another "
            "images.source"
        )
        if account.cell_has_nodes:
            warn(f"{NAMESPACE}:images.source: {message}")
        else:
            yield Problem(key=f"{NAMESPACE}:images.source", message=message)


def _exceeded(demand: Demand, account: Account, region: str) -> str | None:
    """Returns the message for a quota that the cell can exceed; None if the quota suffices."""
    quota, used = demand.quota, account.used[demand.quota, demand.zone]
    value = account.quotas.get(quota)
    if value is None or used + demand.at_most <= value:
        return None
    at_rest = used + demand.at_rest > value
    consequence = "" if at_rest else ", so that nodes above the quota do not start"
    return (
        f'the quota "{quota.name}" is {value:,}, but '
        f"{demand.at_rest_sum if at_rest else demand.at_most_sum}, and others use {used:,}"
        f"{consequence}; request {used + demand.at_most:,}: aws service-quotas "
        f"request-service-quota-increase --service-code {quota.service} --quota-code {quota.code} "
        f"--desired-value {used + demand.at_most} --region {region}"
    )
