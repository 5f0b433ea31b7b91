"""Random stack files set every key of the settings, so that a new key is tested with the others."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from settings.aws import Aws
from settings.reading.declared import Declared, declared, fields_of
from settings.stack import AWS, NAMESPACE, OPTIONAL, REQUIRED
from tests.stacks.random_stacks import Config, drawing, stacks
from tools.reference.docstrings import own_fields

NOT_DRAWN = {
    "Requests.gpu": "drawn in test_random_accelerators.py, with pools that have the devices",
    "Requests.neuron": "drawn in test_random_accelerators.py, with pools that have the devices",
}
"""Keys that these stack files never set, with the reason."""

TYPES = {
    **{f"{NAMESPACE}:{key}": declared(each) for key, each in {**REQUIRED, **OPTIONAL}.items()},
    **{f"{AWS}:{key}": each for key, each in fields_of(Aws).items()},
}
"""Types of the sections of a stack file, by key."""


class _CompleteError(Exception):
    """Raised to end the test once all keys have been drawn."""


def test_random_stack_files_set_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "PRESENT", st.just(True))
    missing = {each for type_ in TYPES.values() for each in _in_type(type_)}
    assert {*NOT_DRAWN} <= missing

    @settings(
        max_examples=300, derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=[*HealthCheck], verbosity=Verbosity.quiet,
    )  # fmt: skip
    @given(stacks())
    def draw(config: Config) -> None:
        for key, value in config.items():
            missing.difference_update(_set_in(value, TYPES[key]))
        if missing <= {*NOT_DRAWN}:
            raise _CompleteError

    with suppress(_CompleteError):
        draw()
    assert missing == {*NOT_DRAWN}, (
        "no random stack file tests these keys, or NOT_DRAWN is outdated"
    )


def _in_type(type_: Declared) -> Iterator[str]:
    """Yields the keys in a type, each with the section that declares it: `Network.zones`."""
    if type_.model:
        for key, child in fields_of(type_.model).items():
            yield _name(type_.model, key)
            yield from _in_type(child)
    elif child := type_.child(0):
        yield from _in_type(child)


def _set_in(value: object, type_: Declared | None) -> Iterator[str]:
    """Yields the keys of a type that a value sets."""
    if type_ and isinstance(value, dict):
        for key, each in value.items():
            if type_.model:
                yield _name(type_.model, key)
            yield from _set_in(each, type_.child(key))
    elif type_ and isinstance(value, list):
        for each in value:
            yield from _set_in(each, type_.child(0))


def _name(section: type[BaseModel], key: str) -> str:
    """Returns a key with the section that declares it, or with the base class of that section."""
    [field] = [name for name, each in section.model_fields.items() if (each.alias or name) == key]
    return f"{next(each for each in section.__mro__ if field in own_fields(each)).__name__}.{key}"
