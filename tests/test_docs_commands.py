"""Every command of a page exists, with these arguments: an operator types it in an outage."""

import re
from pathlib import Path

import pytest

from tests.documented_commands import commands, problems
from tools.recording.record import ROOT

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "runbooks").glob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_exists(page: Path) -> None:
    found = {
        command: wrong
        for command in commands(page.read_text(encoding="utf-8"))
        if (wrong := [*problems(command)])
    }
    assert found == {}


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("make zone-away STACK=prod", "make has no target zone-away"),
        ("make drain STACK=prod ZONE=us-east-1a", "make drain does not read ZONE"),
        (".venv/bin/python -m tools.flet", "no program tools.flet"),
        ("kubectl explode", "kubectl explode is in no table of this test"),
        ("kubectl get nods", "kubectl get nods is in no table of this test"),
        ("kubectl get nodes --now", "kubectl get has no flag --now in the table of this test"),
        ("aws eks list-cluster", "aws eks has no command list-cluster"),
        ("aws eks describe-cluster --cluster-name prod",
         "aws eks describe-cluster has no option --cluster-name"),
        ("aws eks list-clusters --query 'cluster[].name'",
         "ListClusters: cluster[].name reads a field that does not exist"),
        ("aws acm wait certificate-valid --certificate-arn ARN",
         "aws acm has no waiter certificate-valid"),
        ("aws cloudwatch describe-alarms --state-value on",
         "aws cloudwatch describe-alarms StateValue: on is not one of OK, ALARM, "
         "INSUFFICIENT_DATA"),
        ("aws arc-zonal-shift update-zonal-shift --zonal-shift-id ID --expires-in 2d",
         "aws arc-zonal-shift update-zonal-shift expiresIn: 2d does not match "
         "([1-9][0-9]*)(m|h)"),
    ],
)  # fmt: skip
def test_a_wrong_command_is_found(command: str, problem: str) -> None:
    assert problem in [*problems(command)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_name_their_region(page: Path) -> None:
    blocks = re.findall(r"```console\n.*?```", page.read_text(encoding="utf-8"), re.DOTALL)
    without = [
        command
        for command in commands("\n".join(blocks))
        if re.match(r"aws (?!(iam|route53|s3|s3api|sso) )", command) and "--region" not in command
    ]
    assert without == [], "another default region has no such cell, and its results are empty"


def test_the_runbooks_have_commands() -> None:
    text = (ROOT / "docs" / "runbooks" / "zone-lost.md").read_text(encoding="utf-8")
    assert "make zone-out STACK=prod ZONE=us-east-1a" in [*commands(text)]
    assert len({*commands(text)}) > 5
