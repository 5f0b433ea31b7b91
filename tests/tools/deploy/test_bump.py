"""`python -m tools.deploy.bump` as a process, with a fake `aws`."""

import json
import tomllib
from typing import Any

import pytest

from core.facts.versions.add_ons import ADD_ON_NAMES
from core.facts.versions.kubernetes import KUBERNETES
from tests.command_machine import Machine
from tools.deploy.bump import changes, pinned, text_of
from tools.recording.record import ROOT

BUMP = "tools.deploy.bump"
HEAD = "# Version of each EKS add-on by Kubernetes minor version, written by `make bump WRITE=1`.\n"


def offers(**builds: str) -> str:
    """Returns a response of describe-addon-versions.

    By default the response has a default build for the requested minor version, and builds that are
    no default. `builds` replaces the default build by add-on; write _ for each - of a name.
    """
    compatible = [
        {"clusterVersion": "MINOR", "platformVersions": ["*"], "defaultVersion": True},
        {"clusterVersion": "1.30", "platformVersions": ["*"], "defaultVersion": False},
    ]
    others = [
        {"clusterVersion": "MINOR", "platformVersions": ["*"], "defaultVersion": False},
        {"clusterVersion": "1.30", "platformVersions": ["*"], "defaultVersion": True},
    ]
    found: dict[str, Any] = {
        "addonName": "NAME",
        "addonVersions": [
            {"addonVersion": "v9.9.9-eksbuild.9", "compatibilities": others},
            {"addonVersion": "vMINOR.0-eksbuild.1", "compatibilities": compatible},
        ],
    }
    text = json.dumps({"addons": [found]})
    cases = "\n".join(f"{name.replace('_', '-')}) {script} ;;" for name, script in builds.items())
    usual = f"""printf '%s' '{text}' | PATH=/usr/bin:/bin sed "s/MINOR/$4/g" """
    return f'case "$6" in\n{cases}\n*) {usual} ;;\nesac'


def pins(machine: Machine) -> dict[str, dict[str, str]]:
    return tomllib.loads(
        (machine.project / "core" / "facts" / "versions" / "add_ons.toml").read_text(
            encoding="utf-8"
        )
    )


def test_default_versions_of_aws_are_printed_and_no_file_is_written(machine: Machine) -> None:
    machine.aws(describe_addon_versions=offers())
    before = pins(machine)
    done = machine.runs(BUMP, new_process=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"{minor} {name}: unpinned -> v{minor}.0-eksbuild.1"
        for minor in KUBERNETES
        for name in ADD_ON_NAMES
    ]
    assert pins(machine) == before


def test_the_default_of_every_add_on_is_read_for_every_minor(machine: Machine) -> None:
    machine.aws(describe_addon_versions=offers())
    machine.runs(BUMP, "--region", "eu-west-1", "--profile", "me")
    asked = [call.partition(" in ")[0] for call in machine.calls()]
    tail = "[--output][json][--region][eu-west-1][--profile][me]"
    assert asked == [
        f"aws [sts][get-caller-identity]{tail}",
        *(
            f"aws [eks][describe-addon-versions][--kubernetes-version][{minor}]"
            f"[--addon-name][{name}]{tail}"
            for minor in KUBERNETES
            for name in ADD_ON_NAMES
        ),
    ]


def test_the_next_preview_has_the_written_versions(machine: Machine) -> None:
    machine.aws(describe_addon_versions=offers())
    done = machine.runs(BUMP, "--write")
    assert done.stdout.splitlines()[-1] == "written: add_ons.toml"
    assert pins(machine) == {
        minor: dict.fromkeys(ADD_ON_NAMES, f"v{minor}.0-eksbuild.1") for minor in KUBERNETES
    }
    again = machine.runs(BUMP, "--write")
    assert again.stdout.splitlines()[0] == "every pin is the default version of EKS"
    preview = machine.runs("tools.preview", "own")
    assert "unpinned" not in preview.stdout
    recording = json.loads((machine.project / "build" / "own" / "recording.json").read_text())
    versions = {each["inputs"].get("addonVersion") for each in recording["resources"]
                if each["type"] == "aws:eks/addon:Addon"}  # fmt: skip
    assert versions == {"v1.36.0-eksbuild.1"}


def test_an_add_on_that_aws_does_not_offer_keeps_its_pin(machine: Machine) -> None:
    none = "printf '%s' '{\"addons\": []}'"
    file = machine.project / "core" / "facts" / "versions" / "add_ons.toml"
    file.write_text(file.read_text() + 'coredns = "v1.0.0-eksbuild.1"\n', encoding="utf-8")
    machine.aws(describe_addon_versions=offers(coredns=none))
    done = machine.runs(BUMP, "--write")
    assert "1.36 coredns: v1.0.0-eksbuild.1 stays, EKS has no default version" in done.stdout
    assert "1.35 coredns: unpinned stays, EKS has no default version" in done.stdout
    assert pins(machine)["1.36"]["coredns"] == "v1.0.0-eksbuild.1"
    assert "coredns" not in pins(machine)["1.35"]


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'ThrottlingException' >&2; exit 254", "ThrottlingException"),
        ("echo '{}'", "'addons'"),
        ("echo null", "'NoneType' object is not subscriptable"),
    ],
)
def test_an_invalid_answer_is_reported_in_one_line_and_writes_nothing(
    machine: Machine, script: str, why: str
) -> None:
    machine.aws(describe_addon_versions=offers(vpc_cni=script))
    before = pins(machine)
    done = machine.runs(BUMP, "--write")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"aws: cannot read the versions of vpc-cni for Kubernetes 1.34: {why}\n"
    assert pins(machine) == before


@pytest.mark.parametrize("version", ["latest", 'v1.0.0-eksbuild.1\\"'])
def test_an_invalid_version_is_not_written(machine: Machine, version: str) -> None:
    build = {
        "addonVersion": version,
        "compatibilities": [{"clusterVersion": "1.34", "defaultVersion": True}],
    }
    answer = json.dumps({"addons": [{"addonVersions": [build]}]})
    machine.aws(describe_addon_versions=offers(coredns=f"printf '%s' '{answer}'"))
    done = machine.runs(BUMP, "--write")
    assert done.returncode == 1
    assert done.stderr == (
        "aws: expected one default version of coredns for Kubernetes 1.34, "
        f"such as v1.14.7-eksbuild.10, but got {version}\n"
    )
    assert pins(machine)["1.34"] == {}


def test_missing_credentials_are_reported_in_one_line(machine: Machine) -> None:
    machine.aws(get_caller_identity="echo 'Unable to locate credentials.' >&2; exit 253")
    done = machine.runs(BUMP)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "aws: no valid credentials: Unable to locate credentials; sign in (aws sso login), or set "
        "another profile in --profile or AWS_PROFILE\n"
    )


def test_a_missing_aws_cli_is_reported_in_one_line(machine: Machine) -> None:
    machine.has_no("aws")
    done = machine.runs(BUMP)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("aws: not on PATH, and only AWS knows the versions")
    assert done.stderr.count("\n") == 1


def test_the_shipped_pins_have_the_format_of_bump() -> None:
    text = (ROOT / "core" / "facts" / "versions" / "add_ons.toml").read_text(encoding="utf-8")
    assert text == text_of(tomllib.loads(text)), "the next bump would change lines without need"


def test_the_order_of_the_pins_does_not_depend_on_the_order_of_the_answers() -> None:
    first = {"1.36": {"b": "v2", "a": "v1"}, "1.34": {}, "1.35": {"c": "v3"}}
    text = '["1.34"]\n\n["1.35"]\nc = "v3"\n\n["1.36"]\na = "v1"\nb = "v2"\n'
    assert text_of(first) == f"{HEAD}\n{text}"


def test_a_change_names_the_old_and_the_new_version() -> None:
    old = {"1.36": {"coredns": "v1.0.0-eksbuild.1", "vpc-cni": "v1.0.0-eksbuild.1"}}
    new = {"1.36": {"coredns": "v1.0.0-eksbuild.1", "vpc-cni": "v2.0.0-eksbuild.1"}}
    reported = [line for line in changes(old, new) if "no default" not in line]
    assert reported == ["1.36 vpc-cni: v1.0.0-eksbuild.1 -> v2.0.0-eksbuild.1"]
    assert pinned(old, new)["1.36"] == new["1.36"]


@pytest.mark.parametrize(("arguments", "asked"), [([], ""), (["WRITE=1"], "[--write]")])
def test_make_bump_writes_only_with_write_1(
    machine: Machine, arguments: list[str], asked: str
) -> None:
    done = machine.make("bump", *arguments)
    assert done.returncode == 0, done.stderr
    assert machine.called(f"python [-m][tools.deploy.bump]{asked}")
