"""Sections of the stack file whose names the user chooses, such as apps and pools."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from pydantic import ConfigDict, RootModel

SectionT = TypeVar("SectionT")


class NamedSections(RootModel[dict[str, SectionT]], Mapping[str, SectionT]):
    """A frozen mapping from names to sections, in the order of the stack file."""

    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)

    def __getitem__(self, name: str) -> SectionT:
        """Returns the section with a name."""
        return self.root[name]

    def __iter__(self) -> Iterator[str]:  # pyright: ignore[reportIncompatibleMethodOverride]  # pydantic yields fields
        """Yields the names."""
        return iter(self.root)

    def __len__(self) -> int:
        """Returns the number of sections."""
        return len(self.root)
