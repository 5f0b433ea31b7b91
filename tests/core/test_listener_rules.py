"""Order of listener rules: the most specific rule receives a request."""

from dataclasses import replace

from hypothesis import example, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from core.listener_rules import LOAD_BALANCER, Match, most_specific, priorities

_HOSTS = [
    "*", "*.example.com", "*.a.example.com", "example.com", "a.example.com", "b.a.example.com",
    LOAD_BALANCER,
]  # fmt: skip
_PATHS = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/a/ht"]
_MATCHES = st.builds(
    Match, host=st.sampled_from(_HOSTS), path=st.sampled_from(_PATHS), exact=st.booleans()
)
_REQUESTS = st.tuples(
    st.sampled_from(["a.example.com", "b.a.example.com", "example.com", "other.org"]),
    st.sampled_from(["/", "/a", "/a/b", "/a/b/c/d", "/ab", "/abc", "/a/"]),
)


def specificity(match: Match) -> tuple[bool, int, bool, int]:
    """Returns how specific a match is; the rule of the greatest one applies."""
    return (
        not match.host.startswith("*"),
        len(match.host),
        match.exact,
        len(match.path.rstrip("/")),
    )


@profile(deadline=None)
@given(st.sets(_MATCHES, max_size=60), _REQUESTS)
def test_the_matching_rule_of_the_lowest_priority_is_the_most_specific(
    matches: set[Match], request: tuple[str, str]
) -> None:
    numbers = priorities(matches)
    assert numbers.keys() == matches
    found = [each for each in matches if each.matches(*request)]
    first = min(found, key=lambda match: numbers[match], default=None)
    assert first == max(found, key=specificity, default=None)
    assert first == most_specific(matches, *request)


@profile(deadline=None)
@given(st.sets(_MATCHES, max_size=60))
def test_priorities_are_unique_and_in_the_range_of_aws(matches: set[Match]) -> None:
    numbers = [*priorities(matches).values()]
    assert numbers == sorted(set(numbers))
    assert not numbers or 1 <= numbers[0] <= numbers[-1] <= 50_000


_COLLIDING = [Match(host=f"h{number}.example.com", path="/", exact=True) for number in range(300)]
"""Matches of one band, some of which take the slots of others."""


@profile(deadline=None)
@given(st.sets(st.sampled_from(_COLLIDING), max_size=30), st.sampled_from(_COLLIDING))
@example({*_COLLIDING}, _COLLIDING[0])
def test_a_new_rule_moves_no_rule_but_those_that_follow_without_a_gap(
    matches: set[Match], new: Match
) -> None:
    before, after = priorities(matches), priorities({*matches, new})
    taken = {*after.values()}
    for match in matches:
        if after[match] != before[match]:
            assert {*range(after[new], after[match])} <= taken or after[match] < after[new]


def test_a_few_rules_keep_their_priority_when_others_are_added() -> None:
    few, more = _COLLIDING[:3], _COLLIDING[:12]
    assert {each: priorities(more)[each] for each in few} == priorities(few)


_SOURCES = ["", "203.0.113.0/24", "2001:db8::/32"]


@profile(deadline=None)
@given(st.sets(st.builds(replace, _MATCHES, source=st.sampled_from(_SOURCES)), max_size=60))
def test_the_rule_for_a_source_comes_before_the_rule_for_all_other_clients(
    matches: set[Match],
) -> None:
    numbers = priorities(matches)
    assert [*numbers.values()] == sorted(set(numbers.values()))
    for match in matches:
        rest = replace(match, source="")
        assert match == rest or numbers[match] < numbers.get(rest, 50_001)


def test_a_rule_for_a_source_moves_no_other_rule() -> None:
    few = _COLLIDING[:3]
    sources = {replace(few[0], source=each) for each in _SOURCES[1:]}
    numbers, before = priorities({*few, *sources}), priorities(few)
    assert [numbers[each] for each in few[1:]] == [before[each] for each in few[1:]]
    assert {numbers[each] for each in sources} == {priorities([each])[each] for each in sources}, (
        "the rule of a source depends on its source only"
    )


def test_all_bands_are_in_the_range_of_aws() -> None:
    last = Match(host="*", path="/")
    assert 49_000 < priorities([last])[last] <= 50_000
    first = Match(host="www.example.com", path="/a", exact=True)
    assert priorities([first])[first] <= 396
    longest = Match(host="www.example.com", path="/a" * 16)
    assert first.band < longest.band < Match(host="*.a.b.c.d.example.com", path="/x").band


def test_a_prefix_ends_at_a_segment() -> None:
    prefix, exact = Match(host="*", path="/api"), Match(host="*", path="/api", exact=True)
    paths = ["/api", "/api/", "/api/v1", "/apis", "/"]
    assert [prefix.matches("a.example.com", path) for path in paths] == [True] * 3 + [False] * 2
    assert [exact.matches("a.example.com", path) for path in paths] == [True] + [False] * 4
