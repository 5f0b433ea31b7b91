"""Cautions about routes: hosts without DNS records or certificates, and quotas of rules."""

from collections.abc import Iterator
from datetime import date

from settings.app.routes import listener_matches, written_routes
from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.reading.domains import covers, uncovered
from settings.stack import NAMESPACE, Settings

_RULES, _CERTIFICATES = 100, 25
"""Default quotas of a load balancer: rules, and certificates beside the default certificate.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""


def _records(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        for host in balancer.hosts if balancer.names is None else ():
            yield Caution(
                key=balancer.names_key,
                text=f"without it, the program creates no DNS record for {host}; create a record "
                f"that leads to the {balancer.kind} load balancer, or write "
                f"{balancer.names_key.partition(':')[2]} with the hosted zone",
            )


def _certificate(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        hosts = uncovered(balancer.hosts, balancer.settings.certificates)
        if balancer.settings.certificate and hosts:
            yield Caution(
                key=f"{balancer.key}.certificate",
                text="the program cannot read the names in the certificate, and clients refuse a "
                f"certificate without their host; check that it covers {', '.join(hosts)}, or "
                "write other certificates for these hosts in certificates",
            )


def _domain_below_wildcard(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        domain = balancer.domain
        for route in written_routes(settings, internal=balancer.internal) if domain else ():
            if domain and route.match.host != domain and covers(route.match.host, domain):
                yield Caution(
                    key=route.key,
                    text=f"{route.match.host} includes {domain}, so that {route.workload} receives "
                    f"requests for {domain}, before routes without a host; write a route with the "
                    f"host {domain} for each app that serves the domain",
                )


def _rules(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        matches = listener_matches(balancer.exposed, balancer.health_paths)
        rules = sum(not match.every_request for match in matches)
        rules += len(balancer.settings.redirects)
        if rules > _RULES:
            yield Caution(
                key=f"{NAMESPACE}:apps",
                text=f"routes, source ranges and redirects need {rules} rules of the "
                f"{balancer.kind} load balancer, but the quota is {_RULES}; request a higher quota "
                "of rules per Application Load Balancer",
            )


def _certificates(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        existing = {*balancer.settings.certificates.values()}
        number = len(balancer.hosts_to_certify) + len(existing)
        if number > _CERTIFICATES:
            yield Caution(
                key=f"{NAMESPACE}:apps",
                text=f"the hosts of the {balancer.kind} load balancer need {number} certificates, "
                f"but the quota is {_CERTIFICATES}; write a wildcard host, or request a higher "
                "quota of certificates per Application Load Balancer",
            )


def _unused_certificates(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        for name in balancer.settings.certificates:
            if not any(covers(name, host) for host in balancer.hosts):
                yield Caution(
                    key=f"{balancer.key}.certificates.{name}",
                    text="covers no host of a route or redirect; remove it, or write a route with "
                    "a host that it covers",
                )


def _unknown_targets(settings: Settings, today: date) -> Iterator[Caution]:
    for balancer in settings.load_balancers.values():
        routes = [each.match for each in written_routes(settings, internal=balancer.internal)]
        for source, target in balancer.settings.redirects.items():
            served = target == balancer.domain or any(
                each.matches(target, each.path) and not each.every_host for each in routes
            )
            if not served:
                yield Caution(
                    key=f"{balancer.key}.redirects.{source}",
                    text=f"clients are redirected to {target}, but no route has this host; write "
                    "a route with the host, unless another load balancer serves it",
                )


CAUTIONS = (
    CautionRule("HA940", "Hosts of routes have DNS records.", _records),
    CautionRule("HA941", "The certificate covers the hosts of all routes.", _certificate),
    CautionRule("HA942", "A route has the domain of the cell.", _domain_below_wildcard),
    CautionRule("HA943", "Rules of the load balancer are within the default quota.", _rules),
    CautionRule(
        "HA944", "Certificates of the load balancer are within the default quota.", _certificates
    ),
    CautionRule("HA945", "Each certificate covers a host.", _unused_certificates),
    CautionRule("HA946", "Redirects lead to hosts of the cell.", _unknown_targets),
)
