"""Examples of settings whose type and default do not already show one."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel

_FILE = Path(__file__).with_suffix(".yaml")


@functools.cache
def examples() -> Mapping[str, Mapping[str, Any]]:  # Any: a value of a stack file
    """Returns the example of each key that has one, by key, by the name of its model."""
    text = _FILE.read_text(encoding="utf-8")
    return cast("dict[str, dict[str, Any]]", yaml.safe_load(text))


def example_of(model: type[BaseModel], key: str) -> object:
    """Returns the example of a key of a model or of its base, or None."""
    found = (examples().get(base.__name__, {}).get(key) for base in model.__mro__)
    return next((each for each in found if each is not None), None)
