"""Checks the config of a stack in two phases: the shape of each key, and the rules across keys."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, cast

from pydantic import BaseModel, RootModel, ValidationError
from pydantic.alias_generators import to_snake

from settings.aws import Aws
from settings.reading import shape
from settings.reading.declared import Declared, declared
from settings.reading.paths import value_at
from settings.reading.problem import Problem
from settings.reading.shared_file import EXTENDS, Extends
from settings.reading.stack_name import stack_name_problems
from settings.rules import RULES
from settings.stack import AWS, NAMESPACE, OPTIONAL, REQUIRED, Settings


def check_stack(name: str, config: Mapping[str, object]) -> tuple[Settings | None, list[Problem]]:
    """Returns the result of `check`, or the problems of the name of the stack and of its config."""
    settings, problems = check(config)
    problems = [*stack_name_problems(name), *problems]
    return (None, problems) if problems else (settings, [])


def check(config: Mapping[str, object]) -> tuple[Settings | None, list[Problem]]:
    """Returns the settings of a stack's config, or every problem of the first phase with problems.

    The first phase checks the shape of every key, the second the rules across keys. `config` has
    full keys (`ha-eks:network`, `aws:region`) and plain YAML values, with those of the shared file.
    Keys of other namespaces are ignored.
    """
    settings, problems = _check(config)
    return settings, [replace(each, value=value_at(config, each.key)) for each in problems]


def _check(config: Mapping[str, object]) -> tuple[Settings | None, list[Problem]]:
    problems: list[Problem] = list(_unknown_keys(config))
    sections: dict[str, Any] = {"traffic": None}  # Any: each section has its own model
    for key, section, value in _inputs(config):
        if value is None:
            problems.append(Problem(key=key, message=shape.REQUIRED))
            continue
        try:
            sections[_attribute(key)] = section.model_validate(as_tuples(value))
        except ValidationError as error:
            found = shape.shape_problems(key, error, section)
            problems.extend(_aws_key(problem) if key == AWS else problem for problem in found)
    if problems:
        return None, problems
    settings = Settings.model_construct(**sections)  # each section was validated on its own
    problems = [problem for rule in RULES for problem in rule(settings)]
    return (None, problems) if problems else (settings, [])


def _inputs(config: Mapping[str, object]) -> Iterator[tuple[str, type[BaseModel], object]]:
    """Yields key, model and value of each section; the value of a missing required key is None."""
    yield AWS, Aws, {k.split(":", 1)[1]: v for k, v in config.items() if k.startswith("aws:")}
    for name, section in REQUIRED.items():
        key = f"{NAMESPACE}:{name}"
        yield key, section, config.get(key) or None  # {} is the default in Pulumi.yaml
    for name, section in OPTIONAL.items():
        key = f"{NAMESPACE}:{name}"
        written = config.get(key)
        value = _default(section) if written is None else written
        if name != "traffic" or value != {}:
            yield key, section, value


@cache
def _attribute(key: str) -> str:
    """Returns the attribute of Settings that has the values of a key."""
    return to_snake(key.rpartition(":")[2])


@cache
def _default(section: type[BaseModel]) -> object:
    """Returns the value of an absent optional key: an empty section, or the default of a scalar."""
    if issubclass(section, RootModel):
        return section.model_fields["root"].get_default(call_default_factory=True)
    return dict[str, object]()


def as_tuples(value: object) -> object:
    """Returns a value with tuples in place of lists, because strict models accept only tuples."""
    if isinstance(value, list):
        return tuple(as_tuples(item) for item in cast("list[object]", value))
    if isinstance(value, dict):
        return {key: as_tuples(item) for key, item in cast("dict[str, object]", value).items()}
    return value


def _aws_key(problem: Problem) -> Problem:
    """Returns a problem of the `aws` model with its full key, in which `aws` is the namespace."""
    return replace(problem, key=problem.key.replace("aws.", "aws:", 1))


@cache
def _known_keys() -> Mapping[str, Declared]:
    """Returns the type of each key of the stack file, by name."""
    models = {**REQUIRED, **OPTIONAL, EXTENDS.partition(":")[2]: Extends}
    return {name: declared(model) for name, model in models.items()}


def _unknown_keys(config: Mapping[str, object]) -> Iterator[Problem]:
    known = _known_keys()
    for key in config:
        namespace, _, name = key.partition(":")
        if namespace == NAMESPACE and name not in known:
            yield Problem(key=key, message=shape.unknown_key(name, known, NAMESPACE))
