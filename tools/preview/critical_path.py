"""Critical path of a recording: the longest chain of dependencies during the creation of a stack.

The critical path assumes that the creation of a resource starts as soon as all its prerequisites
exist. The engine creates at most 4 resources per CPU at the same time (`pulumi up --parallel`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.facts.creation_times import Duration, typical
from tools.recording import Recording, Resource

NEAR = 0.9
"""Shortest length of a near-critical chain, as a share of the critical path."""

_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_RECORD = "aws:route53/record:Record"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One resource of the critical path. Times are seconds from the start of the creation."""

    resource: Resource
    duration: Duration
    start: int
    """Time at which all prerequisites exist."""
    through: tuple[Resource, ...]
    """Components and providers through which the resource depends on the previous step. The
    component or provider next to the resource is first."""
    gain: int
    """Seconds by which the resource would start earlier without its dependency on the previous
    step."""
    next_longest: Resource | None
    """Resource that would determine the start without the previous step; None if no resource
    would."""

    @property
    def end(self) -> int:
        """Time at which the resource exists."""
        return self.start + self.duration.seconds


@dataclass(frozen=True, kw_only=True)
class CriticalPath:
    """The longest chain of resources up to a goal, and the near-critical chains."""

    steps: Sequence[Step]
    """Steps in order of creation; the goal is the last."""
    near: Sequence[tuple[int, Sequence[Resource]]]
    """Near-critical chains, longest first: the difference to the critical path in seconds, and the
    resources that are on no longer chain."""


def goals(recording: Recording) -> tuple[Resource, ...]:
    """Returns the Deployment of the workload at "/" and, if the stack has a domain, its DNS record.

    If no workload is exposed at "/", the goal is the first exposed one; if none is exposed, the
    first of all.
    """
    settings = recording.settings
    at_root = [name for name, expose in settings.exposed.items() if expose.is_default]
    root = next(iter([*at_root, *settings.exposed, *settings.deployments]))
    [deployment] = [each for each in recording.of_type(_DEPLOYMENT) if each.name == root]
    kind = next(iter(settings.load_balancers), None)
    record = {"public": "traffic", "internal": "internal-traffic"}.get(kind or "")
    return (deployment, *(each for each in recording.of_type(_RECORD) if each.name == record))


def critical_path(
    recording: Recording, goal: Resource, preferred: Resource | None = None
) -> CriticalPath:
    """Returns the critical path to `goal`; of equally long chains, the one through `preferred`."""
    schedule = _Schedule(recording, preferred)
    return CriticalPath(steps=tuple(schedule.steps(goal.urn)), near=tuple(schedule.near(goal.urn)))


class _Schedule:
    """Start and end times of the creation of each resource, by URN."""

    def __init__(self, recording: Recording, preferred: Resource | None) -> None:
        self.is_through_preferred = {preferred.urn: True} if preferred else dict[str, bool]()
        by_urn = {each.urn: each for each in recording.resources}
        self.resources = {each.urn: each for each in recording.cloud_resources}
        """Resources, each after its prerequisites."""
        self.durations = {
            urn: typical(each.type, each.inputs) for urn, each in self.resources.items()
        }
        self.prerequisites = {
            urn: _prerequisites(each, by_urn, self.resources.keys())
            for urn, each in self.resources.items()
        }
        """Prerequisites of each resource, and the components and providers in between."""
        self.end: dict[str, int] = {}
        for urn in self.resources:
            self.end[urn] = self.start(urn) + self.durations[urn].seconds

    def start(self, urn: str) -> int:
        return max((self.end[other] for other in self.prerequisites[urn]), default=0)

    def last_prerequisite(self, urn: str, *without: str) -> str | None:
        """Returns the prerequisite that ends last; of several, a preferred one, then by URN."""
        others = [other for other in self.prerequisites[urn] if other not in without]
        latest = max((self.end[other] for other in others), default=0)
        last = [other for other in others if self.end[other] == latest]
        return min(last, key=lambda other: (not self.through_preferred(other), other), default=None)

    def through_preferred(self, urn: str) -> bool:
        """True if the longest chain to a resource goes through the preferred resource."""
        if urn not in self.is_through_preferred:
            previous = (
                self.last_prerequisite(urn) if any(self.is_through_preferred.values()) else None
            )
            self.is_through_preferred[urn] = previous is not None and self.through_preferred(
                previous
            )
        return self.is_through_preferred[urn]

    def chain_to(self, urn: str) -> Sequence[str]:
        """Returns the longest chain to a resource, in order of creation."""
        chain: list[str] = []
        current: str | None = urn
        while current:
            chain.append(current)
            current = self.last_prerequisite(current)
        return chain[::-1]

    def steps(self, goal: str) -> Iterator[Step]:
        chain = self.chain_to(goal)
        for previous, urn in pairwise(["", *chain]):
            other = self.last_prerequisite(urn, previous)
            yield Step(
                resource=self.resources[urn],
                duration=self.durations[urn],
                start=self.start(urn),
                through=self.prerequisites[urn].get(previous, ()),
                gain=self.start(urn) - (self.end[other] if other else 0),
                next_longest=self.resources[other] if other else None,
            )

    def near(self, goal: str) -> Iterator[tuple[int, Sequence[Resource]]]:
        """Yields near-critical chains until each resource of such a chain has been yielded once."""
        remaining, successor = self.remaining(goal)
        longest = self.end[goal]
        length = {urn: self.end[urn] + remaining[urn] for urn in remaining}
        seen = set(self.chain_to(goal))
        for urn in sorted(length, key=lambda urn: (-length[urn], urn)):
            if urn in seen or length[urn] < NEAR * longest:
                continue
            chain = list(self.chain_to(urn))
            while chain[-1] != goal:
                chain.append(successor[chain[-1]])
            yield (
                longest - length[urn],
                [self.resources[each] for each in chain if each not in seen],
            )
            seen.update(chain)

    def remaining(self, goal: str) -> tuple[Mapping[str, int], Mapping[str, str]]:
        """Returns, for each resource before the goal, the seconds from its end to the end of the
        goal on the longest chain, and its successor on that chain."""
        remaining, successor = {goal: 0}, dict[str, str]()
        for urn in reversed(self.resources):
            for other in self.prerequisites[urn] if urn in remaining else ():
                seconds = remaining[urn] + self.durations[urn].seconds
                if seconds > remaining.get(other, -1):
                    remaining[other], successor[other] = seconds, urn
        return remaining, successor


def _prerequisites(
    resource: Resource, by_urn: Mapping[str, Resource], cloud_resources: Collection[str]
) -> Mapping[str, tuple[Resource, ...]]:
    """Returns the cloud resources that a resource depends on, directly or through components and
    providers, which take no time. The value is the shortest sequence of these in between."""
    found: dict[str, tuple[Resource, ...]] = {}
    level: list[tuple[Resource, tuple[Resource, ...]]] = [(resource, ())]
    seen = {resource.urn}
    while level:
        next_level: list[tuple[Resource, tuple[Resource, ...]]] = []
        for each, through in level:
            for urn in sorted(set(each.prerequisites) & by_urn.keys() - seen):
                seen.add(urn)
                if urn in cloud_resources:
                    found[urn] = through
                else:
                    next_level.append((by_urn[urn], (*through, by_urn[urn])))
        level = next_level
    return found
