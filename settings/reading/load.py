"""Reads the settings of the running stack from the Pulumi config. No other module reads the
config."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from settings.reading.check import check_stack
from settings.reading.paths import value_at
from settings.reading.problem import Problem
from settings.reading.settings_error import SettingsError
from settings.reading.stack_file import extended
from settings.stack import AWS, NAMESPACE, Settings


def load() -> Settings:
    """Returns the settings of the running stack, with the values of its shared file.

    Raises SettingsError with every problem of a phase, before any resource is registered.
    """
    settings, problems = check_stack(pulumi.get_stack(), extended(_config(), _file()))
    if settings is None:
        raise refusal(problems)
    return settings


def refusal(problems: Iterable[Problem]) -> SettingsError:
    """Returns the error that refuses the running stack, with the values and lines of its file."""
    config = extended(_config(), _file())
    return SettingsError(
        _file(), [replace(each, value=value_at(config, each.key)) for each in problems]
    )


def _file() -> Path:
    return Path(pulumi.get_root_directory() or ".") / f"Pulumi.{pulumi.get_stack()}.yaml"


def _config() -> dict[str, object]:
    return config_of_texts({**get_config_env(), **CONFIG.get()})


def config_of_texts(texts: Mapping[str, str]) -> dict[str, object]:
    """Returns the keys of ha-eks and aws with their values, from the texts that Pulumi passes."""
    return {
        key: _value(text) for key, text in texts.items() if key.split(":", 1)[0] in (NAMESPACE, AWS)
    }


def _value(text: str) -> object:
    """Returns the value of a config text: Pulumi passes a scalar as text, or JSON."""
    if text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text
