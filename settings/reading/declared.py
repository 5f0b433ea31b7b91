"""Types and constraints that the models declare for the keys of the stack file."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True, kw_only=True)
class Declared:
    """Type of a value, without None, and the constraints on it."""

    annotation: Any  # Any: types have no common type
    constraints: tuple[object, ...] = ()

    @property
    def model(self) -> type[BaseModel] | None:
        """Model of a section with a fixed set of keys; None for other types."""
        if isinstance(self.annotation, type) and issubclass(self.annotation, BaseModel):
            return self.annotation
        return None

    @property
    def choices(self) -> tuple[object, ...]:
        """Values of a Literal; empty for other types."""
        return get_args(self.annotation) if get_origin(self.annotation) is Literal else ()

    @property
    def is_mapping(self) -> bool:
        """True if the value is a mapping whose names the user chooses."""
        return get_origin(self.annotation) is dict

    @property
    def range(self) -> str | None:
        """Bounds of a number in words, such as `between 1 and 65535`."""
        low, high = self._bound(Ge, "ge"), self._bound(Le, "le")
        above, below = self._bound(Gt, "gt"), self._bound(Lt, "lt")
        if low is not None and high is not None:
            return f"between {low:,} and {high:,}".replace(",", "")
        parts = (
            (above, "more than"),
            (low, "at least"),
            (below, "less than"),
            (high, "at most"),
        )
        return (
            " and ".join(f"{words} {bound}" for bound, words in parts if bound is not None) or None
        )

    @property
    def length(self) -> str | None:
        """Bounds of a length in words, such as `between 2 and 6`."""
        low, high = self._bound(MinLen, "min_length"), self._bound(MaxLen, "max_length")
        if low is not None and high is not None:
            return f"exactly {low}" if low == high else f"between {low} and {high}"
        if low is not None:
            return f"at least {low}"
        return None if high is None else f"at most {high}"

    def _bound(self, kind: type[object], attribute: str) -> Any:
        return next((getattr(c, attribute) for c in self.constraints if isinstance(c, kind)), None)

    def child(self, part: int | str) -> "Declared | None":
        """Returns the declared type of a key of a mapping, or of an item of a list."""
        if self.model:
            return fields_of(self.model).get(str(part))
        inner = get_args(self.annotation)
        if get_origin(self.annotation) is dict:
            return declared(inner[1])
        return declared(inner[0]) if get_origin(self.annotation) is tuple else None


def declared(annotation: Any, constraints: tuple[object, ...] = ()) -> Declared:
    """Returns the type and the constraints of an annotation."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            constraints = (*constraints, *_flat(more))
        elif get_origin(annotation) in (Union, UnionType):
            inner = [each for each in get_args(annotation) if each is not type(None)]
            if len(inner) > 1:
                return Declared(annotation=annotation, constraints=constraints)
            annotation = inner[0]
        elif isinstance(annotation, type) and issubclass(annotation, RootModel):
            root = annotation.model_fields["root"]
            annotation, constraints = root.annotation, (*constraints, *root.metadata)
        else:
            return Declared(annotation=annotation, constraints=constraints)


def _flat(metadata: list[object]) -> list[object]:
    return [
        each
        for entry in metadata
        for each in (entry.metadata if isinstance(entry, FieldInfo) else [entry])
    ]


@cache
def fields_of(model: type[BaseModel]) -> Mapping[str, Declared]:
    """Returns the type and the constraints of each field of a model, by key of the stack file."""
    return {
        field.alias or name: declared(field.annotation, tuple(field.metadata))
        for name, field in model.model_fields.items()
    }


def required_keys(model: type[BaseModel]) -> list[str]:
    """Returns the keys of a section that have no default."""
    return [
        field.alias or name for name, field in model.model_fields.items() if field.is_required()
    ]


def declared_at(model: type[BaseModel], parts: tuple[int | str, ...]) -> Declared | None:
    """Returns the type and the constraints of a path below a model; None for an unknown path."""
    found: Declared | None = declared(model)
    for part in parts:
        found = found.child(part) if found else None
    return found
