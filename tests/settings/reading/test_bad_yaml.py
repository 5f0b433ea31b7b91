"""What people are told of a stack file that cannot be read, or is read in more than one way."""

from pathlib import Path

import pytest

from settings import SettingsError, check, read_stack_file
from tests.settings.stack_files import (
    STACKS,
    assert_one,
    every_stack,
    fragment,
    refused,
    refused_file,
    text_of,
    with_line,
)
from tools.recording import record


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
def test_a_scalar_that_yaml_readers_disagree_on_is_refused(tmp_path: Path, stack: str, scalar: str):
    problems = refused(tmp_path, stack, with_line(stack, f"aws:profile: {scalar}"))

    assert_one(problems, "aws:profile", scalar, fragment("disagree"))


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
def test_a_yaml_tag_is_refused(tmp_path: Path, stack: str):
    problems = refused(tmp_path, stack, with_line(stack, 'aws:profile: !!int "3"'))

    assert_one(problems, "aws:profile", "3", fragment("no YAML tags"))


@every_stack
def test_a_key_twice_is_refused_with_the_line_of_the_second(tmp_path: Path, stack: str):
    text = with_line(stack, "aws:region: us-east-1")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if "aws:region" in line]

    problems = refused(tmp_path, stack, text)

    assert_one(problems, "aws:region", f"again in line {lines[1]}", fragment("once"))


@every_stack
def test_a_secure_value_is_refused_without_showing_it(tmp_path: Path, stack: str):
    problems = refused(tmp_path, stack, with_line(stack, "aws:profile: {secure: AAABBBCCC}"))

    assert_one(problems, "aws:profile", "secure: …", fragment("no setting here is a secret"))
    assert "AAABBBCCC" not in str(problems[0])


@every_stack
def test_all_problems_of_reading_come_in_one_go(tmp_path: Path, stack: str):
    text = with_line(stack, "aws:profile: {secure: AAABBB}\n  aws:regin: yes")

    assert [p.key for p in refused(tmp_path, stack, text)] == ["aws:profile", "aws:regin"]


def test_a_stack_file_that_does_not_exist_names_those_that_do(tmp_path: Path):
    for stack in STACKS:
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(text_of(stack), encoding="utf-8")

    problems = refused_file(tmp_path, "staging")

    assert_one(
        problems,
        "file",
        "No such file or directory",
        fragment("Pulumi.dev.yaml, Pulumi.prod-standby.yaml, Pulumi.prod.yaml"),
    )


@pytest.mark.parametrize(
    "text",
    [b"config: [", b"config:\n\taws:region: x\n", b"a: b\n---\nc: d\n", b"config: \xff\xfe\n"],
    ids=["unclosed list", "tab", "two documents", "not UTF-8"],
)
@every_stack
def test_a_file_that_is_not_yaml_is_refused(tmp_path: Path, stack: str, text: bytes):
    problems = refused(tmp_path, stack, text)

    assert [(p.key, p.message) for p in problems] == [("file", "YAML")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing\n", None),
        ("encryptionsalt: v1\n", None),
        ("config:\n", None),
        ("- config\n", None),
        ("config: [a, b]\n", ["a", "b"]),
        ("config: text\n", "text"),
    ],
    ids=["empty", "comment", "no config", "empty config", "a list", "config a list", "config text"],
)
@every_stack
def test_a_file_without_a_config_mapping_is_refused(
    tmp_path: Path, stack: str, text: str, value: object
):
    assert_one(refused(tmp_path, stack, text), "config", value, fragment("a mapping"))


@every_stack
@pytest.mark.parametrize(
    "text",
    ["config: &a {x: *a}\n", "config: " + "[" * 3000 + "]" * 3000 + "\n"],
    ids=["a mapping within itself", "3000 lists within one another"],
)
def test_yaml_that_has_no_end_is_refused(tmp_path: Path, stack: str, text: str):
    (tmp_path / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        record(stack, root=tmp_path)
    assert [problem.key for problem in caught.value.problems] == ["file"]
