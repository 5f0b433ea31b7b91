"""Settings of the stack that is running, from Pulumi's config. Nothing else reads it."""

import json

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from settings.reading.check import check
from settings.reading.problem import SettingsError
from settings.stack import AWS, NAMESPACE, Settings


def load() -> Settings:
    """The checked settings of the running stack.

    Raises SettingsError with every problem of a phase; nothing is registered then.
    """
    texts: dict[str, str] = {**get_config_env(), **CONFIG.get()}
    config = {
        key: _value(text) for key, text in texts.items() if key.split(":", 1)[0] in (NAMESPACE, AWS)
    }
    settings, problems = check(config)
    if settings is None:
        raise SettingsError(f"Pulumi.{pulumi.get_stack()}.yaml", problems)
    return settings


def _value(text: str) -> object:
    """The engine hands over every value as text: a string as it is, all else as JSON."""
    if text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            return text
    return text
