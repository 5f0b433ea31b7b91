"""Cautions about ha-eks:traffic."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.reading.domains import covers
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


CAUTIONS = (CautionRule("HA958", "The VPC resolves the public hosts of the cell.", _hidden_hosts),)
