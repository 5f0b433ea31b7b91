"""Tests of merged mappings."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.merge import merged, overridden

JSON = st.recursive(
    st.sampled_from([None, True, 1, "x"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    ),
    max_leaves=4,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), JSON, max_size=3)


@given(MAPPINGS)
def test_merging_an_empty_or_equal_mapping_changes_nothing(one: dict[str, Any]) -> None:
    assert merged(one, {}) == merged({}, one) == merged(one, one) == one


@given(MAPPINGS, MAPPINGS)
def test_the_result_has_all_keys_and_the_values_of_the_second_mapping(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    result = merged(one, other)
    assert merged(result, other) == result
    assert set(result) == {*one, *other}
    for key in set(one) - set(other):
        assert result[key] == one[key]


@given(MAPPINGS, MAPPINGS)
def test_merging_does_not_change_the_arguments(one: dict[str, Any], other: dict[str, Any]) -> None:
    before = deepcopy((one, other))
    merged(one, other)
    assert (one, other) == before


def test_mappings_are_merged_and_lists_are_not() -> None:
    base = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": 1}}
    assert merged(base, {"a": {"c": [3]}, "d": None}) == {"a": {"b": 1, "c": [3]}, "d": None}


@given(MAPPINGS, MAPPINGS)
def test_a_null_removes_a_key_and_all_other_values_override(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    result = overridden(one, other)
    assert set(result) == {*one, *other} - {key for key in one if other.get(key, 1) is None}
    for key in result:
        if key not in other:
            assert result[key] == one[key]
        elif not (isinstance(one.get(key), dict) and isinstance(other[key], dict)):
            assert result[key] == other[key]
    assert overridden(one, {}) == one
    assert overridden({}, other) == other, "a null removes only what is inherited"


def test_nulls_remove_keys_of_nested_mappings() -> None:
    base = {"a": {"b": 1, "c": 2}, "d": [1]}
    assert overridden(base, {"a": {"b": None, "x": None}, "d": None}) == {"a": {"c": 2, "x": None}}
