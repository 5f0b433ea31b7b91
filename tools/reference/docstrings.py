"""Attribute docstrings of the settings' models, read from their source."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Mapping

from pydantic import BaseModel


@functools.cache
def field_docs(model: type[BaseModel]) -> Mapping[str, str]:
    """Returns the docstring of each field of a model and its bases, as one line, by field name."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not base.__module__.startswith("settings."):
            continue
        source = textwrap.dedent(inspect.getsource(base))
        [definition] = ast.parse(source).body
        assert isinstance(definition, ast.ClassDef)
        for field, doc in zip(definition.body, definition.body[1:], strict=False):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(doc, ast.Expr)
                and isinstance(doc.value, ast.Constant)
            ):
                found[field.target.id] = " ".join(str(doc.value.value).split())
    return found


def own_fields(model: type[BaseModel]) -> frozenset[str]:
    """Returns the names of the fields that a model itself declares."""
    return frozenset(inspect.get_annotations(model)) & frozenset(model.model_fields)
