"""Zone-loss proof of a stack, and a line for each failure on the first screen of preview."""

from collections import Counter
from collections.abc import Iterator, Mapping

from core.availability.failures import Failure
from core.availability.rescheduling import Shortage
from core.availability.zone_proof import Scenario, ZoneLossProof, zone_loss_proof
from settings import Settings
from settings.availability import zone_model_of
from settings.reading.wording import counted, listed

_LABEL, _LEFT, _EVICTED = 16, 28, 34
"""Widths of the columns; with a space between two columns, a line has 80 characters."""

HEADER = (
    f"{'If it fails':<{_LABEL}} {'pods left / needed':<{_LEFT}} evicted pods that start at once"
)
"""Names of the columns."""


def proof_of(settings: Settings) -> ZoneLossProof:
    """Returns the effects of failures on a cell at rest."""
    network = settings.network
    spot = [name for name, pool in settings.pools.items() if pool.capacity_type == "SPOT"]
    with_nat = network.zones[:1] if network.nat == "single" and not network.existing else ()
    egress = ["the only NAT gateway fails: no zone reaches the internet"]
    return zone_loss_proof(
        zone_model_of(settings),
        network.zones_in,
        spot=spot,
        also=dict.fromkeys(with_nat, egress),
    )


def loss_lines(proof: ZoneLossProof) -> Iterator[str]:
    """Yields a line of at most 80 characters for each failure, and for each further effect."""
    for each in (*proof.zones, *proof.others):
        line = f"{label(each):<{_LABEL}} {_left(each.failure):<{_LEFT}} {_evicted(each.failure)}"
        yield line.rstrip()
        for effect in each.also:
            yield f"  {effect}"


def label(scenario: Scenario) -> str:
    """Returns the name of a failure, at most 16 characters."""
    match scenario.kind:
        case "zone":
            return scenario.lost_zones[0]
        case "node":
            return "largest node"
        case "spot pool":
            name = f"spot: {scenario.pool}"
            return name if len(name) <= _LABEL else "a spot pool"
        case "part of a zone" | "two zones":
            return {"part of a zone": "60% of a zone", "two zones": "two zones"}[scenario.kind]


def _left(failure: Failure) -> str:
    """Returns the pods that remain without evictions beside the needed pods."""
    apps = [each for each in failure.apps if each.kind != "singleton"]
    stopped = [each for each in failure.apps if each.kind == "singleton" and each.lost]
    named = [f"{each.name} {sum(each.during)}/{each.needed}" for each in apps]
    text = ", ".join([*named, *(f"{each.name} 0/1" for each in stopped)])
    if len(text) <= _LEFT:
        return text
    below = len(failure.below_needed)
    enough = f"{below} of {len(apps)} too few" if below else f"all {len(apps)} have enough"
    parts = [*([enough] if apps else []), *([f"{len(stopped)} down"] if stopped else [])]
    return ", ".join(parts)


def _evicted(failure: Failure) -> str:
    """Returns the number of lost pods that start on existing nodes, and why others wait."""
    started = f"{len(failure.starts)} of {failure.lost}"
    waiting = [each for each in failure.outcomes if each.pending]
    if not waiting:
        return started
    found = {_REASONS.get(reason, reason) for each in waiting for reason in each.shortages}
    reasons = listed(sorted(found)) or "no capacity"
    pods = Counter({each.name: each.pending for each in waiting})
    named = ", ".join(f"{count} {name}" for name, count in pods.items())
    verb = "waits" if pods.total() == 1 else "wait"
    texts = (
        f"{started}, {named} {verb}: {reasons}",
        f"{started}, {counted(pods.total(), 'pod')} {verb}: {reasons}",
        f"{started}, {counted(pods.total(), 'pod')} {verb}",
    )
    return next((text for text in texts if len(text) <= _EVICTED), texts[-1])


_REASONS: Mapping[Shortage, str] = {
    "maximum pods": "pod limit",
    "one pod per node": "one per node",
    "pool": "no node",
    "zone": "its volume",
}
"""Short names of the reasons for which a pod waits, if they differ from their names."""
