"""The stack file: read, checked, and handed on as frozen, documented types.

One module a key. Checking has two phases, each complete: first the shape of every key, then, if
the shape is right, the rules across fields. All problems of a phase come at once.
"""

from settings.node_replacement import replacement
from settings.reading.check import check
from settings.reading.load import load, refusal
from settings.reading.problem import Problem
from settings.reading.settings_error import SettingsError
from settings.reading.stack_file import read_stack_file
from settings.stack import Settings

__all__ = [
    "Problem",
    "Settings",
    "SettingsError",
    "check",
    "load",
    "read_stack_file",
    "refusal",
    "replacement",
]
