"""The replacement of a name from another tool or from another kind of workload."""

from dataclasses import dataclass

from settings.reading.wording import listed


@dataclass(frozen=True, kw_only=True)
class Hint:
    """The replacement of a name from another tool or from another kind of workload."""

    keys: tuple[str, ...] = ()
    """Keys to write instead, relative to the section, or in full (`ha-eks:…`). Empty: nothing
    replaces the name."""
    note: str = ""
    """The difference between the name and these keys, or the reason."""
    of_other_kind: bool = False
    """True: only workloads of other kinds have the name; `keys` are the sections of these."""

    def __str__(self) -> str:
        """Returns the hint in words."""
        keys = listed(self.keys, "or")
        if self.of_other_kind:
            return f"{self.note}; write the workload in {keys}"
        note = f" ({self.note})" if self.note else ""
        return f"write {keys} instead{note}" if keys else self.note


def use(*keys: str, note: str = "") -> Hint:
    """Returns a hint with some keys and a note."""
    return Hint(keys=keys, note=note)


def move(*sections: str, because: str) -> Hint:
    """Returns a hint for a name that only workloads of other sections have."""
    return Hint(keys=sections, note=because, of_other_kind=True)


def nothing(because: str) -> Hint:
    """Returns a hint for a name that nothing replaces."""
    return Hint(note=because)
