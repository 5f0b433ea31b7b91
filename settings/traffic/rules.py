"""Rules for ha-eks:traffic: the fields of each routing policy, and the length of the domain."""

from collections.abc import Iterator

from settings.load_balancing.rules import no_route
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


def _failback(settings: Settings) -> Iterator[Problem]:
    traffic = settings.traffic
    if traffic is None or traffic.failback is None or traffic.role == "primary":
        return
    message = "applies only to the cell with role: primary; remove failback"
    if traffic.policy != "failover":
        message = (
            f"applies only with policy: failover, but policy is {traffic.policy}: a healthy "
            "cell receives its share at once; remove failback, and keep a cell out with make drain"
        )
    yield Problem(key=f"{NAMESPACE}:traffic.failback", message=message)


def _certificate(settings: Settings) -> Iterator[Problem]:
    """Yields a problem if the domain is too long for the certificate that the program requests.

    https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
    """
    domain = settings.traffic.domain if settings.traffic else None
    if domain is None or settings.load_balancing.certificate:
        return
    if len(domain) > _MAX_CERTIFICATE_NAME:
        yield Problem(
            key=f"{NAMESPACE}:traffic.domain",
            message=f"has {len(domain)} characters, but ACM issues certificates for names of at "
            f"most {_MAX_CERTIFICATE_NAME}; write a shorter domain, or the ARN of an existing "
            "certificate in loadBalancing.certificate",
        )


def _domains(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each domain that is missing or leads nowhere."""
    traffic, key = settings.traffic, f"{NAMESPACE}:traffic"
    if traffic is None:
        return
    public, internal = settings.load_balancer("public"), settings.load_balancer("internal")
    if not settings.exposed:
        yield Problem(
            key=key,
            message="the cell has no load balancer, because no workload has expose; add expose to "
            "an app, or remove traffic",
        )
        return
    if traffic.domain and not public.exposed:
        yield Problem(
            key=f"{key}.domain",
            message="all routes are internal, so that the cell has no public load balancer; write "
            "domain, hostedZoneId and zones in traffic.internal",
        )
    elif traffic.domain and traffic.hosted_zone_id is None:
        yield Problem(key=f"{key}.hostedZoneId", message="required")
    if traffic.internal and not internal.exposed:
        yield Problem(key=f"{key}.internal", message=f"{no_route(internal)}, or remove internal")
    zones = traffic.hosted_zone_id or traffic.zones
    if traffic.domain is None and (zones or traffic.internal is None):
        where = f"{key}.domain" if public.exposed else f"{key}.internal"
        yield Problem(key=where, message="required")


RULES = (_fields_of_the_policy, _failback, _domains, _certificate)
