"""Rules for ha-eks:loadBalancing: the certificate, the web ACL and the number of apps."""

from collections.abc import Iterator

from core.listener_rules import Match, most_specific
from core.load_balancers import KINDS
from settings.app.routes import written_routes
from settings.load_balancing.load_balancer import LoadBalancer
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
    for balancer in _all(settings):
        for key, found in balancer.settings.certificate_regions.items():
            if found != region:
                yield Problem(
                    key=f"{balancer.key}.{key}",
                    message=f"the certificate is in {found}, but the load balancer is in {region}; "
                    f"write the ARN of a certificate in {region}",
                )


def _web_acl(settings: Settings) -> Iterator[Problem]:
    region = settings.aws.region
    for balancer in _all(settings):
        waf = balancer.settings.waf
        if waf is None or waf.web_acl is None:
            continue
        if waf.region != region:
            yield Problem(
                key=f"{balancer.key}.waf.webAcl",
                message=f"the web ACL is in {waf.region}, but the load balancer is in {region}; "
                f"write the ARN of a web ACL in {region}",
            )
        if waf.requests_per_five_minutes is not None:
            yield Problem(
                key=f"{balancer.key}.waf.requestsPerFiveMinutes",
                message="the program does not change the rules of an existing web ACL; remove "
                "requestsPerFiveMinutes or webAcl",
            )


def _target_groups(settings: Settings) -> Iterator[Problem]:
    for balancer in _all(settings):
        exposed = len(balancer.exposed)
        if exposed > _TARGET_GROUPS:
            yield Problem(
                key=f"{NAMESPACE}:apps",
                message=f"{exposed} workloads have expose with routes of the {balancer.kind} load "
                f"balancer, which has at most {_TARGET_GROUPS} target groups, one for each of "
                f"them; remove expose from {counted(exposed - _TARGET_GROUPS, 'workload')}, or "
                "move them to another stack",
            )


def _certificates(settings: Settings) -> Iterator[Problem]:
    for balancer in _all(settings):
        certificates, domain = balancer.settings.certificates, balancer.domain
        if certificates and not balancer.https:
            or_domain = "" if balancer.internal else ", or a domain in traffic"
            yield Problem(
                key=f"{balancer.key}.certificates",
                message="further certificates need a default certificate; write its ARN in "
                f"certificate{or_domain}",
            )
        if domain in certificates:
            yield Problem(
                key=f"{balancer.key}.certificates.{domain}",
                message=f"{domain} is the domain of the cell; write its certificate in certificate",
            )


def _redirects(settings: Settings) -> Iterator[Problem]:
    for balancer in _all(settings):
        redirects = balancer.settings.redirects
        if redirects and not balancer.exposed:
            yield Problem(
                key=f"{balancer.key}.redirects",
                message=f"{no_route(balancer)}, or remove redirects",
            )
        written = written_routes(settings, internal=balancer.internal)
        routes = {route.match: route.workload for route in written}
        sources = {Match(host=host, path="/"): host for host in redirects}
        for match, source in sources.items():
            target = redirects[source]
            key = f"{balancer.key}.redirects.{source}"
            if match in routes:
                yield Problem(
                    key=key,
                    message=f"{routes[match]} receives the requests for {source}; remove its "
                    "route, or the redirect",
                )
            elif most_specific([*routes, *sources], target, "/") in sources:
                yield Problem(
                    key=key,
                    message=f"requests for {target} are redirected too; write the host that serves "
                    f"them, or a route with the host {target}",
                )


def _without_routes(settings: Settings) -> Iterator[Problem]:
    """Yields a problem if the stack file describes an internal load balancer without a route."""
    balancer = settings.load_balancer("internal")
    if "internal" in settings.load_balancing.model_fields_set and not balancer.exposed:
        yield Problem(key=balancer.key, message=f"{no_route(balancer)}, or remove this section")


def _health_check_logs(settings: Settings) -> Iterator[Problem]:
    for balancer in _all(settings):
        if balancer.settings.health_check_logs and not balancer.settings.access_log_days:
            yield Problem(
                key=f"{balancer.key}.healthCheckLogs",
                message="accessLogDays is 0, so that there is no bucket for the logs; write "
                "accessLogDays: 1 or more, or remove healthCheckLogs",
            )


def no_route(balancer: LoadBalancer) -> str:
    """Returns the reason why the cell does not have a load balancer, and what to write."""
    if balancer.internal:
        return (
            "the cell has no internal load balancer, because no route is internal; write expose: "
            "{internal: true} in an app"
        )
    return (
        "the cell has no public load balancer, because no workload has expose with a public route; "
        "add expose to an app"
    )


def _all(settings: Settings) -> list[LoadBalancer]:
    return [settings.load_balancer(kind) for kind in KINDS]


RULES = (
    _certificate_region,
    _certificates,
    _redirects,
    _web_acl,
    _target_groups,
    _health_check_logs,
    _without_routes,
)
