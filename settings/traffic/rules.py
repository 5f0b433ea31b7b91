"""Load balancer and traffic."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_CERTIFICATE = f"{NAMESPACE}:loadBalancing.certificate"


def _certificate_in_region(settings: Settings) -> Iterator[Problem]:
    region = settings.load_balancing.certificate_region
    if region not in (None, settings.aws.region):
        yield Problem(
            key=_CERTIFICATE,
            value=settings.load_balancing.certificate,
            message=f"a certificate of aws:region {settings.aws.region}",
        )


def _waf(settings: Settings) -> Iterator[Problem]:
    waf, key = settings.load_balancing.waf, f"{NAMESPACE}:loadBalancing.waf"
    if waf is None or waf.web_acl is None:
        return
    if waf.region != settings.aws.region:
        yield Problem(
            key=f"{key}.webAcl",
            value=waf.web_acl,
            message=f"a web ACL of aws:region {settings.aws.region}",
        )
    if waf.requests_per_five_minutes is not None:
        yield Problem(
            key=f"{key}.requestsPerFiveMinutes",
            value=waf.requests_per_five_minutes,
            message="nothing: the rules of webAcl are its own",
        )


def _policy_has_its_own(settings: Settings) -> Iterator[Problem]:
    traffic = settings.traffic
    if traffic is None:
        return
    for policy, key, value, values in (
        ("failover", "role", traffic.role, "primary or secondary"),
        ("weighted", "weight", traffic.weight, "0 to 255"),
    ):
        if traffic.policy == policy and value is None:
            message = f"{values}: policy {policy} needs it"
            yield Problem(key=f"{NAMESPACE}:traffic.{key}", value=None, message=message)
        if traffic.policy != policy and value is not None:
            message = f"nothing: policy {traffic.policy} has no {key}"
            yield Problem(key=f"{NAMESPACE}:traffic.{key}", value=value, message=message)


RULES = (_certificate_in_region, _waf, _policy_has_its_own)
