"""Rolls a cell back in a fake EKS that refuses what EKS refuses, and runs the command."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.tags import POOL, ZONE
from settings import Settings
from tests.command_machine import Machine
from tests.conftest import recording_of
from tests.live.cells import settings_of
from tests.tools.deploy.check import aws_shapes
from tools.deploy.aws_cli import AwsError, time_of
from tools.deploy.rollback_version import eks as eks_module
from tools.deploy.rollback_version.__main__ import TARGETS
from tools.deploy.rollback_version.eks import Eks, RollbackError, VersionUpdate
from tools.deploy.rollback_version.plan import execute, plan_of, refusal, version_problem

Json = dict[str, Any]
START = datetime(2026, 11, 27, 10, tzinfo=UTC)
UPGRADED = VersionUpdate(type="VersionUpdate", version="1.37", started=START)
ROLLED_BACK = VersionUpdate(type="VersionRollback", version="1.36", started=START)
ROLE = "arn:aws:iam::123456789012:role/agent"


def group(zone: str, version: str = "1.37", **more: object) -> Json:
    return {
        "version": version,
        "status": "ACTIVE",
        "tags": {POOL: "general", ZONE: zone},
        "launchTemplate": {"name": "lt", "id": "lt-1", "version": "4"},
        **more,
    }


class FakeEks:
    """A cluster that was upgraded to 1.37, whose nodes and kube-proxy are upgraded too."""

    def __init__(self) -> None:
        self.cluster: Json = {"name": "prod", "version": "1.37", "status": "ACTIVE"}
        self.groups = {"a": group("us-east-1b"), "b": group("us-east-1a"), "c": group("", "1.36")}
        self.add_ons: dict[str, Json] = {
            "vpc-cni": {"addonVersion": "v1.21.0-eksbuild.1"},
            "kube-proxy": {
                "addonVersion": "v1.37.0-eksbuild.2",
                "configurationValues": '{"a": 1}',
                "serviceAccountRoleArn": ROLE,
            },
        }
        self.offered = {
            "vpc-cni": ["v1.21.0-eksbuild.1"],
            "kube-proxy": ["v1.36.0-eksbuild.1", "v1.36.2-eksbuild.4"],
        }
        """Versions for 1.36; the last is the default."""
        self.updates: dict[str, Json] = {
            "u-1": _update("VersionUpdate", "1.37", START - timedelta(days=90)),
            "u-2": _update("VersionUpdate", "1.37", START),
            "u-3": _update("LoggingUpdate", None, START + timedelta(hours=1)),
            "u-4": {**_update("VersionUpdate", "1.37", START + timedelta(hours=2)),
                    "status": "Failed"},
        }  # fmt: skip
        self.insights: list[Json] = []
        self.fails: dict[str, Json] = {}
        """Error of an update, by the command that starts it."""
        self.changes: list[str] = []
        """Commands that change EKS, without the cluster."""

    def ask(self, *arguments: str) -> Any:
        command = arguments[1]
        options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
        answer = getattr(self, f"_{command.replace('-', '_')}")(options)
        assert [*aws_shapes.problems(arguments, answer)] == []
        assert [*aws_shapes.invalid(arguments)] == []
        return answer

    def _describe_cluster(self, options: Json) -> Json:
        assert options == {"--name": "prod"}
        return {"cluster": self.cluster}

    def _list_updates(self, options: Json) -> Json:
        assert options == {"--name": "prod"}
        return {"updateIds": [*self.updates]}

    def _describe_update(self, options: Json) -> Json:
        found = self.updates[options["--update-id"]]
        if found["status"] == "InProgress":
            self.updates[options["--update-id"]] = {**found, "status": "Successful"}
        return {"update": found}

    def _list_nodegroups(self, options: Json) -> Json:
        return {"nodegroups": [*self.groups]}

    def _describe_nodegroup(self, options: Json) -> Json:
        return {"nodegroup": self.groups[options["--nodegroup-name"]]}

    def _list_addons(self, options: Json) -> Json:
        return {"addons": [*self.add_ons]}

    def _describe_addon(self, options: Json) -> Json:
        return {"addon": self.add_ons[options["--addon-name"]]}

    def _describe_addon_versions(self, options: Json) -> Json:
        assert options["--kubernetes-version"] == "1.36"
        *others, default = self.offered[options["--addon-name"]]
        builds = [
            {
                "addonVersion": each,
                "compatibilities": [{"clusterVersion": "1.36", "defaultVersion": each == default}],
            }
            for each in (*others, default)
        ]
        return {"addons": [{"addonVersions": builds}]}

    def _list_insights(self, options: Json) -> Json:
        assert json.loads(options["--filter"]) == {"categories": ["ROLLBACK_READINESS"]}
        return {"insights": self.insights}

    def _update_nodegroup_version(self, options: Json) -> Json:
        self.groups[options["--nodegroup-name"]]["version"] = options["--kubernetes-version"]
        return self._started("update-nodegroup-version", options)

    def _update_addon(self, options: Json) -> Json:
        if any(each["version"] != "1.36" for each in self.groups.values()):
            raise AwsError("the nodes come first")
        self.add_ons[options["--addon-name"]]["addonVersion"] = options["--addon-version"]
        return self._started("update-addon", options)

    def _update_cluster_version(self, options: Json) -> Json:
        newer = [name for name, each in self.groups.items() if each["version"] != "1.36"]
        newer += [
            name
            for name, each in self.add_ons.items()
            if each["addonVersion"] not in self.offered[name]
        ]
        if newer:
            raise AwsError(f"InvalidRequestException: {newer} are not ready for the rollback")
        self.cluster["version"] = options["--kubernetes-version"]
        return self._started("update-cluster-version", options)

    def _started(self, command: str, options: Json) -> Json:
        sent = " ".join(f"{key} {value}" for key, value in options.items())
        self.changes.append(f"{command} {sent}")
        update = {"id": f"u-{len(self.updates) + 1}", "status": "InProgress"}
        self.updates[update["id"]] = {**update, **self.fails.get(command, {})}
        return {"update": update}


def _update(type_: str, version: str | None, created: datetime) -> Json:
    params = [{"type": "Version", "value": version}] if version else []
    more = {"createdAt": created.isoformat(), "params": params}
    return {"type": type_, "status": "Successful", **more}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEks:
    monkeypatch.setattr(eks_module.time, "sleep", lambda seconds: None)
    return FakeEks()


SETTINGS = recording_of("prod").settings  # with version 1.36


def run(fake: FakeEks, settings: Settings = SETTINGS) -> list[str]:
    """Rolls the cell back; returns the reported lines."""
    lines: list[str] = []
    cluster = Eks(fake.ask, "prod")
    plan = plan_of(cluster, fake.ask, settings, "1.37", UPGRADED)
    execute(cluster, plan, settings, lines.append)
    return lines


NODES = "--kubernetes-version 1.36 --launch-template id=lt-1,version=4"
KEPT = '--resolve-conflicts OVERWRITE --configuration-values {"a": 1} '
STEPS = [
    f"update-nodegroup-version --cluster-name prod --nodegroup-name b {NODES}",
    f"update-nodegroup-version --cluster-name prod --nodegroup-name a {NODES}",
    "update-addon --cluster-name prod --addon-name kube-proxy --addon-version v1.36.2-eksbuild.4 "
    f"{KEPT}--service-account-role-arn {ROLE}",
    "update-cluster-version --name prod --kubernetes-version 1.36",
]


def test_nodes_are_rolled_back_zone_by_zone_then_add_ons_then_the_control_plane(
    fake: FakeEks,
) -> None:
    lines = run(fake)
    assert fake.changes == STEPS
    assert lines == [
        "node group b (us-east-1a) …",
        "node group b (us-east-1a): rolled back in 0 minutes",
        "node group a (us-east-1b) …",
        "node group a (us-east-1b): rolled back in 0 minutes",
        "add-on kube-proxy …",
        "add-on kube-proxy: rolled back in 0 minutes",
        "control plane …",
        "control plane: rolled back in 0 minutes",
    ]


def test_a_second_run_continues_after_a_failed_drain(fake: FakeEks) -> None:
    error = {"errorCode": "PodEvictionFailure", "errorMessage": "Reached max retries"}
    fake.fails["update-nodegroup-version"] = {"status": "Failed", "errors": [error]}
    with pytest.raises(RollbackError, match="PodEvictionFailure: Reached max retries") as raised:
        run(fake)
    assert str(raised.value).startswith("node group b (us-east-1a): the update failed; ")
    assert fake.changes == STEPS[:1], "the drain of a second zone would begin"
    fake.fails.clear()
    run(fake)
    assert fake.changes[1:] == STEPS[1:]


def test_a_canceled_update_stops_the_rollback(fake: FakeEks) -> None:
    fake.fails["update-nodegroup-version"] = {"status": "Cancelled"}
    with pytest.raises(RollbackError, match="the update cancelled"):
        run(fake)
    assert fake.changes == STEPS[:1]


def test_nodes_get_the_release_version_of_their_pool(fake: FakeEks) -> None:
    release = "1.36.2-20261101"
    run(fake, settings_of((("ha-eks:pools", "general", "releaseVersion"), release)))
    assert [f"--release-version {release}" in each for each in fake.changes[:2]] == [True, True]


def test_an_add_on_without_configuration_keeps_none(fake: FakeEks) -> None:
    del fake.add_ons["kube-proxy"]["configurationValues"]
    run(fake)
    assert "--configuration-values" not in fake.changes[2]
    assert f"--service-account-role-arn {ROLE}" in fake.changes[2]


def test_insights_that_do_not_pass_are_read(fake: FakeEks) -> None:
    fake.insights = [
        {"name": name, "insightStatus": {"status": status}}
        for name, status in (("a", "PASSING"), ("b", "WARNING"), ("c", "ERROR"))
    ]
    assert [*Eks(fake.ask, "prod").insights()] == [("WARNING", "b"), ("ERROR", "c")]


def test_an_update_in_progress_is_awaited(fake: FakeEks, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.groups["b"] |= {"status": "UPDATING"}
    done = {"status": "ACTIVE", "version": "1.36"}
    monkeypatch.setattr(eks_module.time, "sleep", lambda seconds: fake.groups["b"].update(done))
    run(fake)
    assert fake.changes == STEPS[1:]


def test_the_last_successful_version_update_counts(fake: FakeEks) -> None:
    assert Eks(fake.ask, "prod").last_version_update() == UPGRADED


def test_times_of_both_versions_of_the_cli_are_read() -> None:
    assert time_of("2026-11-27T05:00:00-05:00") == time_of(START.timestamp()) == START


def test_only_an_active_cluster_is_rolled_back(fake: FakeEks) -> None:
    fake.cluster["status"] = "FAILED"
    with pytest.raises(RollbackError, match="has the status FAILED"):
        Eks(fake.ask, "prod").version()


def test_an_add_on_without_a_version_for_the_cluster_stops_before_any_change(
    fake: FakeEks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tools.deploy.rollback_version.plan.wanted_versions", lambda ask, cluster, name: []
    )
    with pytest.raises(RollbackError, match="no default version of the add-on kube-proxy"):
        run(fake)
    assert fake.changes == []


@pytest.mark.parametrize(
    ("live", "last", "days", "reason"),
    [
        ("1.37", UPGRADED, 7, None),
        ("1.37", UPGRADED, 8, "the upgrade to 1.37 began on 2026-11-27 10:00 UTC"),
        ("1.37", None, 0, "the cluster was created with 1.37"),
        ("1.37", ROLLED_BACK, 0, "the cluster was created with 1.37"),
        ("1.36", ROLLED_BACK, 0, "the cluster was rolled back to 1.36"),
        ("1.37", UPGRADED, 400, "within 7 days"),
    ],
)
def test_what_eks_does_not_roll_back_is_refused_before_any_change(
    live: str, last: VersionUpdate | None, days: int, reason: str | None
) -> None:
    found = refusal(live, last, START + timedelta(days=days))
    assert (found is None) == (reason is None)
    assert (reason or "") in (found or "")


def test_a_version_in_extended_support_is_refused() -> None:
    late = datetime(2027, 8, 3, tzinfo=UTC)  # the standard support of 1.36 ends on 2027-08-02
    upgraded = VersionUpdate(type="VersionUpdate", version="1.37", started=late)
    found = refusal("1.37", upgraded, late)
    assert "only with the upgrade policy EXTENDED" in (found or "")
    assert refusal("1.37", upgraded, late - timedelta(days=1)) is None


def test_the_stack_file_must_have_the_previous_version() -> None:
    assert [*version_problem(SETTINGS, "1.37")] == []
    [problem] = version_problem(SETTINGS, "1.36")
    assert problem.key == "ha-eks:cluster.version"
    assert problem.message.startswith('write "1.35", the version before the upgrade')


def printing(output: object) -> str:
    return f"printf '%s' '{json.dumps(output)}'"


def upgraded(machine: Machine, live: str, **scripts: str) -> None:
    """Gives the machine a cluster without nodes that was upgraded to a version an hour ago."""
    update = _update("VersionUpdate", live, datetime.now(UTC) - timedelta(hours=1))
    commands = {
        "describe_cluster": printing({"cluster": {"version": live, "status": "ACTIVE"}}),
        "list_updates": printing({"updateIds": ["u-1"]}),
        "describe_update": printing({"update": update}),
        "list_nodegroups": printing({"nodegroups": []}),
        "list_insights": printing({"insights": [
            {"name": "Old nodes", "insightStatus": {"status": "WARNING"}},
            {"name": "Deprecated API", "insightStatus": {"status": "ERROR", "reason": "in use"}},
        ]}),
        **scripts,
    }  # fmt: skip
    machine.aws(**commands)


COMMAND = "tools.deploy.rollback_version"
INSIGHT = "rollback insight with status ERROR: Deprecated API: in use"


def changes_of(machine: Machine) -> list[str]:
    """Returns the calls that change EKS or the state."""
    calls = [each.rpartition(" in ")[0] for each in machine.calls()]
    return [each for each in calls if each.startswith(("aws [eks][update", "pulumi"))]


def test_a_cell_is_rolled_back_and_its_state_refreshed(machine: Machine) -> None:
    started = printing({"update": {"id": "u-1", "status": "InProgress"}})
    upgraded(machine, "1.37", update_cluster_version=started)
    done = machine.runs(COMMAND, "own")
    assert done.returncode == 0, done.stderr
    targets = "".join(f"[--target][{each}]" for each in TARGETS)
    change, refresh = changes_of(machine)
    assert change.startswith(
        "aws [eks][update-cluster-version][--name][own][--kubernetes-version][1.36]"
    )
    assert refresh == f"pulumi [refresh][--yes][--skip-preview][--stack][own]{targets}"
    lines = done.stderr.splitlines()
    assert lines[1:4] == [
        "  control plane: 1.37 to 1.36",
        "caution: rollback insight with status WARNING: Old nodes",
        f"caution: {INSIGHT}",
    ]
    assert lines[-1] == (
        "now run make up STACK=own, which updates the other add-ons and the Cluster Autoscaler to "
        "1.36, and commit Pulumi.own.yaml"
    )


def test_a_refusal_of_eks_is_printed_with_the_insights_behind_it(machine: Machine) -> None:
    upgraded(machine, "1.37", update_cluster_version="echo 'blocked by insights' >&2; exit 254")
    done = machine.runs(COMMAND, "own")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "control plane: aws eks update-cluster-version: blocked by insights; fix the cause, then "
        "run the same command again, which continues with the steps that are left",
        INSIGHT,
    ]
    assert len(changes_of(machine)) == 2, "the state would not have the versions of the nodes"


def test_check_changes_nothing(machine: Machine) -> None:
    upgraded(machine, "1.37")
    done = machine.runs(COMMAND, "own", "--check")
    assert (done.returncode, changes_of(machine)) == (0, []), done.stderr
    assert "  control plane: 1.37 to 1.36" in done.stderr.splitlines()


def test_a_stack_file_with_the_newer_version_is_refused_with_its_line(machine: Machine) -> None:
    upgraded(machine, "1.36")
    done = machine.runs(COMMAND, "own")
    assert done.returncode == 1
    rows = machine.stack.read_text().splitlines()
    [line] = (number for number, row in enumerate(rows, 1) if 'version: "1.36"' in row)
    assert done.stderr == (
        f'Pulumi.own.yaml:{line}: ha-eks:cluster.version: write "1.35", the version before the '
        "upgrade: the control plane runs 1.36, and the next make up must not upgrade it again\n"
    )
    assert changes_of(machine) == []


def test_a_rollback_to_another_version_than_that_of_the_file_is_not_continued(
    machine: Machine,
) -> None:
    back = _update("VersionRollback", "1.35", datetime.now(UTC))
    upgraded(machine, "1.35", describe_update=printing({"update": back}))
    done = machine.runs(COMMAND, "own")
    assert done.returncode == 1
    assert "the cluster was rolled back to 1.35" in done.stderr
    assert changes_of(machine) == []


def test_after_the_rollback_only_the_state_is_refreshed(machine: Machine) -> None:
    back = _update("VersionRollback", "1.36", datetime.now(UTC))
    upgraded(machine, "1.36", describe_update=printing({"update": back}))
    done = machine.runs(COMMAND, "own")
    assert done.returncode == 0, done.stderr
    assert [each.split("]")[0] for each in changes_of(machine)] == ["pulumi [refresh"]
