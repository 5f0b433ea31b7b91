"""What all sections of the stack file have in common."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, PydanticCustomError

from settings.reading.problem import Problem


class Section(BaseModel):
    """A part of the stack file: frozen, strict, camelCase outside and snake_case inside."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
    )


def written(section: Section, field: str) -> object:
    """Returns the value of a field, or None if the stack file does not contain the field."""
    return getattr(section, field) if field in section.model_fields_set else None


def refuse(message: str) -> PydanticCustomError:
    """The error with which a field's validator says what is allowed."""
    return PydanticCustomError("refused", "{allowed}", {"allowed": message})


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise refuse(f"each once ({', '.join(repeated)} is named more than once)")
    return values


Unique = AfterValidator(_unique)
"""Marks a tuple of names in which none may stand twice."""


def shape_problems(key: str, error: ValidationError, section: type[BaseModel]) -> Iterator[Problem]:
    """The problems of one key, in our words, from what pydantic found."""
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and any(_is_below(each, detail) for each in details):
            continue  # pydantic counts only the items that it could take
        path = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"]
        )
        missing = detail["type"] == "missing"
        yield Problem(
            key=key + path.removesuffix(".[key]"),
            value=None if missing else detail["input"],
            message=_message(detail, section),
        )


def _is_below(detail: ErrorDetails, other: ErrorDetails) -> bool:
    depth = len(other["loc"])
    return len(detail["loc"]) > depth and detail["loc"][:depth] == other["loc"]


def _message(detail: ErrorDetails, section: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        return unknown_key(str(detail["loc"][-1]), _known_keys(section, detail))
    if detail["type"] == "missing":
        return "a value: this key is required"
    context = detail.get("ctx", {})
    if detail["type"] == "too_short":
        return f"at least {context['min_length']} items"
    if detail["type"] == "too_long":
        return f"at most {context['max_length']} items"
    return detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")


def unknown_key(key: str, known: Mapping[str, object] | list[str]) -> str:
    """What to tell of a key that nobody knows: the nearest one that somebody does."""
    names = sorted(known)
    nearest = get_close_matches(key, names, n=1)
    meant = f"{nearest[0]} (did you mean it?), or one of " if nearest else "one of "
    return f"no such key; {meant}{', '.join(names)}"


def _known_keys(section: type[BaseModel], detail: ErrorDetails) -> list[str]:
    model: type[BaseModel] = section
    for part in detail["loc"][:-1]:
        if "root" in model.model_fields:  # the part is a name that people chose
            model = _model_in(model.model_fields["root"].annotation) or model
            continue
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                inner = _model_in(field.annotation)
                model = inner or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
