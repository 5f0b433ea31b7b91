"""Finds the line of each problem in a stack file or in its shared file.

Pulumi passes values to the program, not files. A value may also come from another file
(`--config-file`) or from the environment. Therefore a problem has a line only if the files have the
value of the problem at the key.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import cast

import yaml

from settings.reading.paths import follow, value_at
from settings.reading.problem import Problem
from settings.reading.shared_file import EXTENDS, shared_file, with_shared
from settings.reading.yaml_nodes import Entry, children, compose, value_of


@dataclass(frozen=True, kw_only=True)
class Place:
    """A line of a file."""

    file: str
    """Path of the file, relative to the working directory if the user wrote it so."""
    line: int
    """Line, from 1."""

    def __str__(self) -> str:
        """Returns file and line, separated by a colon."""
        return f"{self.file}:{self.line}"


class StackLines:
    """Lines of the keys of a stack file and of its shared file."""

    def __init__(self, file: Path) -> None:
        self._file, self._config = file, _config(file)
        self._shared = shared_file(_values(self._config), file) if self._config else None
        self._inherited = _config(self._shared) if self._shared else None

    def place_of(self, key: str) -> Place | None:
        """Returns the place of a config key, or of the nearest existing key above.

        None if no part of the key is in the files.
        """
        if self._config is None:
            return None
        entry, rest = follow(self._config, key, children)
        # A list or a plain value of the stack file replaces that of the shared file.
        if rest and self._inherited and isinstance(entry.node, yaml.MappingNode):
            inherited, left = follow(self._inherited, key, children)
            if len(left) < len(rest):
                assert self._shared
                return Place(file=self._shared.name, line=inherited.line)
        return None if entry is self._config else Place(file=self._file.name, line=entry.line)

    def located(self, problem: Problem) -> Problem:
        """Returns a problem with its place, if the files have its value."""
        if problem.line or self._config is None or ":" not in problem.key:
            return problem  # a key without a colon: the problem is about the whole file
        if not _same(value_at(self._values, problem.key), problem.value):
            return problem
        place = self.place_of(problem.key) or Place(file=self._file.name, line=self._config.line)
        other = None if place.file == self._file.name else place.file
        return replace(problem, line=place.line, file=other)

    @cached_property
    def _values(self) -> Mapping[str, object]:
        values = _values(self._config)
        if self._shared is None:
            return values
        return {**with_shared(values, _values(self._inherited)), EXTENDS: values[EXTENDS]}


def with_lines(file: Path, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Returns the problems with their lines in a stack file or its shared file.

    A missing key has the line of the nearest existing key above. A problem has no line if the value
    in the files differs.
    """
    lines = StackLines(file)
    return tuple(lines.located(each) for each in problems)


def _config(file: Path) -> Entry | None:
    try:
        root = compose(file.read_text(encoding="utf-8"))
        return children(root).get("config") if root else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return None


def _values(config: Entry | None) -> dict[str, object]:
    try:
        value = value_of(config.node, "", []) if config else None
    except RecursionError:  # contains itself through an anchor
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _same(written: object, value: object) -> bool:
    """True if a value of the file equals a value of the config, in which Pulumi passes scalars as
    text. The reader of the file leaves integers of many digits as text."""
    if written == value or _text(written) == _text(value):
        return True
    if isinstance(written, dict) and isinstance(value, dict):
        one, other = cast("dict[str, object]", written), cast("dict[str, object]", value)
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(written, list) and isinstance(value, list):
        listed, others = cast("list[object]", written), cast("list[object]", value)
        return len(listed) == len(others) and all(map(_same, listed, others))
    return False


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
