"""Tests of stack files that are unreadable, or that YAML readers read in different ways."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import Problem, check, read_stack_file
from settings.reading.yaml_nodes import compose
from tests.settings.stack_files import (
    STACKS,
    assert_problem,
    every_stack,
    refused,
    refused_file,
    text_of,
    with_line,
)


def lines(problems: list[Problem]) -> list[str]:
    return [f"{each.line}: {each}" if each.line else str(each) for each in problems]


@every_stack
@pytest.mark.parametrize(
    "scalar",
    [
        "yes",
        "on",
        "No",
        "TRUE",
        "12:30",
        "010",
        "0x1F",
        "0o17",
        "1_000",
        "2026-01-01",
        "1e3",
        ".5",
        "0XFF",
        "0B1",
        "1.5E3",
        ".5e3",
        "1" * 5000,
    ],
)
def test_a_scalar_on_which_yaml_readers_disagree_is_refused(
    tmp_path: Path, stack: str, scalar: str
):
    assert_problem(
        refused(tmp_path, stack, with_line(stack, f"aws:profile: {scalar}")),
        "aws:profile",
        scalar,
        f'YAML readers disagree on {scalar}; write "{scalar}" in quotes for text, otherwise true, '
        "false or a plain decimal number",
    )


@every_stack
@pytest.mark.parametrize("scalar", ["yes", "12:30", "010", "2026-01-01", "1e3"])
def test_the_same_scalar_in_quotes_is_text(tmp_path: Path, stack: str, scalar: str):
    file = tmp_path / f"Pulumi.{stack}.yaml"
    file.write_text(with_line(stack, f'aws:profile: "{scalar}"'), encoding="utf-8")

    settings, problems = check(read_stack_file(file))

    assert problems == []
    assert settings is not None
    assert settings.aws.profile == scalar


@every_stack
@pytest.mark.parametrize("tag", ["!!int", "!Ref"])
def test_a_yaml_tag_is_refused(tmp_path: Path, stack: str, tag: str):
    assert_problem(
        refused(tmp_path, stack, with_line(stack, f'aws:profile: {tag} "3"')),
        "aws:profile",
        "3",
        f"YAML tags are not supported; remove {tag}",
    )


@every_stack
def test_a_duplicate_key_is_refused_with_the_line_of_the_second_and_the_first(
    tmp_path: Path, stack: str
):
    text = with_line(stack, "aws:region: us-east-1")
    first, second = (n for n, line in enumerate(text.splitlines(), 1) if "aws:region" in line)

    assert lines(refused(tmp_path, stack, text)) == [
        f"{second}: aws:region: already set in line {first}; keep one of the two"
    ]


@every_stack
def test_a_list_as_the_name_of_a_key_is_refused(tmp_path: Path, stack: str):
    text = with_line(stack, "? [a, b]\n  : c")
    [line] = (n for n, each in enumerate(text.splitlines(), 1) if "[a, b]" in each)

    assert lines(refused(tmp_path, stack, text)) == [
        f"{line}: config: the name of a key must be text, not a list or a mapping"
    ]


@every_stack
def test_an_encrypted_value_is_refused_and_not_shown(tmp_path: Path, stack: str):
    problems = refused(tmp_path, stack, with_line(stack, "aws:profile: {secure: AAABBBCCC}"))

    assert_problem(
        problems,
        "aws:profile",
        None,
        "encrypted values are not supported, because a preview cannot decrypt them; write the "
        "plain value (no setting is a secret)",
    )


@every_stack
def test_all_problems_of_reading_are_reported_at_once(tmp_path: Path, stack: str):
    text = with_line(stack, "aws:profile: {secure: AAABBB}\n  aws:regin: yes")

    assert [p.key for p in refused(tmp_path, stack, text)] == ["aws:profile", "aws:regin"]


def test_a_missing_stack_file_is_reported_with_the_existing_ones(tmp_path: Path):
    assert lines(refused_file(tmp_path, "staging")) == ["file: not found; there is no stack file"]

    for stack in STACKS:
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(text_of(stack), encoding="utf-8")

    assert lines(refused_file(tmp_path, "staging")) == [
        "file: not found; the stack files are Pulumi.dev.yaml, Pulumi.prod-standby.yaml, "
        "Pulumi.prod.yaml"
    ]


def test_a_folder_in_place_of_a_stack_file_is_refused(tmp_path: Path):
    (tmp_path / "Pulumi.own.yaml").mkdir()

    assert lines(refused_file(tmp_path, "own")) == ["file: cannot be read: Is a directory"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            b"config:\n  a: [1,\n",
            "2: file: not valid YAML: a [ or { is not closed, or a comma is missing",
        ),
        (b"config:\n\ta: x\n", "2: file: not valid YAML: indent with spaces, not with tabs"),
        (b"a: b\n---\nc: d\n", "2: file: must be one YAML document; remove this ---"),
        (b"config:\n  a: \xff\xfe\n", "2: file: must be UTF-8 text"),
        (b"config:\n  a: \x07\n", "2: file: not valid YAML: remove the control character"),
        (b"config:\n  a: b: c\n", "2: file: not valid YAML: put text with a colon in quotes"),
        (b'config:\n  a: "b\n', "2: file: not valid YAML: a quote is not closed"),
        (b"config:\n  a: *b\n", "2: file: not valid YAML: found undefined alias 'b'"),
        (
            b"config:\n  a: 1\n b: 2\n",
            "3: file: not valid YAML: check the indentation of this line and of the line above",
        ),
    ],
    ids=["list", "tab", "documents", "not UTF-8", "control", "colon", "quote", "alias", "indent"],
)
def test_a_file_that_is_not_yaml_is_refused_with_line_and_remedy(
    tmp_path: Path, text: bytes, message: str
):
    assert lines(refused(tmp_path, "own", text)) == [message]


MAPPING = "must be a mapping from config keys such as aws:region to their values"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"config: required; {MAPPING}"),
        ("# nothing\n", f"config: required; {MAPPING}"),
        ("encryptionsalt: v1\n", f"config: required; {MAPPING}"),
        ("config:\n", f"config: required; {MAPPING}"),
        ("- config\n", f"config: required; {MAPPING}"),
        ("config: [a, b]\n", f"config: {MAPPING}"),
        ("config: text\n", f"config: {MAPPING}"),
    ],
    ids=["empty", "comment", "no config", "empty config", "a list", "config a list", "config text"],
)
def test_a_file_without_a_config_mapping_is_refused(tmp_path: Path, text: str, message: str):
    assert lines(refused(tmp_path, "own", text)) == [message]


@pytest.mark.parametrize(
    "text",
    ["config: &a {x: *a}\n", "config: " + "[" * 100_000 + "]" * 100_000 + "\n"],
    ids=["a mapping within itself", "100,000 lists within one another"],
)
def test_yaml_without_end_is_refused(tmp_path: Path, text: str):
    assert lines(refused(tmp_path, "own", text)) == [
        "file: nested too deeply, or contains itself through an anchor"
    ]


@pytest.mark.parametrize("text", [*map(text_of, STACKS), "a: 'b'\nc:\n- !!int 1\n- |\n  e\n"])
def test_the_fast_loader_composes_the_nodes_of_the_loader_in_python(text: str) -> None:
    found, expected = compose(text), yaml.compose(text, Loader=yaml.SafeLoader)
    assert found
    assert yaml.serialize(found.node) == yaml.serialize(expected)
    assert [*lines_of(found.node)] == [*lines_of(expected)], "problems would have other lines"


def lines_of(node: Any) -> Iterator[int]:
    """Yields the first line of a node and of the nodes below it."""
    yield node.start_mark.line
    for each in node.value if isinstance(node.value, list) else []:
        for part in each if isinstance(each, tuple) else [each]:
            yield from lines_of(part)
