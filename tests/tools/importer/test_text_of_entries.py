"""The text of entries: PyYAML and this project's reader of stack files read the same values."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from settings.reading.yaml_nodes import compose, value_of
from tools.importer.quantities import compose_size, cpu, seconds, size
from tools.importer.stack_file import text_of

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=30),
    st.text("|>#:-?%@`'\"{}[],&*! \nyn01e.x~=<", max_size=12),
    st.sampled_from(["yes", "No", "on", "12:30", "010", "1e3", "0x1", "~", "null", "true", "1_0",
                     "2026-01-01", "<<", "=", ".5", "-", "", " a", "a ", "a: b", "a #b", "\ttab"]),
)  # fmt: skip


@settings(deadline=None)
@given(st.dictionaries(TEXTS, st.one_of(TEXTS, st.lists(TEXTS, max_size=3)), min_size=1))
def test_all_text_is_read_as_it_was(values: dict[str, Any]) -> None:
    text = f"config:\n{text_of({'ha-eks:apps': values})}"
    assert yaml.safe_load(text) == {"config": {"ha-eks:apps": values}}
    root, problems = compose(text), []
    assert root
    assert value_of(root.node, "", problems) == {"config": {"ha-eks:apps": values}}
    assert problems == []


def test_long_text_is_a_block() -> None:
    assert text_of({"files": {"/a": "one\ntwo\n"}}) == (
        "  files:\n    /a: |\n      one\n      two\n"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        *(("100m", "100m"), ("1", "1"), ("0.5", "500m"), ("1.5", "1500m"), (".25", "250m")),
        *(("0.0001", "1m"), ("2000m", "2"), ("0", None), ("1Gi", None), ("x", None)),
    ],
)
def test_cpu_is_written_in_cores_or_millicores(text: str, written: str | None) -> None:
    assert cpu(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        *(("128Mi", "128Mi"), ("2Gi", "2Gi"), ("1.5Gi", "1536Mi"), ("1Ti", "1024Gi")),
        *(("500M", "477Mi"), ("134217728", "128Mi"), ("1024Ki", "1Mi"), ("1", "1Mi")),
        *(("0", None), ("1x", None), ("", None)),
    ],
)
def test_sizes_are_written_in_mi_or_gi(text: str, written: str | None) -> None:
    assert size(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [("512m", "512Mi"), ("1gb", "1Gi"), ("64M", "64Mi"), ("1048576", "1Mi"), ("1x", None)],
)
def test_sizes_of_compose_files_are_binary(text: str, written: str | None) -> None:
    assert compose_size(text) == written


@pytest.mark.parametrize(
    ("text", "number"), [("1m30s", 90), ("500ms", 1), ("2h", 7200), ("10", None), ("1d", None)]
)
def test_durations_of_compose_files_are_seconds(text: str, number: int | None) -> None:
    assert seconds(text) == number
