"""What is asked before a cluster goes to another Kubernetes version."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.facts.versions.kubernetes import KUBERNETES
from tests.command_machine import Machine, answers
from tools.deploy.aws_cli import AwsCli
from tools.deploy.upgrade_checks import support_problems, upgrade_problems

KEY = "ha-eks:cluster.version"
ENDS = KUBERNETES["1.35"]
DAY = timedelta(days=1)
ROLE = "aws:assumeRoles: [{roleArn: 'arn:aws:iam::333333333333:role/deployer', externalId: x-1}]"

Asked = tuple[list[str], list[str]]
"""What stands in the way, and what is told beside it."""
Ask = Callable[..., Asked]


def live(version: str) -> str:
    return says({"cluster": {"name": "own", "version": version}})


def says(answer: object) -> str:
    return f"printf '%s' '{json.dumps(answer)}'"


def insights(*found: tuple[str, str, str]) -> str:
    """The answer of list-insights, as the API has it: name, status and reason of each."""
    return says(
        {
            "insights": [
                {
                    "id": f"a1b2c3d4-{number}",
                    "name": name,
                    "category": "UPGRADE_READINESS",
                    "kubernetesVersion": "1.36",
                    "description": "Checks.",
                    "insightStatus": {"status": status, "reason": reason},
                }
                for number, (name, status, reason) in enumerate(found)
            ]
        }
    )


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    def run(**commands: str) -> Asked:
        aws = tmp_path / "aws"
        known = {name.replace("_", "-"): script for name, script in commands.items()}
        aws.write_text(f"#!/bin/sh\necho \"$@\" >> '{tmp_path}/calls'\n{answers(known)}\n")
        aws.chmod(0o755)
        told: list[str] = []
        cli = AwsCli(path=str(aws), region="us-east-1")
        problems = list(upgrade_problems(cli.ask, "own", "1.36", told.append))
        assert {(problem.key, problem.value) for problem in problems} <= {(KEY, "1.36")}
        return [problem.message for problem in problems], told

    return run


@pytest.mark.parametrize(("day", "ended"), [(ENDS - DAY, 0), (ENDS, 0), (ENDS + DAY, 1)])
def test_a_version_whose_support_has_ended_is_refused(day: date, ended: int) -> None:
    found = list(support_problems("1.35", day))
    assert len(found) == ended
    for problem in found:
        assert (problem.key, problem.value) == (KEY, "1.35")
        assert problem.message == (
            f"the standard support of 1.35 ended on {ENDS}; upgrade one minor version at a time "
            "(docs/upgrade.md) to one of 1.36"
        )


def test_when_all_support_has_ended_people_are_told_where_versions_are() -> None:
    (problem,) = support_problems("1.36", date(2999, 1, 1))
    end = KUBERNETES["1.36"]
    assert problem.message == (
        f"the standard support of 1.36 ended on {end}; add a supported version to "
        "core/facts/versions/kubernetes.py"
    )


def test_a_cell_without_a_cluster_is_not_asked_about_upgrades(ask: Ask) -> None:
    assert ask() == ([], [])


def test_a_cluster_of_that_version_is_not_asked_about_upgrades(ask: Ask) -> None:
    assert ask(describe_cluster=live("1.36")) == ([], [])


def test_insights_of_the_next_version_are_asked_for(ask: Ask, tmp_path: Path) -> None:
    assert ask(describe_cluster=live("1.35"), list_insights=insights()) == ([], [])
    asked = (tmp_path / "calls").read_text().splitlines()[-1]
    assert asked == (
        "eks list-insights --cluster-name own --filter "
        '{"categories": ["UPGRADE_READINESS"], "kubernetesVersions": ["1.36"]} '
        "--output json --region us-east-1"
    )


def test_every_insight_with_an_error_is_refused_by_name(ask: Ask) -> None:
    found = insights(
        ("Deprecated APIs", "ERROR", "v1beta1 is in use"),
        ("Kubelet skew", "PASSING", "All are near."),
        ("Add-on", "ERROR", ""),
    )
    problems, told = ask(describe_cluster=live("1.35"), list_insights=found)
    assert problems == [
        "EKS reports an error in its upgrade insights; fix it first: Deprecated APIs: v1beta1 is "
        "in use",
        "EKS reports an error in its upgrade insights; fix it first: Add-on",
    ]
    assert told == []


def test_warnings_and_what_eks_does_not_know_are_told(ask: Ask) -> None:
    found = insights(("Kubelet skew", "WARNING", "Two behind."), ("Add-on", "UNKNOWN", "No idea."))
    problems, told = ask(describe_cluster=live("1.35"), list_insights=found)
    assert problems == []
    assert told == [
        "upgrade insight with status WARNING: Kubelet skew: Two behind.",
        "upgrade insight with status UNKNOWN: Add-on: No idea.",
    ]


@pytest.mark.parametrize(
    ("script", "why"),
    [("echo 'AccessDenied' >&2; exit 254", "AccessDenied"), (says({}), "'insights'"),
     (says({"insights": [{}]}), "'insightStatus'"), (says(None), "NoneType")],
)  # fmt: skip
def test_insights_that_cannot_be_read_are_said_to_be_unread(
    ask: Ask, script: str, why: str
) -> None:
    problems, (told,) = ask(describe_cluster=live("1.35"), list_insights=script)
    assert problems == []
    assert told.startswith(
        "own: the upgrade insights for 1.36 cannot be read; check them in the EKS console: "
    )
    assert why in told


@pytest.mark.parametrize("script", ["echo AccessDenied >&2; exit 254", says({}), "echo what"])
def test_a_cluster_that_cannot_be_read_is_said_to_be_unread(ask: Ask, script: str) -> None:
    problems, (told,) = ask(describe_cluster=script)
    assert problems == []
    assert told.startswith(
        "own: the version of the cluster cannot be read, so upgrade insights are not checked: "
    )


@pytest.mark.parametrize("live_version", ["1.34", "1.37"])
def test_other_ways_than_to_the_next_minor_are_left_to_the_program(
    ask: Ask, live_version: str
) -> None:
    assert ask(describe_cluster=live(live_version), list_insights="exit 9") == ([], [])


def line_of_version(machine: Machine) -> int:
    rows = machine.stack.read_text(encoding="utf-8").splitlines()
    [line] = (number for number, row in enumerate(rows, 1) if "version:" in row)
    return line


def test_an_upgrade_that_would_break_something_is_not_deployed(machine: Machine) -> None:
    found = insights(("Deprecated APIs", "ERROR", "Used."), ("Skew", "WARNING", "Two."))
    machine.aws(describe_cluster=live("1.35"), list_insights=found)
    assert machine.refuses() == (
        "caution: upgrade insight with status WARNING: Skew: Two.\n"
        f"Pulumi.own.yaml:{line_of_version(machine)}: {KEY}: EKS reports an error in its upgrade "
        "insights; fix it first: Deprecated APIs: Used.\n"
    )


def test_an_upgrade_with_warnings_is_deployed(machine: Machine) -> None:
    machine.aws(describe_cluster=live("1.35"), list_insights=insights(("Skew", "WARNING", "Two.")))
    done = machine.up()
    assert done.returncode == 0
    assert done.stderr == "caution: upgrade insight with status WARNING: Skew: Two.\n"
    assert machine.calls()[-1].startswith("pulumi [up]")


def test_a_cluster_in_another_account_is_asked_about_as_the_role(machine: Machine) -> None:
    machine.setting(ROLE)
    machine.setting("aws:profile: cells")
    as_role = (
        '[ "$AWS_ACCESS_KEY_ID-$AWS_SECRET_ACCESS_KEY-$AWS_SESSION_TOKEN" = key-secret-token ]'
    )
    machine.aws(describe_cluster=f"{as_role} && {live('1.36')} || exit 9")
    assert machine.up().returncode == 0
    taken_on, described = machine.calls()[1:3]
    role = "[--role-arn][arn:aws:iam::333333333333:role/deployer][--role-session-name][ha-eks]"
    assert f"[sts][assume-role]{role}[--external-id][x-1]" in taken_on
    assert taken_on.count("[--profile][cells]") == 1
    assert "--profile" not in described, "the profile goes before the role's credentials"


def test_nothing_is_deployed_as_a_role_that_cannot_be_taken_on(machine: Machine) -> None:
    machine.setting(ROLE)
    machine.aws(assume_role="echo AccessDenied >&2; exit 254")
    assert machine.refuses() == (
        "arn:aws:iam::333333333333:role/deployer cannot be taken on: AccessDenied\n"
    )


def test_a_version_out_of_support_is_not_deployed(machine: Machine) -> None:
    ended = date.today() - DAY
    machine.support_ends("1.36", ended)
    machine.support_ends("1.34", ended)
    machine.support_ends("1.35", date.today())
    assert machine.refuses() == (
        f"Pulumi.own.yaml:{line_of_version(machine)}: {KEY}: the standard support of 1.36 ended "
        f"on {ended}; upgrade one minor version at a time (docs/upgrade.md) to one of 1.35\n"
    )
    assert machine.calls() == []


def test_cautions_are_told_before_pulumi_asks(machine: Machine) -> None:
    ends = date.today() + 30 * DAY
    machine.support_ends("1.36", ends)
    done = machine.up()
    assert done.returncode == 0
    (told,) = done.stderr.splitlines()
    assert told.startswith(
        f"caution: ha-eks:cluster.version: standard support of Kubernetes 1.36 ends on {ends}"
    )
