"""Base class of all sections of the stack file."""

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A section of the stack file: frozen and strict, with camelCase keys for snake_case fields."""

    model_config = ConfigDict(
        defer_build=True,  # the schema of the whole stack file contains the others
        frozen=True,
        strict=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
    )


def refuse(message: str) -> PydanticCustomError:
    """Returns the error that a validator raises to refuse a value, with the complete message."""
    return PydanticCustomError("refused", "{message}", {"message": message})


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise refuse(f"{', '.join(repeated)} is listed more than once; list each name once")
    return values


Unique = AfterValidator(_unique)
"""Constraint on a list of names: each name at most once."""
