"""Load balancer and traffic."""

from collections.abc import Iterator

from settings.cell import NAMESPACE, Settings
from settings.problem import Problem

_CERTIFICATE = f"{NAMESPACE}:loadBalancing.certificate"


def _certificate_in_region(settings: Settings) -> Iterator[Problem]:
    region = settings.load_balancing.certificate_region
    if region not in (None, settings.aws.region):
        yield Problem(
            key=_CERTIFICATE,
            value=settings.load_balancing.certificate,
            allowed=f"a certificate of aws:region {settings.aws.region}",
        )


def _domain_has_certificate(settings: Settings) -> Iterator[Problem]:
    traffic = settings.traffic
    if traffic and settings.load_balancing.certificate is None:
        yield Problem(
            key=_CERTIFICATE,
            value=None,
            allowed=f"a certificate for {traffic.domain}: a domain is served by HTTPS only",
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
            allowed = f"{values}: policy {policy} needs it"
            yield Problem(key=f"{NAMESPACE}:traffic.{key}", value=None, allowed=allowed)
        if traffic.policy != policy and value is not None:
            allowed = f"nothing: policy {traffic.policy} has no {key}"
            yield Problem(key=f"{NAMESPACE}:traffic.{key}", value=value, allowed=allowed)


RULES = (_certificate_in_region, _domain_has_certificate, _policy_has_its_own)
