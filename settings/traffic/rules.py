"""Rules for ha-eks:traffic: the fields of each routing policy, and the length of the domain."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_MAX_CERTIFICATE_NAME = 64
"""Maximum length of the first name of a certificate."""


def _fields_of_the_policy(settings: Settings) -> Iterator[Problem]:
    traffic = settings.traffic
    if traffic is None:
        return
    for policy, key, value, allowed in (
        ("failover", "role", traffic.role, "primary or secondary"),
        ("weighted", "weight", traffic.weight, "0 to 255"),
    ):
        if traffic.policy == policy and value is None:
            yield Problem(
                key=f"{NAMESPACE}:traffic.{key}",
                message=f"required with policy: {policy}; write {allowed}",
            )
        if traffic.policy != policy and value is not None:
            yield Problem(
                key=f"{NAMESPACE}:traffic.{key}",
                message=f"applies only with policy: {policy}, but policy is {traffic.policy}; "
                f"remove {key}",
            )


def _certificate(settings: Settings) -> Iterator[Problem]:
    """Yields a problem if the domain is too long for the certificate that the program requests.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
    """
    traffic = settings.traffic
    balancing = settings.load_balancing
    if traffic is None or balancing.certificate or balancing.internal:
        return
    length = len(traffic.domain)
    if length > _MAX_CERTIFICATE_NAME:
        yield Problem(
            key=f"{NAMESPACE}:traffic.domain",
            message=f"has {length} characters, but ACM issues certificates for names of at most "
            f"{_MAX_CERTIFICATE_NAME}; write a shorter domain, or the ARN of an existing "
            "certificate in loadBalancing.certificate",
        )


def _hosted_zone(settings: Settings) -> Iterator[Problem]:
    traffic = settings.traffic
    if traffic and traffic.hosted_zone_id is None and not settings.load_balancing.internal:
        yield Problem(key=f"{NAMESPACE}:traffic.hostedZoneId", message="required")


def _something_exposed(settings: Settings) -> Iterator[Problem]:
    if settings.traffic and not settings.exposed:
        yield Problem(
            key=f"{NAMESPACE}:traffic",
            message="the cell has no load balancer, because no workload has expose; add expose to "
            "an app, or remove traffic",
        )


RULES = (_fields_of_the_policy, _hosted_zone, _certificate, _something_exposed)
