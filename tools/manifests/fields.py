"""Typed access to the fields of a Kubernetes object."""

from collections.abc import Iterator, Mapping
from typing import Self, cast

from tools.manifests.documents import ManifestError


class Fields:
    """A mapping of a Kubernetes object. A missing key and null have the same meaning.

    Scalars may be text, as files have them, or numbers and truth values, as recordings have them.
    """

    def __init__(self, values: Mapping[str, object], where: str, path: str = "") -> None:
        """Takes the mapping, the file and the object that it belongs to, and its path there."""
        self.path = path
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

    def path_of(self, key: str) -> str:
        """Returns the path of a key in the object, such as spec.replicas."""
        return f"{self.path}.{key}".removeprefix(".")

    def text(self, key: str) -> str | None:
        """Returns a scalar as text; None if the key is missing."""
        return self._text(self._value(key), key, "text")

    def number(self, key: str) -> int | None:
        """Returns a whole number; None if the key is missing."""
        text = self.text(key)
        try:
            return None if text is None else int(text)
        except ValueError as error:
            raise self._wrong(key, "a whole number") from error

    def texts(self, key: str) -> list[str]:
        """Returns a list of scalars as texts; empty if the key is missing."""
        return [self._text(each, key, "a list of texts") or "" for each in self._list(key)]

    def mapping(self, key: str) -> dict[str, str]:
        """Returns a mapping of scalars as texts, with empty text for null; empty if the key is
        missing."""
        section = self.section(key)
        return {name: section.text(name) or "" for name in section}

    def section(self, key: str) -> Self:
        """Returns a mapping; an empty one if the key is missing."""
        value = self._value(key)
        if value is not None and not isinstance(value, Mapping):
            raise self._wrong(key, "a mapping")
        return self._child(cast("Mapping[str, object]", value or {}), self.path_of(key))

    def at(self, path: str) -> Self:
        """Returns the mapping at a path such as spec.template."""
        found = self
        for key in path.split("."):
            found = found.section(key)
        return found

    def sections(self, key: str) -> list[Self]:
        """Returns a list of mappings; empty if the key is missing."""
        values = self._list(key)
        if not all(isinstance(each, Mapping) for each in values):
            raise self._wrong(key, "a list of mappings")
        return [
            self._child(cast("Mapping[str, object]", each), f"{self.path_of(key)}[{index}]")
            for index, each in enumerate(values)
        ]

    def _value(self, key: str) -> object:
        return self._values.get(key)

    def _child(self, values: Mapping[str, object], path: str) -> Self:
        return type(self)(values, self._where, path)

    def _list(self, key: str) -> list[object]:
        value = self._value(key)
        if value is not None and not isinstance(value, list | tuple):
            raise self._wrong(key, "a list")
        return list(cast("list[object]", value or []))

    def _text(self, value: object, key: str, kind: str) -> str | None:
        if isinstance(value, bool):
            return str(value).lower()
        if value is not None and not isinstance(value, str | int | float):
            raise self._wrong(key, kind)
        return None if value is None else str(value)

    def _wrong(self, key: str, kind: str) -> ManifestError:
        return ManifestError(f"{self._where}: {self.path_of(key)}: must be {kind}")
