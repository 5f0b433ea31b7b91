"""Rules for ha-eks:loadBalancing: the certificate, the web ACL and the number of apps."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.reading.wording import counted
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:loadBalancing"

_TARGET_GROUPS = 100
"""Target groups of an Application Load Balancer; AWS does not raise this quota.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html

The quota of 100 rules is never reached before it: the app at "/" has no rule. A rule has two of at
most five condition values.
"""


def _certificate_region(settings: Settings) -> Iterator[Problem]:
    found, region = settings.load_balancing.certificate_region, settings.aws.region
    if found not in (None, region):
        yield Problem(
            key=f"{_KEY}.certificate",
            message=f"the certificate is in {found}, but the load balancer is in {region}; write "
            f"the ARN of a certificate in {region}",
        )


def _web_acl(settings: Settings) -> Iterator[Problem]:
    waf, region = settings.load_balancing.waf, settings.aws.region
    if waf is None or waf.web_acl is None:
        return
    if waf.region != region:
        yield Problem(
            key=f"{_KEY}.waf.webAcl",
            message=f"the web ACL is in {waf.region}, but the load balancer is in {region}; write "
            f"the ARN of a web ACL in {region}",
        )
    if waf.requests_per_five_minutes is not None:
        yield Problem(
            key=f"{_KEY}.waf.requestsPerFiveMinutes",
            message="the program does not change the rules of an existing web ACL; remove "
            "requestsPerFiveMinutes or webAcl",
        )


def _target_groups(settings: Settings) -> Iterator[Problem]:
    exposed = settings.exposed
    if len(exposed) > _TARGET_GROUPS:
        yield Problem(
            key=f"{NAMESPACE}:apps",
            message=f"{len(exposed)} workloads have expose, but a load balancer has at most "
            f"{_TARGET_GROUPS} target groups, one for each of them; remove expose from "
            f"{counted(len(exposed) - _TARGET_GROUPS, 'workload')}, or move them to another stack",
        )


RULES = (_certificate_region, _web_acl, _target_groups)
