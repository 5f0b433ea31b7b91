"""What must hold across the fields of a stack file: plain functions that yield problems."""

from collections.abc import Callable, Iterator

from settings.cell import Settings
from settings.problem import Problem
from settings.rules import apps, foundation, traffic

RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    *foundation.RULES,
    *apps.RULES,
    *traffic.RULES,
)
"""Every rule."""
