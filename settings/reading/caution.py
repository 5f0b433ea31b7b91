"""Cautions: settings that are accepted and have a price or a risk."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Caution:
    """One setting that is accepted and has a price or a risk."""

    key: str
    """Config key and the path in it, as `pulumi config set --path` takes them."""
    text: str
    """Cost or risk of the setting, and what to write or do instead."""

    def __str__(self) -> str:
        """Returns the caution as one line."""
        return f"{self.key}: {self.text}"
