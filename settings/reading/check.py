"""Checks a stack's config, in two phases that are each complete."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_snake

from settings.aws import Aws
from settings.reading.problem import Problem
from settings.reading.section import shape_problems, unknown_key
from settings.rules import RULES
from settings.stack import AWS, NAMESPACE, OPTIONAL, REQUIRED, Settings


def check(config: Mapping[str, object]) -> tuple[Settings | None, list[Problem]]:
    """Settings from a stack's config, or every problem of the phase that found any.

    `config` has full keys ("ha-eks:network", "aws:region") and values as YAML gives them. Keys of
    other namespaces are none of ours.
    """
    problems: list[Problem] = list(_unknown_keys(config))
    sections: dict[str, Any] = {"traffic": None}  # Any: a model of each its own type
    for key, section, value in _inputs(config):
        if value is None:
            problems.append(Problem(key=key, value=None, message="a value: this key is required"))
            continue
        try:
            name = to_snake(key.rpartition(":")[2])
            sections[name] = section.model_validate(_tuples(value))
        except ValidationError as error:
            found = shape_problems(key, error, section)
            problems.extend(_aws_key(problem) if key == AWS else problem for problem in found)
    if problems:
        return None, problems
    settings = Settings.model_construct(**sections)  # each section was validated on its own
    problems = [problem for rule in RULES for problem in rule(settings)]
    return (None, problems) if problems else (settings, [])


def _inputs(config: Mapping[str, object]) -> Iterator[tuple[str, type[BaseModel], object]]:
    """Key, model and value of each section; a required one that is not there is None."""
    yield AWS, Aws, {k.split(":", 1)[1]: v for k, v in config.items() if k.startswith("aws:")}
    for name, section in REQUIRED.items():
        key = f"{NAMESPACE}:{name}"
        yield key, section, config.get(key)
    for name, section in OPTIONAL.items():
        key = f"{NAMESPACE}:{name}"
        given = config.get(key)
        value: object = dict[str, object]() if given is None else given
        if name != "traffic" or value != {}:
            yield key, section, value


def _tuples(value: object) -> object:
    """YAML's lists as the tuples that frozen settings hold; strict models take nothing else."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in cast("list[object]", value))
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in cast("dict[str, object]", value).items()}
    return value


def _aws_key(problem: Problem) -> Problem:
    """`aws` is not one key with a path in it, but a namespace."""
    key = problem.key.replace("aws.", "aws:", 1)
    return Problem(key=key, value=problem.value, message=problem.message)


def _unknown_keys(config: Mapping[str, object]) -> Iterator[Problem]:
    known = {**REQUIRED, **OPTIONAL}
    for key, value in config.items():
        namespace, _, name = key.partition(":")
        if namespace == NAMESPACE and name not in known:
            yield Problem(key=key, value=value, message=unknown_key(name, known))
