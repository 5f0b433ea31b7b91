"""The stack file: read, checked, and handed on as frozen, documented types.

One module a key. Checking has two phases, each complete: first the shape of every key, then, if
the shape is right, the rules across fields. All problems of a phase come at once.
"""

from settings.cell import Settings
from settings.check import check
from settings.load import load
from settings.problem import Problem, SettingsError
from settings.replacement import replacement
from settings.stack_file import read_stack_file

__all__ = [
    "Problem",
    "Settings",
    "SettingsError",
    "check",
    "load",
    "read_stack_file",
    "replacement",
]
