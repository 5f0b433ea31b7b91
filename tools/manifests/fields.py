"""Typed access to the fields of a Kubernetes object."""

from collections.abc import Iterator, Mapping
from typing import cast

from tools.manifests.documents import ManifestError


class Fields:
    """A mapping of a Kubernetes object. A missing key and null have the same meaning.

    Scalars may be text, as files have them, or numbers and truth values, as recordings have them.
    """

    def __init__(self, values: Mapping[str, object], where: str) -> None:
        self._values, self._where = values, where

    def __bool__(self) -> bool:
        """True if the mapping has a key."""
        return bool(self._values)

    def __contains__(self, key: str) -> bool:
        """True if the key has a value other than null."""
        return self._values.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        """Yields the keys."""
        return iter(self._values)

    @property
    def values(self) -> Mapping[str, object]:
        """The mapping itself."""
        return self._values

    def text(self, key: str) -> str | None:
        """Returns a scalar as text; None if the key is missing."""
        value = self._values.get(key)
        if isinstance(value, bool):
            return str(value).lower()
        if value is not None and not isinstance(value, str | int | float):
            raise self._wrong(key, "text")
        return None if value is None else str(value)

    def number(self, key: str) -> int | None:
        """Returns a whole number; None if the key is missing."""
        text = self.text(key)
        try:
            return None if text is None else int(text)
        except ValueError as error:
            raise self._wrong(key, "a whole number") from error

    def texts(self, key: str) -> list[str]:
        """Returns a list of scalars as texts; empty if the key is missing."""
        return [str(each) for each in self._list(key)]

    def mapping(self, key: str) -> dict[str, str]:
        """Returns a mapping of scalars as texts; empty if the key is missing."""
        section = self.section(key)
        return {name: section.text(name) or "" for name in section}

    def section(self, key: str) -> "Fields":
        """Returns a mapping; an empty one if the key is missing."""
        value = self._values.get(key)
        if value is not None and not isinstance(value, Mapping):
            raise self._wrong(key, "a mapping")
        return Fields(cast("Mapping[str, object]", value or {}), f"{self._where}.{key}")

    def at(self, path: str) -> "Fields":
        """Returns the mapping at a path such as spec.template."""
        found = self
        for key in path.split("."):
            found = found.section(key)
        return found

    def sections(self, key: str) -> list["Fields"]:
        """Returns a list of mappings; empty if the key is missing."""
        values = self._list(key)
        if not all(isinstance(each, Mapping) for each in values):
            raise self._wrong(key, "a list of mappings")
        return [
            Fields(cast("Mapping[str, object]", each), f"{self._where}.{key}[{index}]")
            for index, each in enumerate(values)
        ]

    def _list(self, key: str) -> list[object]:
        value = self._values.get(key)
        if value is not None and not isinstance(value, list | tuple):
            raise self._wrong(key, "a list")
        return list(cast("list[object]", value or []))

    def _wrong(self, key: str, kind: str) -> ManifestError:
        return ManifestError(f"{self._where}.{key}: must be {kind}")
