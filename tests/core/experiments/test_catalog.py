"""The catalog of experiments against the facts about FIS."""

import re

import pytest

from core.experiments.catalog import EXPERIMENTS
from core.experiments.experiment import Action, Experiment
from core.facts.fis_actions import MAX_PARALLEL_ACTIONS, SEND_COMMAND, WAIT
from tests.core.experiments.documented_parameters import DOCUMENTS, PARAMETERS
from tools.recording.record import ROOT

_PLACEHOLDERS = {"zone", "other_zones", "other_region", "percent", "service_account"}

CASES = [
    pytest.param(experiment, action, id=f"{experiment.name}-{action.name}")
    for experiment in EXPERIMENTS.values()
    for action in experiment.actions
]


@pytest.mark.parametrize(("experiment", "action"), CASES)
def test_actions_have_the_parameters_that_the_reference_names(
    experiment: Experiment, action: Action
) -> None:
    documented = PARAMETERS[action.id]
    given = {*action.parameters}
    if action.document:
        given |= {"documentArn", "documentParameters"}
        assert {*action.document_parameters} <= DOCUMENTS[action.document]
        assert "Sources" in action.document_parameters or action.document.endswith("CPU-Stress")
    assert documented.required <= given <= documented.required | documented.optional
    assert bool(action.document) == (action.id == SEND_COMMAND)
    for value in (*action.parameters.values(), *action.document_parameters.values()):
        assert {*re.findall(r"{(\w+)}", value)} <= _PLACEHOLDERS


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_an_experiment_fits_the_quotas_and_says_what_must_hold(experiment: Experiment) -> None:
    names = [each.name for each in experiment.actions]
    assert len({*names}) == len(names)
    assert len(names) <= MAX_PARALLEL_ACTIONS
    assert {each.after for each in experiment.actions} - {None} <= {*names}
    assert experiment.holds
    assert not {*experiment.holds} & {*experiment.expected}
    for sentence in (experiment.fault, experiment.proves):
        assert re.fullmatch(r"\S.*\.", sentence)


def test_documents_end_when_their_action_ends() -> None:
    """Otherwise the fault would last longer than the stop conditions."""
    for experiment in EXPERIMENTS.values():
        for action in experiment.actions:
            if action.document:
                seconds = int(action.document_parameters["DurationSeconds"])
                assert seconds == action.minutes * 60


def test_a_zone_is_shifted_away_five_minutes_into_its_outage() -> None:
    experiment = EXPERIMENTS["lose-a-zone"]
    by_name = {each.name: each for each in experiment.actions}
    assert by_name["shift-zone"].after == "notice"
    assert by_name["notice"].minutes == 5
    assert experiment.minutes == by_name["stop-nodes"].minutes == 30
    assert experiment.action_minutes() == 3 * 30 + 5 + 25
    assert experiment.dollars() == pytest.approx(12.0)


def test_an_action_begins_when_the_action_before_it_has_ended() -> None:
    waits = [
        Action(name="first", id=WAIT, parameters={"duration": "PT5M"}),
        Action(name="second", id=WAIT, parameters={"duration": "PT10M"}, after="first"),
    ]
    experiment = Experiment(name="x", fault="X.", proves="X.", holds=("impact",), actions=waits)
    assert experiment.minutes == 15


def test_the_price_rises_with_the_apps_whose_pods_are_deleted() -> None:
    experiment = EXPERIMENTS["delete-pods"]
    assert [experiment.action_minutes(apps) for apps in (1, 3)] == [11, 13]


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_the_page_describes_an_experiment(experiment: Experiment) -> None:
    page = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    holds = ", ".join(key if key == "impact" else f"`{key}`" for key in experiment.holds)
    cells = (
        f"`{experiment.name}`",
        experiment.fault,
        experiment.proves,
        holds,
        f"{experiment.minutes}",
        f"${experiment.dollars():.2f}",
    )
    row = f"| {' | '.join(cells)} |"
    assert row in page.splitlines(), f"write in docs/experiments.md:\n{row}"
    for sentence in experiment.before:
        [line] = [each for each in page.splitlines() if each.endswith(sentence)]
        assert f"`{experiment.name}`" in line
