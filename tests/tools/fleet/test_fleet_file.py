"""fleet.yaml is read with the messages of a stack file."""

import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from settings import SettingsError
from settings.reading.declared import fields_of
from tools.fleet.cells import fleet_of, order_cautions
from tools.fleet.fleet_file import Fleet, Frozen, Window, read_fleet
from tools.fleet.interfaces import FleetError
from tools.recording.record import ROOT

EXISTING = "the stack files are Pulumi.one.yaml, Pulumi.two.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "apps.yaml", tmp_path)
    standby = (ROOT / "Pulumi.prod-standby.yaml").read_text(encoding="utf-8")
    for name in ("one", "two"):
        (tmp_path / f"Pulumi.{name}.yaml").write_text(standby, encoding="utf-8")
    return tmp_path


def refused(folder: Path, text: str | None) -> list[str]:
    if text is not None:
        (folder / "fleet.yaml").write_text(text, encoding="utf-8")
    with pytest.raises((SettingsError, FleetError)) as caught:
        fleet_of(folder)
    return str(caught.value).splitlines()


def test_the_shipped_fleet_updates_the_standby_first() -> None:
    fleet, cells = fleet_of(ROOT)
    roles = [settings.traffic and settings.traffic.role for settings in cells.values()]
    assert roles == ["secondary", "primary"]
    assert order_cautions(cells) == []
    assert fleet.frozen


def test_a_primary_before_its_secondary_is_a_caution() -> None:
    fleet, cells = fleet_of(ROOT)
    first, second = fleet.cells
    assert order_cautions({second: cells[second], first: cells[first]}) == [
        f"{second} serves all users of app.example.com, and a change reaches it before {first}; "
        f"write {first} first in fleet.yaml"
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            None,
            [
                "fleet.yaml: file: not found; list the cells in it: cells: [NAME, NAME] "
                f"(docs/fleet.md); {EXISTING}"
            ],
        ),
        ("", ["fleet.yaml: file: must be a mapping; see docs/fleet.md"]),
        ("[one]", ["fleet.yaml: file: must be a mapping; see docs/fleet.md"]),
        (
            "bakeMinutes: 0\ncels: [one]",
            [
                "fleet.yaml: cells: required",
                "fleet.yaml:1: bakeMinutes: must be between 1 and 1440, not 0",
                'fleet.yaml:2: cels: unknown key; did you mean "cells"? All keys: docs/fleet.md',
            ],
        ),
        (
            "bakeMinutes: 10\ncells:\n- one\n- two\n- one",
            ["fleet.yaml:2: cells: one is listed more than once; list each name once"],
        ),
        (
            "bakeMinutes: 10\ncells:\n- one\n- tow",
            [f"fleet.yaml:4: cells[1]: there is no Pulumi.tow.yaml; {EXISTING}"],
        ),
        (
            "bakeMinutes: 10\ncells: []",
            ["fleet.yaml:2: cells: must have at least 1 item, but has 0"],
        ),
        (
            "bakeMinutes: 10\ncells: [one]\nfrozen:\n  timeZone: Berlin\n  windows:\n"
            '  - {start: "9:00"}\n  - {days: [fri]}\n  - {start: "18:00", end: "06:00"}',
            [
                "fleet.yaml:4: frozen.timeZone: must be a name of the IANA time zone database, "
                "such as Europe/Berlin",
                'fleet.yaml:6: frozen.windows[0].start: must be a time from "00:00" to "24:00" '
                "in quotes",
                "fleet.yaml:7: frozen.windows[1].days[0]: must be one of monday, tuesday, "
                'wednesday, thursday, friday, saturday, sunday; found "fri"; did you mean '
                '"friday"?',
                "fleet.yaml:8: frozen.windows[2]: start must be before end; for hours over "
                "midnight, write two windows",
            ],
        ),
        (
            "bakeMinutes: 10\ncells: [one]\nfrozen: {timeZone: Etc/UTC, windows: [{}]}",
            [
                "fleet.yaml:3: frozen: the windows cover the whole week; leave some hours for "
                "changes"
            ],
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line(
    folder: Path, text: str | None, lines: list[str]
) -> None:
    assert refused(folder, text) == lines


def test_a_cell_without_a_health_check_is_refused(folder: Path) -> None:
    file = folder / "Pulumi.two.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("  ha-eks:traffic")], encoding="utf-8")
    assert refused(folder, "cells: [one, two]\nbakeMinutes: 10") == [
        "fleet.yaml:1: cells[1]: Pulumi.two.yaml has no ha-eks:traffic, so that two has no health "
        "check; add ha-eks:traffic, or remove two from the fleet"
    ]


def test_problems_of_all_stack_files_are_reported_together(folder: Path) -> None:
    for name in ("one", "two"):
        file = folder / f"Pulumi.{name}.yaml"
        text = file.read_text(encoding="utf-8").replace("role: secondary", "role: other")
        file.write_text(text, encoding="utf-8")
    found = refused(folder, "cells: [one, two]\nbakeMinutes: 10")
    assert [each.partition(":")[0] for each in found] == ["Pulumi.one.yaml", "Pulumi.two.yaml"]


FROZEN = Frozen.model_validate(
    {
        "timeZone": "Europe/Berlin",
        "windows": (
            {"days": ("friday",), "start": "16:00"},
            {"days": ("saturday", "sunday")},
            {"days": ("monday",), "end": "06:30"},
        ),
    }
)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-27T14:59:59+00:00", None),
        ("2026-11-27T15:00:00+00:00", "2026-11-30T06:30:00+01:00"),
        ("2026-11-29T12:00:00+00:00", "2026-11-30T06:30:00+01:00"),
        ("2026-11-30T05:29:59+00:00", "2026-11-30T06:30:00+01:00"),
        ("2026-11-30T05:30:00+00:00", None),
        ("2026-06-05T14:00:00+00:00", "2026-06-08T06:30:00+02:00"),  # summer time
    ],
)
def test_frozen_hours_are_local_and_end_with_the_last_adjacent_window(
    now: str, until: str | None
) -> None:
    found = FROZEN.until(datetime.fromisoformat(now))
    assert (found and found.isoformat()) == until


def test_without_frozen_hours_every_time_is_free(folder: Path) -> None:
    (folder / "fleet.yaml").write_text("cells: [one]\nbakeMinutes: 10", encoding="utf-8")
    assert read_fleet(folder).frozen is None


def test_the_page_lists_all_keys() -> None:
    page = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    keys = [*fields_of(Fleet), *fields_of(Frozen), *fields_of(Window)]
    assert [key for key in keys if f"{key}` |" not in page] == []


def test_the_page_shows_the_shipped_file() -> None:
    page = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    lines = (ROOT / "fleet.yaml").read_text(encoding="utf-8").splitlines()
    assert shown.splitlines() == [each for each in lines if not each.startswith("#")]
