"""Cells that serve one domain, as rules read them."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

from settings import Settings
from settings.stack import NAMESPACE
from settings.traffic.traffic import Traffic
from tools.rules.rule import Evidence


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The settings of several cells, by stack."""

    settings: Mapping[str, Settings]

    @property
    def traffic(self) -> Mapping[str, Traffic]:
        """`traffic` of the cells that have a domain, by stack."""
        return {name: each.traffic for name, each in self.settings.items() if each.traffic}

    @property
    def failover(self) -> bool:
        """True if all cells have the policy `failover`."""
        return {each.policy for each in self.traffic.values()} == {"failover"}

    def with_role(self, role: str) -> list[str]:
        """Returns the stacks with a role of failover."""
        return [name for name, each in self.traffic.items() if each.role == role]

    @property
    def pair(self) -> tuple[str, str] | None:
        """Stacks of the primary and of the secondary cell; None unless there is one of each."""
        primary, secondary = self.with_role("primary"), self.with_role("secondary")
        return (primary[0], secondary[0]) if len(primary) == len(secondary) == 1 else None

    def groups(self, value: Callable[[Settings], Hashable]) -> Mapping[Hashable, list[str]]:
        """Returns the stacks by a value of their settings."""
        found: dict[Hashable, list[str]] = {}
        for name, each in self.settings.items():
            found.setdefault(value(each), []).append(name)
        return found


def differing(
    cells: Cells, key: str, value: Callable[[Settings], Hashable], text: str
) -> Iterator[Evidence]:
    """Yields a place for each cell whose value differs from that of the first cell.

    `text` follows the two values.
    """
    first, *others = cells.settings
    expected = value(cells.settings[first])
    for name in others:
        found = value(cells.settings[name])
        if found != expected:
            yield at(name, key, f"{found}, but {expected} in {first}; {text}")


def at(stack: str, key: str, text: str) -> Evidence:
    """Returns a place in the settings of a cell; `key` is without the namespace."""
    return Evidence(resource=stack, field=f"{NAMESPACE}:{key}", text=text)
