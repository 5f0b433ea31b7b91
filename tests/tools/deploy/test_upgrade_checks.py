"""Checks before the upgrade of a cluster: standard support and upgrade insights."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.facts.versions.kubernetes import KUBERNETES
from tests.command_machine import Machine, aws_script
from tools.deploy.aws_cli import AwsCli
from tools.deploy.upgrade_checks import live_version, support_problems, upgrade_problems

KEY = "ha-eks:cluster.version"
ENDS = KUBERNETES["1.35"]
DAY = timedelta(days=1)
ROLE = "aws:assumeRoles: [{roleArn: 'arn:aws:iam::333333333333:role/deployer', externalId: x-1}]"

Result = tuple[list[str], list[str]]
"""Messages of problems, and warnings."""
Run = Callable[..., Result]


def live(version: str) -> str:
    return printing({"cluster": {"name": "own", "version": version}})


def printing(output: object) -> str:
    return f"printf '%s' '{json.dumps(output)}'"


def insights(*found: tuple[str, str, str]) -> str:
    """Returns a script with the output of list-insights, from name, status and reason of each."""
    return printing(
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
def checked(tmp_path: Path) -> Run:
    def run(**commands: str) -> Result:
        aws = tmp_path / "aws"
        known = {name.replace("_", "-"): script for name, script in commands.items()}
        aws.write_text(f"#!/bin/sh\necho \"$@\" >> '{tmp_path}/calls'\n{aws_script(known)}\n")
        aws.chmod(0o755)
        warnings: list[str] = []
        cli = AwsCli(path=str(aws), region="us-east-1")
        version = live_version(cli.ask, "own", warnings.append)
        found = version and upgrade_problems(cli.ask, "own", version, "1.36", warnings.append)
        problems = list(found or ())
        assert {(problem.key, problem.value) for problem in problems} <= {(KEY, "1.36")}
        return [problem.message for problem in problems], warnings

    return run


@pytest.mark.parametrize(("day", "ended"), [(ENDS - DAY, 0), (ENDS, 0), (ENDS + DAY, 1)])
def test_a_version_without_standard_support_is_refused(day: date, ended: int) -> None:
    found = list(support_problems("1.35", day))
    assert len(found) == ended
    for problem in found:
        assert (problem.key, problem.value) == (KEY, "1.35")
        assert problem.message == (
            f"the standard support of 1.35 ended on {ENDS}; upgrade one minor version at a time "
            "(docs/upgrade.md) to one of 1.36"
        )


def test_without_any_supported_version_the_message_names_the_file_of_the_versions() -> None:
    (problem,) = support_problems("1.36", date(2999, 1, 1))
    end = KUBERNETES["1.36"]
    assert problem.message == (
        f"the standard support of 1.36 ended on {end}; add a supported version to "
        "core/facts/versions/kubernetes.py"
    )


def test_upgrade_insights_are_not_read_for_a_new_cell(checked: Run) -> None:
    assert checked() == ([], [])


def test_upgrade_insights_are_not_read_without_an_upgrade(checked: Run) -> None:
    assert checked(describe_cluster=live("1.36")) == ([], [])


def test_upgrade_insights_of_the_next_version_are_read(checked: Run, tmp_path: Path) -> None:
    assert checked(describe_cluster=live("1.35"), list_insights=insights()) == ([], [])
    call = (tmp_path / "calls").read_text().splitlines()[-1]
    assert call == (
        "eks list-insights --cluster-name own --filter "
        '{"categories": ["UPGRADE_READINESS"], "kubernetesVersions": ["1.36"]} '
        "--output json --region us-east-1"
    )


def test_every_insight_with_an_error_is_a_problem(checked: Run) -> None:
    found = insights(
        ("Deprecated APIs", "ERROR", "v1beta1 is in use"),
        ("Kubelet skew", "PASSING", "All are near."),
        ("Add-on", "ERROR", ""),
    )
    problems, warnings = checked(describe_cluster=live("1.35"), list_insights=found)
    assert problems == [
        "EKS reports an error in its upgrade insights; fix it first: Deprecated APIs: v1beta1 is "
        "in use",
        "EKS reports an error in its upgrade insights; fix it first: Add-on",
    ]
    assert warnings == []


def test_insights_with_a_warning_or_an_unknown_status_are_warnings(checked: Run) -> None:
    found = insights(("Kubelet skew", "WARNING", "Two behind."), ("Add-on", "UNKNOWN", "No idea."))
    problems, warnings = checked(describe_cluster=live("1.35"), list_insights=found)
    assert problems == []
    assert warnings == [
        "upgrade insight with status WARNING: Kubelet skew: Two behind.",
        "upgrade insight with status UNKNOWN: Add-on: No idea.",
    ]


@pytest.mark.parametrize(
    ("script", "error"),
    [("echo 'AccessDenied' >&2; exit 254", "AccessDenied"), (printing({}), "'insights'"),
     (printing({"insights": [dict[str, str]()]}), "'insightStatus'"),
     (printing(None), "'NoneType' object is not subscriptable")],
)  # fmt: skip
def test_unreadable_insights_are_a_warning(checked: Run, script: str, error: str) -> None:
    problems, warnings = checked(describe_cluster=live("1.35"), list_insights=script)
    assert problems == []
    assert warnings == [
        "own: cannot read the upgrade insights for 1.36; check them in the EKS console: " + error
    ]


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("echo AccessDenied >&2; exit 254", "AccessDenied"),
        (printing({}), "'cluster'"),
        ("echo what", "Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_an_unreadable_cluster_is_a_warning(checked: Run, script: str, error: str) -> None:
    problems, warnings = checked(describe_cluster=script)
    assert problems == []
    assert warnings == [
        "own: cannot read the version of the cluster, so upgrade insights and add-on "
        "versions are not checked: " + error
    ]


@pytest.mark.parametrize("live_version", ["1.34", "1.37"])
def test_insights_are_read_only_for_an_upgrade_by_one_minor_version(
    checked: Run, live_version: str
) -> None:
    assert checked(describe_cluster=live(live_version), list_insights="exit 9") == ([], [])


def line_of_version(machine: Machine) -> int:
    rows = machine.stack.read_text(encoding="utf-8").splitlines()
    [line] = (number for number, row in enumerate(rows, 1) if "version:" in row)
    return line


def test_an_upgrade_with_errors_in_its_insights_is_not_deployed(machine: Machine) -> None:
    found = insights(("Deprecated APIs", "ERROR", "Used."), ("Skew", "WARNING", "Two."))
    machine.aws(describe_cluster=live("1.35"), list_insights=found)
    assert machine.refuses() == (
        "caution: upgrade insight with status WARNING: Skew: Two.\n"
        f"Pulumi.own.yaml:{line_of_version(machine)}: {KEY}: EKS reports an error in its upgrade "
        "insights; fix it first: Deprecated APIs: Used.\n"
    )


def test_an_upgrade_with_warnings_in_its_insights_is_deployed(machine: Machine) -> None:
    machine.aws(describe_cluster=live("1.35"), list_insights=insights(("Skew", "WARNING", "Two.")))
    done = machine.up()
    assert done.returncode == 0
    assert done.stderr == "caution: upgrade insight with status WARNING: Skew: Two.\n"
    assert machine.calls()[-1].startswith("pulumi [up]")


def test_a_cluster_in_another_account_is_read_with_the_role(machine: Machine) -> None:
    machine.setting(ROLE)
    machine.setting("aws:profile: cells")
    as_role = (
        '[ "$AWS_ACCESS_KEY_ID-$AWS_SECRET_ACCESS_KEY-$AWS_SESSION_TOKEN" = key-secret-token ]'
    )
    machine.aws(describe_cluster=f"{as_role} && {live('1.36')} || exit 9")
    assert machine.up().returncode == 0
    assumed, described = machine.calls()[1:3]
    role = "[--role-arn][arn:aws:iam::333333333333:role/deployer][--role-session-name][ha-eks]"
    assert f"[sts][assume-role]{role}[--external-id][x-1]" in assumed
    assert assumed.count("[--profile][cells]") == 1
    assert "--profile" not in described, "the profile would override the role"


def test_a_role_that_cannot_be_assumed_is_refused(machine: Machine) -> None:
    machine.setting(ROLE)
    machine.aws(assume_role="echo AccessDenied >&2; exit 254")
    assert machine.refuses() == (
        "aws: cannot assume the role arn:aws:iam::333333333333:role/deployer: AccessDenied; allow "
        "sts:AssumeRole in the trust policy of the role, or change aws:assumeRoles\n"
    )


def test_a_stack_without_standard_support_is_not_deployed(machine: Machine) -> None:
    ended = date.today() - DAY
    machine.support_ends("1.36", ended)
    machine.support_ends("1.34", ended)
    machine.support_ends("1.35", date.today())
    assert machine.refuses() == (
        f"Pulumi.own.yaml:{line_of_version(machine)}: {KEY}: the standard support of 1.36 ended "
        f"on {ended}; upgrade one minor version at a time (docs/upgrade.md) to one of 1.35\n"
    )
    assert machine.calls() == []


def test_cautions_are_printed_before_pulumi_starts(machine: Machine) -> None:
    ends = date.today() + 30 * DAY
    machine.support_ends("1.36", ends)
    done = machine.up()
    assert done.returncode == 0
    (caution,) = done.stderr.splitlines()
    assert caution.startswith(
        f"caution: Pulumi.own.yaml:{line_of_version(machine)}: ha-eks:cluster.version: standard "
        f"support of Kubernetes 1.36 ends on {ends}"
    )
