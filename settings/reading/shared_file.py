"""`ha-eks:extends`: the file with the settings that several stack files share."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, RootModel

from core.merge import overridden
from settings.reading.section import refuse
from settings.stack import NAMESPACE

EXTENDS = f"{NAMESPACE}:extends"
"""Config key with the name of the shared file."""

_OF_ONE_CELL = frozenset({"network", "traffic", "protected", "extends"})
"""Sections that a shared file cannot have."""

_FILE_NAME = re.compile(r"(?!Pulumi\.)[A-Za-z0-9][A-Za-z0-9._-]*\.ya?ml")


def _file_name(value: str) -> str:
    if not _FILE_NAME.fullmatch(value):
        raise refuse(
            "must be the name of a YAML file in the folder of the stack file, such as apps.yaml; "
            "names that begin with Pulumi. are those of stack files"
        )
    return value


class Extends(RootModel[str]):
    """Name of the shared file: a YAML file in the folder of the stack file, such as `apps.yaml`,
    with sections that several cells have in common, in the form of a stack file. Values of the
    stack file come first: mappings are merged key by key, lists and plain values replace those of
    the shared file, and `null` removes a key of the shared file. A shared file has any section but
    `network`, `traffic`, `protected` and `aws:*`, which belong to one cell. Default: none.
    """

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    root: Annotated[str, AfterValidator(_file_name)]


def is_shareable(key: str) -> bool:
    """True if a shared file can have a config key, such as `ha-eks:apps`."""
    namespace, _, name = key.partition(":")
    return namespace == NAMESPACE and name not in _OF_ONE_CELL


def shared_file(config: Mapping[str, object], stack_file: Path) -> Path | None:
    """Returns the path of the file that the config of a stack file extends, or None.

    The Pulumi CLI passes an absent key as empty text.
    """
    name = config.get(EXTENDS)
    if not isinstance(name, str) or not _FILE_NAME.fullmatch(name):
        return None
    return stack_file.with_name(name)


def with_shared(config: Mapping[str, object], shared: Mapping[str, object]) -> dict[str, object]:
    """Returns the config of a stack file with the values of its shared file, without `extends`.

    The Pulumi CLI passes and writes a section without a value as empty text.
    """
    own = {key: None if value == "" else value for key, value in config.items() if key != EXTENDS}
    return overridden(shared, own)
