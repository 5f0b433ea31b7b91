"""Cautions: accepted settings that have a cost or a risk."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Caution:
    """An accepted setting that has a cost or a risk."""

    key: str
    """Config key with a path, in the format of `pulumi config set --path`."""
    text: str
    """Cost or risk of the setting, and what to write or do instead."""

    def __str__(self) -> str:
        """Returns the caution as one line."""
        return f"{self.key}: {self.text}"
