"""The argument STACK of all commands."""

import argparse

import pytest

from tools.command_line import stack_name


@pytest.mark.parametrize("text", ["dev", "prod-standby", "a.b", "a" * 100])
def test_a_name_that_pulumi_accepts_is_the_name_of_a_stack(text: str) -> None:
    assert stack_name(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("../prod", "../prod"),
        ("org/prod", "org/prod"),
        ("Pulumi.prod.yaml", "Pulumi.prod.yaml"),
        ("prod\n", r"prod\n"),
        ("dév", "dév"),
        ("\udcff", r"\udcff"),  # a byte that is not UTF-8
        ("a" * 101, "a" * 101),
    ],
)
def test_other_text_is_refused_in_one_line(text: str, shown: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        stack_name(text)
    assert str(caught.value) == f'"{shown}": write a name, such as prod for Pulumi.prod.yaml'
