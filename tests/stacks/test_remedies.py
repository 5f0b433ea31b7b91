"""Remedies of an outage change only their resources, and do not wait for pods."""

from collections.abc import Callable

import pytest

import settings
from tests.alarm_evaluation import COMPOSITE, METRIC, alarms, members
from tests.stacks.running_cluster import record_again
from tools.recording import Recording, Resource
from tools.rehearsal.edits.apps import main_app_section
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.edits.network import take_zone_out
from tools.rehearsal.edits.scaling import add_query
from tools.rehearsal.edits.traffic import add_critical_app, drain_cell

ALARMS = (METRIC, COMPOSITE)
AUTOSCALERS = (
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:keda.sh/v1alpha1:ScaledObject",
)
CHECK = "aws:route53/healthCheck:HealthCheck"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
RELEASE = "kubernetes:helm.sh/v3:Release"
STACKS = ("dev", "prod", "prod-standby")

Record = Callable[..., Recording]


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch, previewed: Callable[[str], Recording]) -> Record:
    """Function that records a running stack after a change of its file."""

    def again(stack: str, *changes: Callable[[Config], None]) -> Recording:
        def change(config: Config) -> None:
            for each in changes:
                each(config)

        return record_again(monkeypatch, previewed(stack), change=change)

    return again


def deployment_of(recording: Recording, app: str) -> Resource:
    [found] = [each for each in recording.of_type(DEPLOYMENT) if each.name == app]
    return found


def waits_for(recording: Recording, resource: Resource) -> list[str]:
    """Returns the apps whose Deployments must become ready before a resource changes."""
    before = recording.before(resource)
    return [
        app for app in recording.settings.deployments if deployment_of(recording, app).urn in before
    ]


def record_of(recording: Recording) -> Resource:
    [found] = [e for e in recording.of_type("aws:route53/record:Record") if e.name == "traffic"]
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_taking_a_zone_out_changes_no_deployment_of_an_app_and_no_helm_release(
    running: Record, stack: str
) -> None:
    before, after = running(stack), running(stack, take_zone_out)
    changed = {
        f"{each.type} {each.name}"
        for each in after.resources
        if each.urn in {other.urn for other in before.resources}
        and each.inputs != before.get(each.urn).inputs
    }
    awaited = {f"{RELEASE} {each.name}" for each in after.of_type(RELEASE)}
    awaited |= {f"{DEPLOYMENT} {app}" for app in after.settings.deployments}
    assert not changed & awaited, "the remedy would wait for the pods of the failed zone"
    fewer_zones = before.settings.network.effective_zones > after.settings.network.effective_zones
    assert (f"{AUTOSCALERS[0]} web" in changed) is fewer_zones
    assert [each for each in changed if each.startswith("aws:eks/nodeGroup:NodeGroup")]


@pytest.mark.parametrize("stack", STACKS)
def test_in_a_running_cell_no_remedy_waits_for_pods(running: Record, stack: str) -> None:
    again = running(stack)
    types = (*AUTOSCALERS, *ALARMS, CHECK, "aws:route53/record:Record")
    for each in again.of_type(*types):
        assert waits_for(again, each) == [], f"{each.name} would wait for pods that do not start"


def test_a_new_query_does_not_wait_for_the_pods_of_a_running_app(running: Record) -> None:
    again = running("prod", add_query)
    [scaled] = again.of_type("kubernetes:keda.sh/v1alpha1:ScaledObject")
    assert waits_for(again, scaled) == []


def test_an_autoscaler_of_pulumi_never_waits_for_its_pods(recording: Recording) -> None:
    for each in recording.of_type("kubernetes:autoscaling/v2:HorizontalPodAutoscaler"):
        assert waits_for(recording, each) == [], "more replicas would wait for ready replicas"


def add_app(config: Config) -> None:
    """Adds an app that is not exposed."""
    config["ha-eks:apps"]["extra"] = {
        "image": main_app_section(config)["image"],
        "port": 8080,
        "requests": {"cpu": "50m", "memory": "32Mi"},
        "replicas": {"needed": 1, "max": 3},
    }


def test_alarms_and_checks_wait_for_new_apps_only(running: Record) -> None:
    again = running("prod", add_critical_app, add_app)
    new = {"vital", "extra"}
    for key, alarm in alarms(again).items():
        words = {*key.split("/")}
        expected = words & new if words & {"app", "health"} else set[str]()
        if "apps-below-need" in words:  # its expression reads the metrics of all apps
            expected = new
        assert {*waits_for(again, alarm)} == expected, (
            f"{key} would ring before a new app serves, or be missing if the app never does"
        )
    for composite in again.of_type(COMPOSITE):
        words = {word for name in members(composite) for word in name.split("/")}
        assert {*waits_for(again, composite)} == words & new, "a member would not exist"
    checks = {each.name: waits_for(again, each) for each in again.of_type(CHECK)}
    assert checks == {
        "traffic-app-web": [], "traffic-app-vital": ["vital"],
        "traffic-latch": ["vital"], "traffic-all": ["vital"],
    }, "a new app that does not serve yet would fail over the cell"  # fmt: skip


def test_the_record_of_a_running_cell_waits_for_no_app(running: Record) -> None:
    again = running("prod", add_app)
    assert waits_for(again, record_of(again)) == []


def test_a_cell_is_drained_without_waiting_for_any_app(
    running: Record, previewed: Callable[[str], Recording]
) -> None:
    again = running("prod", drain_cell, add_critical_app, add_app)
    assert waits_for(again, record_of(again)) == []
    new = previewed("prod")
    assert waits_for(new, record_of(new)) == [*new.settings.deployments]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("ups", [1, 2])
def test_an_up_with_targets_registers_resources_in_the_order_of_the_state(
    running: Record,
    previewed: Callable[[str], Recording],
    monkeypatch: pytest.MonkeyPatch,
    stack: str,
    ups: int,
) -> None:
    state = previewed(stack) if ups == 1 else running(stack)
    monkeypatch.setattr(settings, "has_targets", lambda: True)
    again = running(stack)
    registered = {each.urn for each in again.resources}
    late = {
        each.name: sorted({*state.get(each.urn).dependencies} & registered - again.before(each))
        for each in again.resources
    }
    assert not any(late.values()), "the engine reports a duplicate URN for each of these"


def test_only_the_autoscaler_sets_the_replicas_of_a_running_app(recording: Recording) -> None:
    for name in recording.settings.deployments:
        ignored = deployment_of(recording, name).options.get("ignoreChanges", [])
        assert ("spec.replicas" in ignored) is (name in recording.settings.replicated), (
            "each update would reset the replicas of the autoscaler"
        )
