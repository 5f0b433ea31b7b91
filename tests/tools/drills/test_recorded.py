"""The recorded drill: when it is stale, and the passages of the docs that quote it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import recording_of
from tools.drills import recorded
from tools.drills.figures import figures
from tools.drills.scenarios import RECORDED
from tools.recording.record import ROOT

PAGES = ("README.md", "docs/drills.md", "docs/scaling.md")


def document(**more: Any) -> dict[str, Any]:
    def result(scenario: str, bound: str, **figures: Any) -> dict[str, Any]:
        return {
            "scenario": scenario, "subject": "us-east-1a: web", "bound": bound,
            "unit": "pods serve", "detail": "", "tolerance": 1.1, "baseline_detail": "",
            "kept": True, **figures,
        }  # fmt: skip

    lost = result("zone lost", "at least", computed=4, seen=4, baseline=2)
    late = result("evicted", "at most", computed=130, seen=118.2, baseline=None)
    late |= {"unit": "s until all pods serve", "baseline_detail": "not within 155s"}
    run: dict[str, Any] = {"date": "2026-11-28", "ran_on": "0123456789ab", "real": ["kwok"]}
    zones = {
        **run,
        "results": [lost, {**lost, "seen": 5, "baseline": 6}],
        "timelines": dict[str, Any](),
    }
    eviction = {
        **run,
        "results": [late, {**lost, "seen": 3, "kept": False}],
        "timelines": dict[str, Any](),
    }
    return {
        "stack": "prod",
        "simulated": {},
        "needed": {"web": 4},
        "figures": figures(recording_of("prod").settings),
        "scenarios": {"zones": zones, "eviction": eviction},
        **more,
    }


def test_every_page_with_a_passage_is_written() -> None:
    marked = {
        str(page.relative_to(ROOT))
        for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
        if "<!-- make drill" in page.read_text(encoding="utf-8")
    }
    assert marked == {*PAGES} == {*recorded.passages(document())}


def test_a_recorded_drill_of_the_same_figures_and_scenarios_is_not_stale() -> None:
    assert not [*recorded.stale(document(), recording_of("prod"), ["zones", "eviction"])]


def test_a_recorded_drill_of_other_figures_is_stale() -> None:
    old = document(figures={**document()["figures"], "web: needed replicas": 3, "gone": 1})
    assert [*recorded.stale(old, recording_of("prod"), ["zones", "eviction"])] == [
        "web: needed replicas: 3 in the recorded drill, 4 now",
        "gone: 1 in the recorded drill, None now",
    ]


def test_a_recorded_drill_of_other_scenarios_is_stale() -> None:
    assert [*recorded.stale(document(), recording_of("prod"), ["zones", "drain"])] == [
        "scenario drain: not in the recorded drill",
        "scenario eviction: no longer a scenario",
    ]


def test_a_scenario_that_was_not_drilled_is_stale() -> None:
    old = document(scenarios={"zones": {"not_drilled": "no provider"}})
    assert [*recorded.stale(old, recording_of("prod"), ["zones"])] == [
        "scenario zones: not in the recorded drill"
    ]


def test_tables_have_the_closest_result_of_each_kind_of_promise() -> None:
    assert recorded.passages(document())["docs/scaling.md"] == (
        "| Scenario | Promise, computed | Seen | Baseline | Kept |\n"
        "|---|---|---|---|---|\n"
        "| `zones` | at least 4 pods serve (us-east-1a: web) | 4 | 2 | 2 of 2 |\n"
        "| `eviction` | at most 130 s until all pods serve (us-east-1a: web) | 118 | not within "
        "155s | 1 of 2 |\n"
        "|  | at least 4 pods serve (us-east-1a: web) | **3** | 2 |  |\n"
    )


def test_the_readme_states_the_loss_of_a_zone() -> None:
    assert recorded.passages(document())["README.md"] == (
        "The [recorded drill](docs/drills.md) of 2026-11-28 kept 3 of 4 promises. When a zone was "
        "lost, 4 of the 4 pods that the load of `web` needs still served in the worst case; with "
        "the defaults of Kubernetes, 2.\n"
    )


def test_passages_state_the_dates_of_all_scenarios() -> None:
    scenarios = document()["scenarios"]
    later = {**scenarios, "drain": {**scenarios["eviction"], "date": "2026-12-03"}}
    passages = recorded.passages(document(scenarios=later))
    assert " of 2026-11-28 to 2026-12-03 kept 4 of 6 " in passages["README.md"]
    assert "Result of 2026-11-28 to 2026-12-03: 4 of 6 promises kept." in passages["docs/drills.md"]


def test_passages_without_the_loss_of_a_zone_state_the_other_scenarios() -> None:
    drain = {"drain": document()["scenarios"]["eviction"]}
    assert recorded.passages(document(scenarios=drain))["README.md"].endswith(
        "of 2026-11-28 kept 1 of 2 promises.\n"
    )


def test_a_run_of_some_scenarios_needs_a_record_of_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "ROOT", tmp_path)
    path = tmp_path / recorded.path_of("prod")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document()), encoding="utf-8")
    assert not [*recorded.reasons_to_record_all(recording_of("prod"))]
    changed = document(figures={**document()["figures"], "zones": 2})
    path.write_text(json.dumps(changed), encoding="utf-8")
    assert [*recorded.reasons_to_record_all(recording_of("prod"))] == [
        "zones: 2 in the recorded drill, 3 now"
    ]


def test_a_record_replaces_the_passages_of_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    for page in PAGES:
        before, _, after = (ROOT / page).read_text(encoding="utf-8").partition("<!-- end -->")
        (tmp_path / page).write_text(f"{before}old\n<!-- end -->{after}", encoding="utf-8")
    monkeypatch.setattr(recorded, "ROOT", tmp_path)
    monkeypatch.setattr(recorded, "ran_on", lambda _: "0123456789ab")  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    run = {"date": "2026-11-28", "real": ["kwok"]}
    recorded.write({**document(), **run}, recording_of("prod"), ["zones", "eviction"])
    assert recorded.read("prod") == json.loads(json.dumps(document()))
    for page in PAGES:
        text = (tmp_path / page).read_text(encoding="utf-8")
        assert recorded.passage_in(text, "prod") == recorded.passages(document())[page]


def test_the_digest_of_a_drill_changes_with_the_manifests() -> None:
    assert recorded.ran_on(recording_of("prod")) != recorded.ran_on(recording_of("prod-standby"))


def test_the_recorded_drill_shows_what_the_docs_state() -> None:
    assert [*recorded.stale(recorded.read("prod"), recording_of("prod"), RECORDED)] == []


@pytest.mark.parametrize("page", PAGES)
def test_each_page_quotes_the_recorded_drill(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert recorded.passage_in(text, "prod") == recorded.passages(recorded.read("prod"))[page]
