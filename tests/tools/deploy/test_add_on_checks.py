"""Checks of the add-on versions that a deployment changes."""

from collections.abc import Sequence
from typing import Any

import pytest

from core.facts.versions.add_ons import ADD_ONS
from settings import Settings
from settings.cluster.add_ons import AddOnOverride
from tests.conftest import recording_of
from tools.deploy.add_on_checks import add_on_problems
from tools.deploy.aws_cli import AwsError

AGENTS = "amazon-cloudwatch-observability"


def settings(stack: str = "prod", **versions: str) -> Settings:
    add_ons = {n.replace("_", "-"): AddOnOverride(version=v) for n, v in versions.items()}
    found = recording_of(stack).settings
    changes = {"add_ons": add_ons, "version": "1.36"}
    return found.model_copy(update={"cluster": found.cluster.model_copy(update=changes)})


class Aws:
    """Answers of the AWS CLI: live and default versions of add-ons."""

    def __init__(self, live: dict[str, str], defaults: dict[str, str]) -> None:
        self.live, self.defaults = live, defaults
        self.asked: list[str] = []

    def ask(self, *arguments: str) -> Any:
        command, name = arguments[1], arguments[-1]
        self.asked.append(f"{command} {name}")
        if command == "list-addons":
            return {"addons": [*self.live, "of-another-team"]}
        if command == "describe-addon":
            return {"addon": {"addonName": name, "addonVersion": self.live[name]}}
        version = {"clusterVersion": "1.36", "defaultVersion": True}
        build = {"addonVersion": self.defaults[name], "compatibilities": [version]}
        return {"addons": [{"addonVersions": [build]}]}


def checked(aws: Aws, of: Settings) -> tuple[Sequence[str], Sequence[str]]:
    warnings: list[str] = []
    problems = list(add_on_problems(aws.ask, "own", of, warnings.append))
    assert {each.key for each in problems} <= {"ha-eks:cluster.addOns"}
    return [each.message for each in problems], warnings


def test_a_changed_default_of_eks_is_shown() -> None:
    aws = Aws({"coredns": "v1.11.1-eksbuild.1", "kube-proxy": "v1.36.0-eksbuild.1"},
              {"coredns": "v1.12.0-eksbuild.1", "kube-proxy": "v1.36.0-eksbuild.1"})  # fmt: skip
    changed = "add-on coredns changes from v1.11.1-eksbuild.1 to v1.12.0-eksbuild.1"
    assert checked(aws, settings()) == ([], [changed])


def test_another_major_version_of_the_agents_is_refused() -> None:
    aws = Aws({AGENTS: "v5.4.0-eksbuild.1"}, {AGENTS: "v8.0.0-eksbuild.1"})
    assert checked(aws, settings()) == (
        [
            "amazon-cloudwatch-observability would change from v5.4.0-eksbuild.1 to "
            "v8.0.0-eksbuild.1; another major version can change the metrics that the alarms read; "
            "keep the version with {amazon-cloudwatch-observability: {version: "
            "v5.4.0-eksbuild.1}}, or read its release notes and set v8.0.0-eksbuild.1"
        ],
        [f"add-on {AGENTS} changes from v5.4.0-eksbuild.1 to v8.0.0-eksbuild.1"],
    )


def test_a_pin_of_another_major_version_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ADD_ONS, "1.36", {AGENTS: "v6.2.0-eksbuild.1"})
    problems, _ = checked(Aws({AGENTS: "v5.4.0-eksbuild.1"}, {}), settings())
    assert len(problems) == 1


def test_a_major_version_in_the_stack_file_and_a_minor_version_are_accepted() -> None:
    aws = Aws({AGENTS: "v5.4.0-eksbuild.1"}, {AGENTS: "v5.9.0-eksbuild.1"})
    own = settings(amazon_cloudwatch_observability="v8.0.0-eksbuild.1")
    to = f"add-on {AGENTS} changes from v5.4.0-eksbuild.1 to"
    assert checked(aws, own) == ([], [f"{to} v8.0.0-eksbuild.1"])
    assert checked(aws, settings()) == ([], [f"{to} v5.9.0-eksbuild.1"])


def test_the_default_of_a_pinned_add_on_is_not_read() -> None:
    aws = Aws({"coredns": "v1.11.1-eksbuild.1"}, {})
    assert checked(aws, settings(coredns="v1.11.1-eksbuild.1")) == ([], [])
    assert aws.asked == ["list-addons own", "describe-addon coredns"]


def test_an_add_on_that_the_deployment_deletes_is_not_checked() -> None:
    name = "aws-efs-csi-driver"
    aws = Aws({name: "v3.0.0-eksbuild.1"}, {name: "v3.4.1-eksbuild.1"})
    assert checked(aws, settings()) == ([], [])
    changed = f"add-on {name} changes from v3.0.0-eksbuild.1 to v3.4.1-eksbuild.1"
    assert checked(aws, settings("wide")) == ([], [changed])


def test_unreadable_versions_are_a_warning() -> None:
    def denied(*arguments: str) -> Any:
        raise AwsError("AccessDenied")

    warnings: list[str] = []
    assert list(add_on_problems(denied, "own", settings(), warnings.append)) == []
    assert warnings == [
        "own: cannot read the versions of the add-ons, so they are not checked: AccessDenied"
    ]
