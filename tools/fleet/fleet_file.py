"""Reads fleet.yaml: the cells of the fleet in order, and when a change may reach the next one."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, cast, get_args
from zoneinfo import ZoneInfo

from annotated_types import MinLen
from pydantic import AfterValidator, Field, ValidationError, model_validator

from settings import Problem, SettingsError
from settings.reading.check import as_tuples
from settings.reading.paths import follow
from settings.reading.section import Section, Unique, refuse
from settings.reading.shape import shape_problems
from settings.reading.stack_file import existing_stack_files, read_yaml
from settings.reading.time_zone import TimeZone
from settings.reading.yaml_nodes import children, compose

NAME = "fleet.yaml"
PAGE = "docs/fleet.md"
"""Page that lists all keys."""

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_DAYS: tuple[Day, ...] = get_args(Day)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_WEEK = timedelta(days=7)


def _time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise refuse('must be a time from "00:00" to "24:00" in quotes')
    return value


Time = Annotated[str, AfterValidator(_time)]
"""Time of a day, such as `16:00`; `24:00` is the end of the day."""


class Window(Section):
    """Hours of some days of the week."""

    days: Annotated[tuple[Day, ...], MinLen(1), Unique] = _DAYS
    """Days of the week. Default: all."""
    start: Time = "00:00"
    """Time of the beginning. Default: `00:00`."""
    end: Time = "24:00"
    """Time of the end. Default: `24:00`."""

    @model_validator(mode="after")
    def _check(self) -> "Window":
        if self.start >= self.end:
            raise refuse("start must be before end; for hours over midnight, write two windows")
        return self

    def end_after(self, wall: datetime) -> datetime | None:
        """Returns the end of the window that contains a time of its time zone; None outside."""
        midnight = datetime.combine(wall, time())
        start, end = (midnight + _since_midnight(each) for each in (self.start, self.end))
        return end if _DAYS[wall.weekday()] in self.days and start <= wall < end else None


class Frozen(Section):
    """Hours in which no change begins."""

    time_zone: TimeZone
    """Time zone of the windows, by its IANA name. Required."""
    windows: Annotated[tuple[Window, ...], MinLen(1)]
    """Frozen hours. Required."""

    @model_validator(mode="after")
    def _check(self) -> "Frozen":
        if self._end_of(datetime(2024, 1, 1)) is None:
            raise refuse("the windows cover the whole week; leave some hours for changes")
        return self

    def until(self, now: datetime) -> datetime | None:
        """Returns the end of the frozen hours that contain a time; None outside of them."""
        zone = ZoneInfo(self.time_zone)
        wall = now.astimezone(zone).replace(tzinfo=None)
        end = self._end_of(wall)
        return None if end in (None, wall) else end.replace(tzinfo=zone)

    def _end_of(self, wall: datetime) -> datetime | None:
        """Returns the end of all windows from a time on without a gap; None if there is none."""
        end = wall
        while end - wall <= _WEEK:
            ends = [each for window in self.windows if (each := window.end_after(end))]
            if not ends:
                return end
            end = max(ends)
        return None


class Fleet(Section):
    """The cells that a change reaches one after another."""

    cells: Annotated[tuple[str, ...], MinLen(1), Unique]
    """Names of the stacks, in the order in which a change reaches them. Required."""
    bake_minutes: Annotated[int, Field(ge=1, le=1440)]
    """Minutes for which a cell must be healthy after its update, before the change goes on to the
    next cell. Required."""
    approval: bool = False
    """True: a person approves each cell after the first. Default: false."""
    frozen: Frozen | None = None
    """Hours in which no cell is updated. Default: none."""


def read_fleet(root: Path) -> Fleet:
    """Returns the fleet of a folder; raises SettingsError with every problem of the file."""
    file = root / NAME
    advice = f"list the cells in it: cells: [NAME, NAME] ({PAGE}); {existing_stack_files(root)}"
    document, problems = read_yaml(file, missing=advice)
    if problems:
        raise SettingsError(file, problems)
    if not isinstance(document, dict):
        raise SettingsError(file, [Problem(key="file", message=f"must be a mapping; see {PAGE}")])
    try:
        fleet = Fleet.model_validate(as_tuples(cast("object", document)))
    except ValidationError as error:
        found = [*shape_problems("", error, Fleet, PAGE)]
        raise fleet_error(root, found) from error
    unknown = [
        Problem(
            key=f"cells[{number}]",
            message=f"there is no Pulumi.{cell}.yaml; {existing_stack_files(root)}",
        )
        for number, cell in enumerate(fleet.cells)
        if not (root / f"Pulumi.{cell}.yaml").is_file()
    ]
    if unknown:
        raise fleet_error(root, unknown)
    return fleet


def fleet_error(root: Path, problems: Iterable[Problem]) -> SettingsError:
    """Returns the error that refuses fleet.yaml, with the line of each problem."""
    file = root / NAME
    entry = compose(file.read_text(encoding="utf-8"))
    assert entry  # the file has been read
    located: list[Problem] = []
    for each in problems:
        key = each.key.removeprefix(".")
        place, _ = follow(entry, key, children)
        located.append(replace(each, key=key, line=None if place is entry else place.line))
    return SettingsError(file, located)


def _since_midnight(text: str) -> timedelta:
    hours, _, minutes = text.partition(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
