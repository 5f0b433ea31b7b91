"""Tests of counts and lists in messages."""

import pytest

from settings.reading.wording import counted, listed


@pytest.mark.parametrize(("count", "text"), [(0, "0 pods"), (1, "1 pod"), (2, "2 pods")])
def test_a_count_has_a_singular_or_plural_noun(count: int, text: str) -> None:
    assert counted(count, "pod") == text


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_a_list_ends_with_and(items: list[str], text: str) -> None:
    assert listed(items) == text
