"""Reads and checks the stack file, and returns the settings as frozen, documented models.

Each key has a folder or a module. The check has two phases: first the shape of every key, and, if
all shapes are valid, the rules across keys. Each phase reports all its problems at once.
"""

from settings.node_replacement import replacement
from settings.reading.check import check, check_stack
from settings.reading.load import config_of_texts, load, refusal
from settings.reading.problem import Problem
from settings.reading.settings_error import SettingsError
from settings.reading.stack_file import (
    extended,
    files_of,
    read_config,
    read_stack_file,
    read_yaml,
)
from settings.stack import Settings
from settings.targeted_up import has_targets

__all__ = [
    "Problem",
    "Settings",
    "SettingsError",
    "check",
    "check_stack",
    "config_of_texts",
    "extended",
    "files_of",
    "has_targets",
    "load",
    "read_config",
    "read_stack_file",
    "read_yaml",
    "refusal",
    "replacement",
]
