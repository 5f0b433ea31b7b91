"""The report of a drill: terminal and `drills.json`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from tools.drills.drill import Sample, Watch
from tools.drills.outcome import Outcome
from tools.drills.parts import simulated_parts
from tools.drills.report import Report, closest
from tools.drills.result import Result
from tools.drills.timeline import Change, bar, changes, columns

PROGRAMS = {"etcd": Path("/cache/etcd-3.6.8-88698b377064"), "kwok": Path("/bin/kwok")}


def result(
    seen: float | None,
    bound: Literal["at least", "at most"] = "at least",
    **more: Any,
) -> Result:
    defaults: dict[str, Any] = {
        "scenario": "zone lost",
        "subject": "us-east-1a: web",
        "computed": 4,
        "unit": "pods serve",
        "baseline": 2,
        "detail": "of 6 [2/2/2 by zone]",
    }
    return Result(seen=seen, bound=bound, **{**defaults, **more})


def watch(web: Sequence[int], baseline: Sequence[int]) -> Watch:
    return Watch(
        [
            Sample(seconds=10.0 * number, serving={"web": {"a": own}, "baseline-web": {"a": other}})
            for number, (own, other) in enumerate(zip(web, baseline, strict=True))
        ]
    )


def report() -> Report:
    return Report("prod", {"web": 4}, PROGRAMS, ["zones", "eviction", "remedies"])


@pytest.mark.parametrize(
    ("bound", "seen", "kept"),
    [
        ("at least", 4, True),
        ("at least", 3.9, False),
        ("at most", 4.4, True),
        ("at most", 4.5, False),
        ("at most", None, False),
        ("at least", None, False),
    ],
)
def test_times_may_exceed_the_computed_figure_by_a_tenth(
    bound: Literal["at least", "at most"], seen: float | None, kept: bool
) -> None:
    assert result(seen, bound).kept is kept


def test_the_begin_names_what_is_real_and_what_is_simulated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    parts = simulated_parts(PROGRAMS)
    report().begin(nodes=9, seconds=8.4)
    first, real, *simulated = capsys.readouterr().out.splitlines()
    assert first == "drill of stack prod: 9 simulated nodes, all pods ready after 8s"
    assert real == "real: etcd-3.6.8, kwok"
    assert simulated == [f"simulated: {part}: {model}" for part, model in parts.items()]


@pytest.mark.parametrize(
    ("seen", "mark", "text", "verdict"),
    [
        (4, "✓", "4", "passed: 1 promises kept, 0 broken, in 0m 00s"),
        (3, "✗", "3", "failed: 0 promises kept, 1 broken, in 0m 00s"),
        (None, "✗", "not within the time", "failed: 0 promises kept, 1 broken, in 0m 00s"),
    ],
)
def test_each_promise_is_printed_with_what_was_seen(
    seen: float | None,
    mark: str,
    text: str,
    verdict: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = report()
    printed.add(Outcome("zones", [result(seen)]))
    printed.write(tmp_path, None)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "",
        "zones",
        f"  {mark} zone lost, us-east-1a: web: at least 4 pods serve; seen: {text} (of 6 "
        "[2/2/2 by zone]); baseline: 2",
    ]
    assert lines[-1] == verdict
    assert printed.all_kept is (seen == 4)
    [written] = json.loads((tmp_path / "drills.json").read_text())["scenarios"]["zones"]["results"]
    assert written["kept"] is (seen == 4)


def test_words_replace_a_figure_that_the_baseline_did_not_reach(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = report()
    late = result(100, "at most", computed=130, baseline=None, baseline_detail="not within 155s")
    printed.add(Outcome("eviction", [late, result(4, baseline=None, detail="")]))
    *_, first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("; baseline: not within 155s")
    assert second.endswith("; seen: 4")


def test_the_summary_has_the_closest_result_of_each_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    printed = report()
    printed.add(Outcome("zones", [result(5), result(4, subject="us-east-1b: web")]))
    printed.write(tmp_path, None)
    heading, row = capsys.readouterr().out.splitlines()[5:7]
    assert heading.split() == ["scenario", "promised", "seen", "baseline", "kept"]
    assert " ".join(row.split()) == "zones at least 4 pods serve (us-east-1b: web) 4 2 ✓ 2 of 2"


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([result(4, subject="closer"), result(5)], "closer"),
        ([result(5), result(3, subject="broken")], "broken"),
        ([result(4), result(4, subject="worse baseline", baseline=0)], "worse baseline"),
        ([result(4, baseline=None), result(4, subject="has a baseline")], "has a baseline"),
        ([result(1, "at most"), result(None, "at most", subject="never")], "never"),
        ([result(4, "at most", subject="slower"), result(3, "at most")], "slower"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_closest_result_is_the_one_that_nearly_broke_its_promise(
    results: list[Result], expected: str
) -> None:
    assert [each.subject for each in closest(results)] == [expected]


def test_each_kind_of_promise_has_a_closest_result() -> None:
    assert [each.bound for each in closest([result(4), result(4, "at most"), result(5)])] == [
        "at least",
        "at most",
    ]


def test_the_timeline_with_the_fewest_pods_is_printed_beside_the_baseline(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printed = report()
    printed.add(
        Outcome(
            "zones",
            timelines={"first": watch([6, 6], [6, 3]), "second": watch([6, 4, 6], [6, 0, 6])},
            seconds=30,
        )
    )
    assert capsys.readouterr().out.splitlines()[2:] == [
        "  second",
        f"  web  ha-eks    {'▇' * 23}{'▅' * 25} lowest 4",
        f"       baseline  {'▇' * 23}{'_' * 25} lowest 0",
        f"                 0s{'20s':>46}",
    ]


def test_a_drill_without_a_baseline_has_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    printed = report()
    printed.add(Outcome("zones", timelines={"first": watch([6, 5], [0, 0])}, seconds=30))
    assert "baseline" not in capsys.readouterr().out


def test_an_app_whose_pods_all_serve_has_no_timeline(capsys: pytest.CaptureFixture[str]) -> None:
    printed = report()
    printed.add(Outcome("zones", timelines={"first": watch([6, 6], [6, 6])}, seconds=30))
    assert "web" not in capsys.readouterr().out


def test_timelines_are_written_as_changes(tmp_path: Path) -> None:
    printed = report()
    printed.add(
        Outcome("zones", timelines={"zone a lost": watch([6, 6, 4, 4], [6, 6, 6, 6])}, seconds=12.3)
    )
    printed.write(tmp_path, None)
    zones = json.loads((tmp_path / "drills.json").read_text())["scenarios"]["zones"]
    assert zones["seconds"] == 12
    assert zones["timelines"] == {
        "zone a lost": {"web": [[0, 6], [20, 4], [30, 4]], "baseline-web": [[0, 6], [30, 6]]}
    }
    assert "[20.0, 4]" in (tmp_path / "drills.json").read_text(), "one line per change"


def test_outcomes_are_written_in_the_order_of_the_command(tmp_path: Path) -> None:
    written = report()
    for name in ("eviction", "zones"):
        written.add(Outcome(name, [result(4)]))
    written.write(tmp_path, None)
    scenarios = json.loads((tmp_path / "drills.json").read_text())["scenarios"]
    assert [*scenarios] == ["zones", "eviction"]


def test_a_column_has_the_lowest_number_of_pods_of_its_time() -> None:
    dip = [Change(0, 6), Change(4.9, 2), Change(5.0, 6), Change(10, 6)]
    assert columns(dip, 2) == [2, 6]
    assert columns([Change(0, 3)], 3) == [3, 3, 3]
    assert columns([Change(0.4, 3), Change(9, 3)], 3) == [3, 3, 3], "the first read takes time"
    assert changes(watch([6, 6], [0, 0]), "web") == [(0.0, 6), (10.0, 6)]


@pytest.mark.parametrize(("pods", "expected"), [(0, "_"), (1, "▂"), (3, "▄"), (6, "▇")])
def test_a_bar_shows_the_share_of_the_pods(pods: int, expected: str) -> None:
    assert bar(pods, 6) == expected


def test_a_scenario_that_does_not_run_is_in_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = report()
    printed.not_drilled("remedies", "no provider")
    printed.write(tmp_path, None)
    assert capsys.readouterr().out.splitlines()[:3] == [
        "", "remedies", "  NOT DRILLED: no provider",
    ]  # fmt: skip
    written = json.loads((tmp_path / "drills.json").read_text())
    assert written["scenarios"] == {"remedies": {"not_drilled": "no provider"}}


def test_a_drill_that_ends_early_has_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report().write(tmp_path, "drain of general-us-east-1a-0: not within 600s")
    assert "failed: 0 promises kept, 0 broken" in capsys.readouterr().out
    assert json.loads((tmp_path / "drills.json").read_text())["failure"]
