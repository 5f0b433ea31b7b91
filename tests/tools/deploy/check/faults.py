"""Faults of a cell, each with the line of the table that it must cause."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.tools.deploy.check.cell import Cell
from tools.deploy.check.result import Check

UP = "run make up STACK=prod"
Break = Callable[[Cell], object]


@dataclass(frozen=True)
class Fault:
    """A change of a cell after which a check has a line: subject, figures and remedy."""

    check: Check
    breaks: Break
    line: tuple[str, str, str]


class Faults(list[Fault]):
    """List of faults that a decorator adds to."""

    def case(
        self, check: Check, subject: str, figures: str, remedy: str
    ) -> Callable[[Break], Break]:
        """Adds the decorated function as a fault with the line that it must cause."""

        def register(breaks: Break) -> Break:
            self.append(Fault(check, breaks, (subject, figures, remedy)))
            return breaks

        return register
