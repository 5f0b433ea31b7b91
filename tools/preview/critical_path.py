"""What the creation of a stack takes, and what it waits for: the longest chain of its plan.

Each resource begins as soon as all that it depends on is there, however many others are under
way. The engine does 4 at a time for every CPU (`pulumi up --parallel`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.facts.creation_times import Duration, typical
from tools.recording import Recording, Resource

NEAR = 0.9
"""Share of the longest chain from which on another one comes near it."""

_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_RECORD = "aws:route53/record:Record"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A resource on the chain. Seconds count from when there is nothing."""

    resource: Resource
    duration: Duration
    begins: int
    """When all is there that it waits for."""
    through: tuple[Resource, ...]
    """Components and providers by which it waits for the step before, its own first."""
    gain: int
    """Seconds that it would begin earlier if it did not wait for the step before."""
    other: Resource | None
    """What it would begin after then; None: nothing, or there is no step before."""

    @property
    def ends(self) -> int:
        """When it is there."""
        return self.begins + self.duration.seconds


@dataclass(frozen=True, kw_only=True)
class CriticalPath:
    """The longest chain from nothing to a goal, and those that come near it."""

    steps: Sequence[Step]
    """Each after the one before; the goal is the last."""
    near: Sequence[tuple[int, Sequence[Resource]]]
    """Other chains: seconds shorter, and what they have that no longer one has."""


def goals(recording: Recording) -> tuple[Resource, ...]:
    """The Deployment of the app at "/", and the domain's record if there is one."""
    [root] = [
        name
        for name, app in recording.settings.apps.items()
        if app.expose and app.expose.path == "/"
    ]
    [deployment] = [each for each in recording.of_type(_DEPLOYMENT) if each.name == root]
    return (deployment, *(each for each in recording.of_type(_RECORD) if "aliases" in each.inputs))


def critical_path(
    recording: Recording, goal: Resource, over: Resource | None = None
) -> CriticalPath:
    """What the creation of `goal` waits for the longest; of chains as long, the one over `over`."""
    times = _Times(recording, over)
    return CriticalPath(steps=tuple(times.steps(goal.urn)), near=tuple(times.near(goal.urn)))


class _Times:
    """When each resource of a plan begins and ends."""

    def __init__(self, recording: Recording, over: Resource | None) -> None:
        self.leads_over = {over.urn: True} if over else dict[str, bool]()
        everything = {each.urn: each for each in recording.resources}
        self.made = {each.urn: each for each in recording.cloud_resources}
        """Each after those that it waits for."""
        self.durations = {
            each.urn: typical(each.type, each.inputs) for each in recording.cloud_resources
        }
        self.waits = {
            each.urn: _waits(each, everything, self.made.keys())
            for each in recording.cloud_resources
        }
        """What each waits for, and by which components and providers."""
        self.ends: dict[str, int] = {}
        for urn in self.made:
            self.ends[urn] = self.begins(urn) + self.durations[urn].seconds

    def begins(self, urn: str) -> int:
        return max((self.ends[other] for other in self.waits[urn]), default=0)

    def latest(self, urn: str, *without: str) -> str | None:
        """What a resource waits for the longest; ties by whether it leads over, and by URN."""
        others = [other for other in self.waits[urn] if other not in without]
        most = max((self.ends[other] for other in others), default=0)
        longest = [other for other in others if self.ends[other] == most]
        return min(longest, key=lambda other: (not self.over(other), other), default=None)

    def over(self, urn: str) -> bool:
        """Whether the longest chain to a resource leads over the one that is preferred."""
        if urn not in self.leads_over:
            before = self.latest(urn) if any(self.leads_over.values()) else None
            self.leads_over[urn] = before is not None and self.over(before)
        return self.leads_over[urn]

    def back(self, urn: str) -> Sequence[str]:
        """The longest chain to a resource."""
        found: list[str] = []
        at: str | None = urn
        while at:
            found.append(at)
            at = self.latest(at)
        return found[::-1]

    def steps(self, goal: str) -> Iterator[Step]:
        chain = self.back(goal)
        for before, urn in pairwise(["", *chain]):
            other = self.latest(urn, before)
            yield Step(
                resource=self.made[urn],
                duration=self.durations[urn],
                begins=self.begins(urn),
                through=self.waits[urn].get(before, ()),
                gain=self.begins(urn) - (self.ends[other] if other else 0),
                other=self.made[other] if other else None,
            )

    def near(self, goal: str) -> Iterator[tuple[int, Sequence[Resource]]]:
        """From the longest on, until everything that is on a long chain was seen."""
        rest, follower = self.onward(goal)
        longest = self.ends[goal]
        length = {urn: self.ends[urn] + rest[urn] for urn in rest}
        seen = set(self.back(goal))
        for urn in sorted(length, key=lambda urn: (-length[urn], urn)):
            if urn in seen or length[urn] < NEAR * longest:
                continue
            chain = list(self.back(urn))
            while chain[-1] != goal:
                chain.append(follower[chain[-1]])
            yield longest - length[urn], [self.made[each] for each in chain if each not in seen]
            seen.update(chain)

    def onward(self, goal: str) -> tuple[Mapping[str, int], Mapping[str, str]]:
        """Seconds from each resource's end to the goal's, and what comes next on that way."""
        rest, follower = {goal: 0}, dict[str, str]()
        for urn in reversed(self.made):
            for other in self.waits[urn] if urn in rest else ():
                seconds = rest[urn] + self.durations[urn].seconds
                if seconds > rest.get(other, -1):
                    rest[other], follower[other] = seconds, urn
        return rest, follower


def _waits(
    resource: Resource, everything: Mapping[str, Resource], made: Collection[str]
) -> Mapping[str, tuple[Resource, ...]]:
    """What a resource waits for, with the components and providers in between, which take no time.

    Each by the shortest way.
    """
    found: dict[str, tuple[Resource, ...]] = {}
    level: list[tuple[Resource, tuple[Resource, ...]]] = [(resource, ())]
    seen = {resource.urn}
    while level:
        further: list[tuple[Resource, tuple[Resource, ...]]] = []
        for each, through in level:
            for urn in sorted(set(each.prerequisites) & everything.keys() - seen):
                seen.add(urn)
                if urn in made:
                    found[urn] = through
                else:
                    further.append((everything[urn], (*through, everything[urn])))
        level = further
    return found
