"""Reads Pulumi.yaml, as far as a recording needs the project."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from settings import Problem, SettingsError, read_yaml

_DISABLED = "pulumi:disable-default-providers"


@dataclass(frozen=True, kw_only=True)
class Project:
    """The project of Pulumi.yaml."""

    name: str
    without_default_provider: frozenset[str]
    """Packages whose resources need an explicit provider."""


def read_project(path: Path) -> Project:
    """Returns the project of a Pulumi.yaml; raises SettingsError if the file is not valid."""
    document, problems = read_yaml(path, missing="restore this file from git")
    name, disabled = _at(document, "name"), _at(document, "config", _DISABLED, "value")
    if not isinstance(name, str):
        problems.append(Problem(key="name", message="required, as in ha-eks: name: ha-eks"))
    if not isinstance(disabled, list):
        message = "required, as in ha-eks: value: [aws, kubernetes]"
        problems.append(Problem(key=f"config.{_DISABLED}", message=message))
    if problems:
        raise SettingsError(path, problems)
    return Project(name=str(name), without_default_provider=frozenset(cast("list[str]", disabled)))


def _at(document: object, *keys: str) -> object:
    """Returns the value below nested keys; None without these keys."""
    for key in keys:
        if not isinstance(document, dict):
            return None
        document = cast("Mapping[str, object]", document).get(key)
    return document
