"""Listener rules of an Application Load Balancer: which request matches, and in which order."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
    source: str = ""
    """Network of the clients in CIDR notation; empty: all clients."""

    @property
    def every_host(self) -> bool:
        """True if the rule matches requests for all hosts."""
        return self.host == "*"

    @property
    def every_request(self) -> bool:
        """True if the rule matches every request."""
        return self == EVERY_REQUEST

    def matches(self, host: str, path: str) -> bool:
        """Returns True if the rule matches a request of a client in the `source`.

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


EVERY_REQUEST = Match(host="*", path="/")
"""All requests."""


def most_specific(matches: Iterable[Match], host: str, path: str) -> Match | None:
    """Returns the match whose rule the load balancer applies to a request; None: no rule."""
    found = [each for each in matches if each.matches(host, path)]
    return min(found, key=lambda match: match.band, default=None)


def priorities(matches: Iterable[Match]) -> dict[Match, int]:
    """Returns the priority of the rule of each match, in the order of the priorities.

    A priority depends on its match only, so that other rules keep theirs when a rule is added or
    removed. The exception is a match whose slot is taken: this match gets the next slot. Matches
    with a source have the lower half of a band, and the same match without source has the upper.
    docs/decisions/0060-listener-rules-have-priorities-by-specificity.md
    """
    matches = set(matches)
    rest = {replace(match, source="") for match in matches if match.source}
    taken: dict[int, Match] = {}
    for match in sorted(matches):
        first, slots = match.band * _SLOTS, _SLOTS
        if match.source or match in rest:
            slots = _SLOTS // 2
            first += slots if match in rest else 0
        slot = zlib.crc32(f"{match.host} {match.path} {match.source}".rstrip().encode()) % slots
        while first + slot in taken:
            slot = (slot + 1) % slots
        taken[first + slot] = match
    return {taken[number]: number + 1 for number in sorted(taken)}
