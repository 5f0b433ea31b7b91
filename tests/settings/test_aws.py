"""Tests of aws: regions, and the limits of tags in AWS."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    Case,
    accepted,
    assert_problem,
    changed,
    every_stack,
    refused,
)

TAGS = ("aws:defaultTags",)
CHARACTERS = "must consist of letters, digits, spaces and _.:/=+-@"
RESERVED = "must not begin with aws:, which AWS reserves"


def value(text: str, message: str) -> Case:
    """Returns the case of a value of a tag that is refused."""
    return TAGS, {"tags": {"team": text}}, "aws:defaultTags.tags.team", text, message


def key(text: str, message: str) -> Case:
    """Returns the case of a key of a tag that is refused."""
    return TAGS, {"tags": {text: "a"}}, f"aws:defaultTags.tags.{text}", "a", message


BAD: dict[str, Case] = {
    "a key that AWS reserves": key("AWS:team", RESERVED),
    "a value that AWS reserves": value("aws:a", RESERVED),
    "a key with a comma": key("a,b", CHARACTERS),
    "a value with a comma": value("a, b", CHARACTERS),
    "a value with a line break": value("a\n", CHARACTERS),
    "a key of 129 characters": key(
        "k" * 129, "the key of a tag must have 1 to 128 characters, not 129"
    ),
    "a value of 257 characters": value("v" * 257, "must have at most 256 characters, not 257"),
    "two keys that differ in case": (
        TAGS, {"tags": {"Team": "a", "team": "b"}}, "aws:defaultTags.tags",
        {"Team": "a", "team": "b"},
        "IAM treats Team and team as the same key; remove one of them",
    ),
    "41 tags": (
        TAGS, {"tags": {f"k{number}": "" for number in range(41)}}, "aws:defaultTags.tags",
        {f"k{number}": "" for number in range(41)},
        "must have at most 40 entries, but has 41",
    ),
    "a number": (
        TAGS, {"tags": {"team": 1}}, "aws:defaultTags.tags.team", 1,
        'must be text, not 1; write "1" in quotes',
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", BAD)
def test_a_tag_that_aws_refuses_is_one_problem(tmp_path: Path, stack: str, case: str) -> None:
    path, new, key, value, message = BAD[case]
    assert_problem(refused(tmp_path, stack, changed(stack, (path, new))), key, value, message)


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    text = changed("dev", (TAGS, {"tags": {"": "a"}}))
    [problem] = refused(tmp_path, "dev", text)
    assert problem.message == "the key of a tag must have 1 to 128 characters, not 0"


@every_stack
def test_tags_at_the_limits_of_aws_are_accepted(tmp_path: Path, stack: str) -> None:
    tags = {
        "k" * 128: "v" * 256,
        "Kosten stelle": "Zürich_1.2:3/4=5+6-7@8",
        "empty": "",
        **{f"k{number}": "" for number in range(37)},
    }
    assert accepted(tmp_path, stack, (TAGS, {"tags": tags})).aws.default_tags.tags == tags


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-gov-west-1", "aws-us-gov"),
        ("cn-north-1", "aws-cn"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-isob-east-1", "aws-iso"),
    ],
)
def test_a_region_of_another_partition_is_refused(
    tmp_path: Path, region: str, partition: str
) -> None:
    problems = refused(tmp_path, "dev", changed("dev", (("aws:region",), region)))
    message = (
        f"{region} is in the partition {partition}, but this program supports the partition aws "
        "only; write a region such as us-east-1"
    )
    assert_problem(problems, "aws:region", region, message)


def test_an_unknown_region_is_refused(tmp_path: Path) -> None:
    problems = refused(tmp_path, "dev", changed("dev", (("aws:region",), "us-east-9")))
    message = (
        "unknown region; did you mean us-east-2? If AWS opened it after the data of this program, "
        "add it to core/facts/regions.py"
    )
    assert_problem(problems, "aws:region", "us-east-9", message)
