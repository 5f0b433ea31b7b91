"""Zone-loss proof in full: the tables of `--verbose`, and the data of `--json`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from core.availability.failures import Failure, Outcome
from core.availability.packing import Node
from core.availability.rescheduling import Shortage
from core.availability.zone_proof import Scenario, ZoneLossProof
from settings import Settings
from settings.reading.wording import counted, listed
from tools.preview.zone_loss import label

_COLUMNS = f"  {'workload':<29} {'kind':<10} {'before':>6} {'left':>6} {'needed':>6} {'after':>6}"

_NOT_EVICTED = "EKS may evict no pods: `left` is the promise, `after` the better case"


def loss_details(proof: ZoneLossProof, settings: Settings) -> Iterator[str]:
    """Yields a table for each failure, and the effects on jobs."""
    for each in proof.zones[:1]:
        names = listed([other.lost_zones[0] for other in proof.zones[1:]])
        yield from _table(each, f" (the same for {names})")
    for each in proof.zones:
        yield from (f"  {each.lost_zones[0]}: {effect}" for effect in each.also)
    for each in proof.others:
        yield from _table(each, " (no claim)")
    yield from job_effects(settings)


def _table(scenario: Scenario, note: str) -> Iterator[str]:
    failure = scenario.failure
    nodes = counted(failure.failed, "node")
    yield f"loss of {label(scenario)}: {nodes}, {counted(failure.lost, 'pod')}{note}"
    if not scenario.eviction:
        yield f"  {_NOT_EVICTED}"
    yield _COLUMNS
    for each in failure.outcomes:
        if each.lost or each.kind != "system":
            yield (
                f"  {each.name:<29} {each.kind:<10} {sum(each.before):>6} {sum(each.during):>6} "
                f"{each.needed or '-':>6} {sum(each.after):>6}"
            )
            yield from _effects(each, scenario.zones)


def _effects(outcome: Outcome, zones: Sequence[str]) -> Iterator[str]:
    """Yields the zones in which evicted pods start, and why others do not."""
    starts = [
        f"{after - during} in {zone}"
        for zone, during, after in zip(zones, outcome.during, outcome.after, strict=True)
        if after > during
    ]
    if starts:
        own = f", {outcome.on_own_headroom} on own headroom" if outcome.on_own_headroom else ""
        yield f"    start: {', '.join(starts)}{own}"
    if outcome.pending:
        yield f"    {counted(outcome.pending, 'pod')} pending: {why(outcome)}"
    if outcome.peers and outcome.lost and not outcome.has_majority:
        yield "    its peers lose their majority until evicted pods start"


def why(outcome: Outcome) -> str:
    """Returns the reasons for which pods of a workload run on no node."""
    if not outcome.shortages:
        return "no capacity before the failure"
    return listed([_REASONS[each] for each in sorted(outcome.shortages)])


_REASONS: Mapping[Shortage, str] = {
    "CPU": "not enough CPU",
    "memory": "not enough memory",
    "ephemeral storage": "not enough ephemeral storage",
    "accelerators": "not enough accelerators",
    "maximum pods": "nodes with their maximum number of pods",
    "one pod per node": "nodes that run a pod of the workload",
    "pool": "no node of its pools",
    "zone": "its volume in the failed zone",
}


def job_effects(settings: Settings) -> Iterator[str]:
    """Yields the effects of the loss of a zone on cron jobs and migrations."""
    if settings.cron_jobs:
        yield (
            f"cron jobs {listed([*settings.cron_jobs])}: a run in the failed zone starts again "
            "from the beginning if its pod is evicted; no headroom is reserved for it"
        )
    if settings.migrations:
        yield (
            f"migrations of {listed([*settings.migrations])}: they run during a rollout only; one "
            "in the failed zone starts again from the beginning if its pod is evicted"
        )


def loss_data(proof: ZoneLossProof) -> Mapping[str, object]:
    """Returns the proof as data for JSON."""
    return {
        "holds": proof.holds,
        "complete": proof.complete,
        "zones": [_scenario(each) for each in proof.zones],
        "others": [_scenario(each) for each in proof.others],
    }


def _scenario(scenario: Scenario) -> Mapping[str, object]:
    failure = scenario.failure
    return {
        "kind": scenario.kind,
        "lostZones": [*scenario.lost_zones],
        "pool": scenario.pool or None,
        "eviction": scenario.eviction,
        "also": [*scenario.also],
        "failedNodes": failure.failed,
        "workloads": [_outcome(each, scenario.zones) for each in failure.outcomes],
        "starts": [*_starts(failure, scenario.zones)],
        "waiting": dict(Counter(each.name for each in failure.waiting)),
    }


def _outcome(outcome: Outcome, zones: Sequence[str]) -> Mapping[str, object]:
    return {
        "name": outcome.name,
        "kind": outcome.kind,
        "peers": outcome.peers,
        "needed": outcome.needed,
        "before": dict(zip(zones, outcome.before, strict=True)),
        "left": dict(zip(zones, outcome.during, strict=True)),
        "after": dict(zip(zones, outcome.after, strict=True)),
        "onOwnHeadroom": outcome.on_own_headroom,
        "pending": outcome.pending,
        "shortages": sorted(outcome.shortages),
    }


def _starts(failure: Failure, zones: Sequence[str]) -> Iterator[Mapping[str, object]]:
    """Yields the start of each evicted pod. Nodes are numbered by zone and pool."""
    numbers: dict[int, str] = {}
    counts = Counter[tuple[int, str]]()
    for node in failure.nodes:
        counts[node.zone, node.pool] += 1
        numbers[id(node)] = _name(node, zones, counts[node.zone, node.pool])
    for each in failure.starts:
        yield {
            "workload": each.pod.name,
            "node": numbers[id(each.node)],
            "capacity": each.capacity,
        }


def _name(node: Node, zones: Sequence[str], number: int) -> str:
    return f"{zones[node.zone]}/{node.pool}/{number}"
