"""Cautions about ha-eks:loadBalancing: limits of the provider, and quotas that AWS can raise."""

from collections.abc import Iterator
from datetime import date

from core.facts.prices import HOURS_PER_MONTH
from core.facts.prices.load_balancer import RESERVED_LCU_HOUR
from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings

_LOWEST_RATE = 100
"""Lowest rate limit that all versions of the aws provider accept; AWS accepts 10.
https://github.com/pulumi/pulumi-aws/issues/5841"""

_RULES = 60
"""Default quota of inbound rules, and of outbound rules, of a security group (L-0EA8095F).
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups"""

_GROUPS = 5
"""Default quota of security groups of a network interface (L-2AFB9258).
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups"""

_RULES_OF_EKS = 1
"""Inbound rules of the cluster's security group, which EKS creates.
https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html"""

_TARGETS = 1000
"""Default quota of targets of an Application Load Balancer.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""


def _rate(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        waf = balancer.settings.waf
        rate = waf.requests_per_five_minutes if waf else None
        if rate is not None and rate < _LOWEST_RATE:
            yield Caution(
                key=f"{balancer.key}.waf.requestsPerFiveMinutes",
                text=f"AWS accepts {rate}, but some versions of the aws provider refuse less than "
                f"{_LOWEST_RATE} (pulumi-aws #5841), and users behind one address share the limit; "
                f"write {_LOWEST_RATE} or more",
            )


def _security_group_rules(settings: Settings, today: date) -> Iterator[Caution]:
    ports = {
        (kind, port)
        for kind, balancer in settings.load_balancers.items()
        for name in balancer.exposed
        for port in settings.served[name].balanced_ports.values()
    }
    allowed = _RULES - _RULES_OF_EKS
    if len(ports) > allowed:
        yield Caution(
            key=f"{NAMESPACE}:apps",
            text=f"the exposed workloads need {len(ports)} rules of the cluster's security group, "
            f"one for each port and load balancer, but the quota of a new account is {_RULES} "
            f"rules, of which EKS uses {_RULES_OF_EKS}; use at most {allowed} ports (workloads can "
            "have the same port), or request a higher quota L-0EA8095F",
        )


def _source_ranges(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        ranges = balancer.settings.source_ranges or ()
        rules = len(ranges) * (2 if balancer.https else 1)
        if rules > _RULES:
            yield Caution(
                key=f"{balancer.key}.sourceRanges",
                text=f"{len(ranges)} networks need {rules} rules of a security group, but the "
                f"quota of a new account is {_RULES}; write them in a prefix list, or request a "
                "higher quota L-0EA8095F",
            )


def _security_groups(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        lists = len(balancer.settings.source_prefix_lists)
        groups = 1 + lists + bool(balancer.health_paths)
        if lists and groups > _GROUPS:
            yield Caution(
                key=f"{balancer.key}.sourcePrefixLists",
                text=f"the load balancer needs {groups} security groups, one for each prefix list, "
                f"but the quota of a network interface is {_GROUPS}; write fewer prefix lists, or "
                "request a higher quota L-2AFB9258",
            )


def _capacity_units(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        units = balancer.settings.minimum_capacity_units
        if units:
            month = units * RESERVED_LCU_HOUR * HOURS_PER_MONTH
            yield Caution(
                key=f"{balancer.key}.minimumCapacityUnits",
                text=f"{units:,} reserved capacity units cost about ${month:,.0f} a month, and the "
                "quota of a new account is 0 reserved units in a region; request a higher quota of "
                "Reserved Application Load Balancer Capacity Units before the deployment",
            )


def _targets(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        most = sum(settings.served[name].maximum_replicas for name in balancer.exposed)
        if most > _TARGETS:
            yield Caution(
                key=f"{NAMESPACE}:apps",
                text=f"the exposed workloads can have {most:,} pods, but the quota of a load "
                f"balancer is {_TARGETS:,} targets, and further pods never become ready; lower "
                "replicas.max, or request a higher quota of targets per Application Load Balancer",
            )


CAUTIONS = (
    CautionRule("HA930", "All versions of the aws provider accept the rate limit.", _rate),
    CautionRule(
        "HA931", "Security group rules are within the default quota.", _security_group_rules
    ),
    CautionRule("HA932", "Targets of the load balancer are within the default quota.", _targets),
    CautionRule(
        "HA956", "The load balancer has no reserved capacity, which is billed.", _capacity_units
    ),
    CautionRule("HA948", "Source ranges are within the default quota of rules.", _source_ranges),
    CautionRule(
        "HA949", "Prefix lists are within the default quota of security groups.", _security_groups
    ),
)
