"""Rules for ha-eks:loadBalancing: the certificate, the web ACL and the number of apps."""

from collections.abc import Iterator

from core.listener_rules import Match, most_specific
from settings.app.routes import written_routes
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
    region = settings.aws.region
    for key, found in settings.load_balancing.certificate_regions.items():
        if found != region:
            yield Problem(
                key=f"{_KEY}.{key}",
                message=f"the certificate is in {found}, but the load balancer is in {region}; "
                f"write the ARN of a certificate in {region}",
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


def _certificates(settings: Settings) -> Iterator[Problem]:
    certificates = settings.load_balancing.certificates
    if certificates and not settings.https:
        yield Problem(
            key=f"{_KEY}.certificates",
            message="further certificates need a default certificate; write its ARN in "
            "certificate, or a domain in traffic",
        )
    domain = settings.traffic.domain if settings.traffic else None
    if domain in certificates:
        yield Problem(
            key=f"{_KEY}.certificates.{domain}",
            message=f"{domain} is the domain of the cell; write its certificate in certificate",
        )


def _redirects(settings: Settings) -> Iterator[Problem]:
    redirects = settings.load_balancing.redirects
    if redirects and not settings.exposed:
        yield Problem(
            key=f"{_KEY}.redirects",
            message="the cell has no load balancer, because no workload has expose; add expose to "
            "an app, or remove redirects",
        )
    routes = {route.match: route.workload for route in written_routes(settings)}
    sources = {Match(host=host, path="/"): host for host in redirects}
    for match, source in sources.items():
        target = redirects[source]
        key = f"{_KEY}.redirects.{source}"
        if match in routes:
            yield Problem(
                key=key,
                message=f"{routes[match]} receives the requests for {source}; remove its route, or "
                "the redirect",
            )
        elif most_specific([*routes, *sources], target, "/") in sources:
            yield Problem(
                key=key,
                message=f"requests for {target} are redirected too; write the host that serves "
                f"them, or a route with the host {target}",
            )


RULES = (_certificate_region, _certificates, _redirects, _web_acl, _target_groups)
