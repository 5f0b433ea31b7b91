"""MC1: rules about the records of cells that serve one domain."""

from collections.abc import Iterator

from settings import Settings
from tools.rules.cells.cells import Cells, at, differing
from tools.rules.rule import Evidence, Rule


def _domain(cells: Cells) -> Iterator[Evidence]:
    yield from differing(
        cells,
        "traffic.domain",
        lambda each: each.traffic.domains if each.traffic else "no domain",
        "write one domain, or preview cells of one domain only",
    )


def _zone(cells: Cells) -> Iterator[Evidence]:
    yield from differing(
        cells,
        "traffic.hostedZoneId",
        lambda each: (
            (each.traffic.main.hosted_zone_id if each.traffic else None) or "no hosted zone"
        ),
        "write the ID of one hosted zone",
    )


def _policy(cells: Cells) -> Iterator[Evidence]:
    yield from differing(
        cells,
        "traffic.policy",
        lambda each: each.traffic.policy if each.traffic else "no policy",
        "Route 53 refuses records of one name with different policies",
    )


def _roles(cells: Cells) -> Iterator[Evidence]:
    if not cells.failover:
        return
    for role in ("primary", "secondary"):
        found = cells.with_role(role)
        for name in found[1:]:
            text = f"{role}, like {found[0]}; Route 53 accepts one {role} cell of a domain"
            yield at(name, "traffic.role", text)
        if not found:
            text = f"no cell is {role}; preview all cells of the domain, or write role: {role}"
            yield at(next(iter(cells.settings)), "traffic.role", text)


def _weights(cells: Cells) -> Iterator[Evidence]:
    weights = {each.weight for each in cells.traffic.values() if each.policy == "weighted"}
    if weights == {0}:
        yield at(
            next(iter(cells.traffic)),
            "traffic.weight",
            "0 in every cell, so that Route 53 sends requests to all cells equally; write a weight "
            "above 0 for the cells that receive requests",
        )


def _hosts_of(settings: Settings) -> Iterator[str]:
    for balancer in settings.load_balancers.values():
        yield from balancer.hosts


def _serves_https(settings: Settings) -> bool:
    return all(each.https for each in settings.load_balancers.values())


def _hosts(cells: Cells) -> Iterator[Evidence]:
    yield from differing(
        cells,
        "apps",
        lambda each: ", ".join(_hosts_of(each)) or "no further host",
        "clients of a host reach only cells with a record of this host; write the same routes",
    )


def _https(cells: Cells) -> Iterator[Evidence]:
    yield from differing(
        cells,
        "loadBalancing.certificate",
        lambda each: "HTTPS" if _serves_https(each) else "HTTP without a certificate",
        "clients fail after a failover; give each cell a certificate in its own region",
    )


_FAILOVER = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html"
_RECORDS = (
    "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values.html"
)

RULES: tuple[Rule[Cells], ...] = (
    Rule(
        id="MC101",
        claim="The cells serve one domain.",
        why="Route 53 selects a cell only among the records of one name.",
        not_flagged=("hosted zones of further domains",),
        severity="error",
        setting="traffic.domain",
        find=_domain,
    ),
    Rule(
        id="MC102",
        claim="The records of the cells are in one hosted zone.",
        why="Clients see the records of one hosted zone only.",
        not_flagged=("cells without a domain, which MC101 reports",),
        severity="error",
        setting="traffic.hostedZoneId",
        find=_zone,
    ),
    Rule(
        id="MC103",
        claim="All cells of a domain have one routing policy.",
        why=f"The deployment of the second cell fails. {_RECORDS}",
        not_flagged=("other domains",),
        severity="error",
        setting="traffic.policy",
        find=_policy,
    ),
    Rule(
        id="MC104",
        claim="Failover has one primary cell and one secondary cell.",
        why=f"Without a secondary cell, clients have no other cell. {_FAILOVER}",
        not_flagged=("other policies, in which cells have no role",),
        severity="error",
        setting="traffic.role",
        find=_roles,
    ),
    Rule(
        id="MC105",
        claim="At least one cell has a weight above 0.",
        why="Cells that should receive no requests receive as many as the others. "
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
        "resource-record-sets-values-weighted.html",
        not_flagged=("a weight of 0 in some cells",),
        severity="warning",
        setting="traffic.weight",
        find=_weights,
    ),
    Rule(
        id="MC106",
        claim="All cells serve the same hosts.",
        why="A host without a record in another cell does not fail over.",
        not_flagged=("the domain itself, which MC101 compares",),
        severity="warning",
        setting="expose.routes of workloads and loadBalancing.redirects decide on hosts.",
        find=_hosts,
    ),
    Rule(
        id="MC107",
        claim="All cells accept HTTPS, or none does.",
        why="Clients that use HTTPS cannot connect to a cell without a certificate.",
        not_flagged=("existing and requested certificates beside each other",),
        severity="error",
        setting="loadBalancing.certificate",
        find=_https,
    ),
)
"""Rules about the records of several cells."""
