"""Differences between inputs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.preview.diff.values import ABSENT, below, canonical, changes

SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b", '{"a":1}'])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "name", "x.y"]), inner, max_size=3)
    ),
    max_leaves=12,
)


def shown(old: object, new: object) -> list[tuple[str, Any, Any]]:
    absent = {id(ABSENT): "absent"}
    return [
        (each.path, absent.get(id(each.old), each.old), absent.get(id(each.new), each.new))
        for each in changes(old, new, "x")
    ]


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    assert changes(value, json.loads(json.dumps(value))) == []


@given(JSON, JSON)
def test_values_differ_if_and_only_if_their_json_does(old: object, new: object) -> None:
    assert bool(changes(old, new)) == (canonical(old) != canonical(new))


@given(JSON, JSON)
def test_a_change_in_the_other_direction_has_the_same_paths_with_their_sides_exchanged(
    old: object, new: object
) -> None:
    def as_set(first: object, second: object) -> set[tuple[str, object, object]]:
        found = changes(first, second)
        return {(each.path, canonical(each.old), canonical(each.new)) for each in found}

    assert as_set(old, new) == {(path, b, a) for path, a, b in as_set(new, old)}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 2, "b": 3}, [("x.a", 1, 2), ("x.b", "absent", 3)]),
        ({"a.b/c": 1}, {}, [('x["a.b/c"]', 1, "absent")]),
        ({"on": True}, {"on": 1}, [("x.on", True, 1)]),
        (
            [{"name": "web", "image": "a"}, {"name": "log", "image": "b"}],
            [{"name": "log", "image": "c"}, {"name": "web", "image": "a"}],
            [("x[log].image", "b", "c")],
        ),
        (
            [{"name": "a"}, {"name": "b"}],
            [{"name": "b"}, {"name": "a"}],
            [("x (order)", ["a", "b"], ["b", "a"])],
        ),
        (
            ["a", "b", "c", "d"],
            ["a", "c", "b", "d"],
            [("x", ["a", "b", "c", "d"], ["a", "c", "b", "d"])],
        ),
        (
            [{"name": each} for each in "abcd"],
            [{"name": each} for each in "acbd"],
            [("x (order)", ["b", "c"], ["c", "b"])],
        ),
        (["a", "b", "c"], ["a", "new", "b", "c"], [("x[1]", "absent", "new")]),
        (["a", "b"], ["a", "c"], [("x[1]", "b", "c")]),
        ([], [{"name": "a"}], [("x[a]", "absent", {"name": "a"})]),
        ('{"a": [1]}', '{"a": [2]}', [("x.a[0]", 1, 2)]),
        ('{"a": 1}', '{"a":1}', [("x", '{"a": 1}', '{"a":1}')]),
        ("{a", "{b", [("x", "{a", "{b")]),
    ],
)
def test_a_change_has_the_deepest_path_that_differs(
    old: object, new: object, expected: list[tuple[str, Any, Any]]
) -> None:
    assert shown(old, new) == expected


def test_a_path_is_below_its_beginning_only_at_the_end_of_a_key() -> None:
    assert below("spec.selector", "spec.selector")
    assert below("spec.selector.app", "spec.selector")
    assert below("spec.rules[0]", "spec.rules")
    assert not below("spec.selectors", "spec.selector")
