"""Cautions about ha-eks:traffic."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.reading.domains import covers
from settings.reading.wording import listed
from settings.stack import Settings


def _hidden_hosts(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution for each public host that a private hosted zone hides from the VPC.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    """
    public, internal = settings.load_balancer("public"), settings.load_balancer("internal")
    for host in public.recorded_hosts if internal.names else ():
        zone = internal.names and internal.names.zone_name_of(host)
        answered = any(covers(each, host) for each in internal.recorded_hosts)
        if zone and not answered:
            yield Caution(
                key=internal.names_key,
                text=f"in the VPC, the private hosted zone of {zone} hides the public record of "
                f"{host}, so that pods cannot resolve it; write a domain that is not above {host}, "
                "or an internal route for this host",
            )


def _web_acl(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution if an existing web ACL decides whether Route 53 reaches the health paths.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/route-53-ip-addresses.html
    """
    public = settings.load_balancer("public")
    waf = public.settings.waf
    if public.health_paths and waf and waf.web_acl:
        paths = listed(sorted(set(public.health_paths.values())))
        yield Caution(
            key=f"{public.key}.waf.webAcl",
            text=f"if this web ACL blocks the requests of Route 53's health checkers to {paths}, "
            "Route 53 finds the cell unhealthy although it serves; check that its rules allow "
            "them: rules by country and rate, and lists of hosting providers, may block them",
        )


CAUTIONS = (
    CautionRule("HA958", "The VPC resolves the public hosts of the cell.", _hidden_hosts),
    CautionRule("HA960", "Health checks of Route 53 pass the web ACL of the program.", _web_acl),
)
