"""Finds the line of each problem in a stack file.

Pulumi passes values to the program, not files. A value may also come from another file
(`--config-file`) or from the environment. Therefore a problem has a line only if the stack file has
the value of the problem at the key.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from settings.reading.paths import follow
from settings.reading.problem import Problem
from settings.reading.yaml_nodes import Entry, children, compose, value_of


def with_lines(file: Path, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Returns the problems with their lines in the file.

    A missing key has the line of the nearest existing key above. A problem has no line if the value
    in the file differs.
    """
    config = _config(file)
    if config is None:
        return tuple(problems)
    return tuple(replace(each, line=each.line or _line(config, each)) for each in problems)


def lines_of(file: Path, keys: Iterable[str]) -> Mapping[str, int | None]:
    """Returns the line of each config key in a stack file, or of the nearest existing key above.

    The line is None if no part of the key is in the file.
    """
    config = _config(file)
    if config is None:
        return dict.fromkeys(keys)
    found = {key: follow(config, key, children)[0] for key in dict.fromkeys(keys)}
    return {key: None if entry is config else entry.line for key, entry in found.items()}


def _config(file: Path) -> Entry | None:
    try:
        root = compose(file.read_text(encoding="utf-8"))
        return children(root).get("config") if root else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return None


def _line(config: Entry, problem: Problem) -> int | None:
    if ":" not in problem.key:  # not a config key: the problem is about the whole file
        return None
    entry, missing = follow(config, problem.key, children)
    written = None if missing else value_of(entry.node, problem.key, [])
    return entry.line if _same(written, problem.value) else None


def _same(written: object, value: object) -> bool:
    """True if a value of the file equals a value of the config, in which Pulumi passes scalars as
    text."""
    return written == value or _text(written) == _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
