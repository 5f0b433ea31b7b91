"""Patterns of ARNs overlap if some text matches both."""

import itertools
import re

from tests.tools.deploy.policy.service_authorization import overlap


def test_patterns_overlap_if_a_text_matches_both() -> None:
    texts = ["".join(each) for size in range(7) for each in itertools.product("ab", repeat=size)]
    matched: dict[str, set[str]] = {}
    for size in range(4):
        for pattern in map("".join, itertools.product("ab*?", repeat=size)):
            expression = re.compile(pattern.replace("*", ".*").replace("?", "."))
            matched[pattern] = {text for text in texts if expression.fullmatch(text)}
    for one, other in itertools.product(matched, repeat=2):
        assert overlap(one, other) is bool(matched[one] & matched[other]), (one, other)
