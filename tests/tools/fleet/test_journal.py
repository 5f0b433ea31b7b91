"""The journal keeps each record, also if the process is killed while it writes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tools.fleet.journal import Journal, operator


def test_records_are_appended_with_time_and_operator(tmp_path: Path) -> None:
    written: list[object] = []
    now = datetime(2026, 11, 29, tzinfo=UTC)
    journal = Journal(tmp_path / "build" / "fleet", written.append, lambda: now)
    journal.append("drained", cell="one")
    journal.append("undrained", cell="one")
    first, second = journal.records()
    assert first == {
        "time": "2026-11-29T00:00:00+00:00",
        "by": operator(),
        "event": "drained",
        "cell": "one",
    }
    assert second["event"] == "undrained"
    assert written == [first, second]


@pytest.mark.parametrize("cut", ['{"event": "dra', "{", '{"event": "x"'])
def test_a_line_that_a_kill_has_cut_off_is_no_record(tmp_path: Path, cut: str) -> None:
    journal = Journal(tmp_path)
    journal.append("drained")
    with journal.file.open("a", encoding="utf-8") as file:
        file.write(cut)
    assert [each["event"] for each in journal.records()] == ["drained"]
    journal.append("undrained")
    assert [each["event"] for each in journal.records()] == ["drained", "undrained"], (
        "the record would be a part of the cut line"
    )


def test_there_are_no_records_before_the_first(tmp_path: Path) -> None:
    assert Journal(tmp_path).records() == []
