"""Listener rules of an Application Load Balancer: which request matches, and in which order."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

MAX_SEGMENTS = 16
"""Highest number of segments of a path."""

MAX_LABELS = 6
"""Highest number of labels after the `*.` of a wildcard host."""

LOAD_BALANCER = "load-balancer"
"""Host of requests for the DNS name of the load balancer, which AWS chooses."""

_PATH_BANDS = MAX_SEGMENTS + 2
"""Bands for each kind of host: exact paths, prefixes of 16 to 1 segments, and no path."""

_SLOTS = 396
"""Priorities of a band. The bands fill the range from 1 to 50,000 that AWS allows."""


@dataclass(frozen=True, kw_only=True, order=True)
class Match:
    """Requests that a rule matches."""

    host: str
    """Host name, wildcard such as `*.example.com`, or `*` for all hosts."""
    path: str
    """URL path."""
    exact: bool = False
    """False: the rule also matches paths below."""

    @property
    def every_host(self) -> bool:
        """True if the rule matches requests for all hosts."""
        return self.host == "*"

    @property
    def every_request(self) -> bool:
        """True if the rule matches every request."""
        return self.every_host and self.path == "/" and not self.exact

    def matches(self, host: str, path: str) -> bool:
        """Returns True if the rule matches a request.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
        """
        if not fnmatchcase(host, self.host):
            return False
        if self.exact:
            return path == self.path
        return f"{path}/".startswith(f"{self.path.rstrip('/')}/")

    @property
    def band(self) -> int:
        """Number of the band of priorities; more specific rules have lower numbers.

        The host decides before the path, as in the Gateway API of Kubernetes: exact host, wildcard
        with the most labels, all hosts. Then: exact path, prefix with the most segments.
        https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
        """
        if self.every_host:
            host = MAX_LABELS
        elif self.host.startswith("*."):
            host = MAX_LABELS + 1 - self.host.count(".")
        else:
            host = 0
        segments = 0 if self.path == "/" else self.path.count("/")
        return host * _PATH_BANDS + (0 if self.exact else MAX_SEGMENTS + 1 - segments)


def most_specific(matches: Iterable[Match], host: str, path: str) -> Match | None:
    """Returns the match whose rule the load balancer applies to a request; None: no rule."""
    found = [each for each in matches if each.matches(host, path)]
    return min(found, key=lambda match: match.band, default=None)


def priorities(matches: Iterable[Match]) -> dict[Match, int]:
    """Returns the priority of the rule of each match, in the order of the priorities.

    A priority depends on its match only, so that other rules keep theirs when a rule is added or
    removed. The exception is a match whose slot is taken: this match gets the next slot.
    docs/decisions/0060-listener-rules-have-priorities-by-specificity.md
    """
    taken: dict[int, Match] = {}
    for match in sorted(set(matches)):
        first = match.band * _SLOTS
        slot = zlib.crc32(f"{match.host} {match.path}".encode()) % _SLOTS
        while first + slot in taken:
            slot = (slot + 1) % _SLOTS
        taken[first + slot] = match
    return {taken[number]: number + 1 for number in sorted(taken)}
