"""Fields of a manifest. Each field that the importer does not read is reported."""

from collections.abc import Iterator, Mapping
from typing import Self, cast

from tools.manifests import fields
from tools.manifests.documents import ManifestError


class Fields(fields.Fields):
    """A mapping in a manifest, which records the keys that have been read."""

    def __init__(self, values: Mapping[str, object], where: str = "", path: str = "") -> None:
        super().__init__(values, where, path)
        self._read: set[str] = set()
        self._children: dict[str, Self] = {}

    def get(self, key: str) -> object:
        """Returns a value of any type."""
        return self._value(key)

    def flag(self, key: str) -> bool | None:
        """Returns a truth value; None if the key is missing."""
        text = self.text(key)
        if text not in (None, "true", "false"):
            raise self._wrong(key, "true or false")
        return None if text is None else text == "true"

    def named(self, key: str) -> dict[str, Self]:
        """Returns a mapping of mappings, by name; empty if the key is missing."""
        section = self.section(key)
        return {name: section.section(name) for name in section}

    def items(self, key: str) -> "list[str | Self]":
        """Returns a list of scalars as texts, and of mappings: short and long forms of an entry."""
        values = self._list(key)
        if not all(isinstance(each, Mapping | str) for each in values):
            raise self.wrong(key, "a list of texts or mappings")
        return [
            each
            if isinstance(each, str)
            else self._child(cast("Mapping[str, object]", each), f"{self.path_of(key)}[{index}]")
            for index, each in enumerate(values)
        ]

    def wrong(self, key: str, kind: str) -> ManifestError:
        """Returns the error that a key must have another value."""
        return self._wrong(key, kind)

    def skip(self, *keys: str) -> None:
        """Marks keys as read that need no report."""
        self._read.update(keys)

    def skip_if(self, key: str, *values: str | None) -> None:
        """Marks a key as read if its value is one of `values`: the workload has this value too."""
        if self._values.get(key) in values:
            self._read.add(key)

    def unread(self) -> Iterator[str]:
        """Yields the paths of all keys that have not been read, here and below."""
        for key, value in self._values.items():
            if key not in self._read and value is not None:
                yield self.path_of(key)
        for child in self._children.values():
            yield from child.unread()

    def _value(self, key: str) -> object:
        self._read.add(key)
        return super()._value(key)

    def _child(self, values: Mapping[str, object], path: str) -> Self:
        return self._children.setdefault(path, super()._child(values, path))
