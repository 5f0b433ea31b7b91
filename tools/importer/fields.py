"""Fields of a manifest. Each field that the importer does not read is reported."""

from collections.abc import Iterator, Mapping
from typing import cast

from tools.manifests.documents import ManifestError


class ImportProblemError(ManifestError):
    """Ends the import; its message is one line."""


class Fields:
    """A mapping in a manifest, which records the keys that have been read.

    All scalars are text, as the file has them; null is None.
    """

    def __init__(self, values: Mapping[str, object], path: str = "", where: str = "") -> None:
        self.path = path
        self._values, self._where = values, where
        self._read: set[str] = set()
        self._children: dict[str, Fields] = {}

    def __bool__(self) -> bool:
        """True if the mapping has a key."""
        return bool(self._values)

    def __contains__(self, key: str) -> bool:
        """True if the key has a value other than null."""
        return self._values.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        """Yields the keys."""
        return iter(self._values)

    def at(self, key: str) -> str:
        """Returns the path of a key."""
        return f"{self.path}.{key}".removeprefix(".")

    def get(self, key: str) -> object:
        """Returns a value of any type, which counts as read."""
        self._read.add(key)
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        """Returns a scalar as text; None if the key is missing."""
        value = self.get(key)
        if value is not None and not isinstance(value, str):
            raise self._wrong(key, "text")
        return value

    def integer(self, key: str) -> int | None:
        """Returns a whole number; None if the key is missing."""
        text = self.text(key)
        try:
            return None if text is None else int(text)
        except ValueError as error:
            raise self._wrong(key, "a whole number") from error

    def flag(self, key: str) -> bool | None:
        """Returns a truth value; None if the key is missing."""
        text = self.text(key)
        if text not in (None, "true", "false"):
            raise self._wrong(key, "true or false")
        return None if text is None else text == "true"

    def texts(self, key: str) -> list[str]:
        """Returns a list of scalars; empty if the key is missing."""
        values = self._list(key)
        if not all(isinstance(each, str) for each in values):
            raise self._wrong(key, "a list of texts")
        return cast("list[str]", values)

    def mapping(self, key: str) -> dict[str, str]:
        """Returns a mapping of scalars, with empty text for null; empty if the key is missing."""
        values = self._mapping(key)
        if not all(each is None or isinstance(each, str) for each in values.values()):
            raise self._wrong(key, "a mapping of texts")
        return {name: str(each or "") for name, each in values.items()}

    def section(self, key: str) -> "Fields":
        """Returns a mapping; an empty one if the key is missing."""
        return self._child(self._mapping(key), self.at(key))

    def sections(self, key: str) -> list["Fields"]:
        """Returns a list of mappings; empty if the key is missing."""
        values = self._list(key)
        if not all(isinstance(each, dict) for each in values):
            raise self._wrong(key, "a list of mappings")
        return [
            self._child(cast("dict[str, object]", each), f"{self.at(key)}[{index}]")
            for index, each in enumerate(values)
        ]

    def named(self, key: str) -> dict[str, "Fields"]:
        """Returns a mapping of mappings, by name; empty if the key is missing."""
        values = self._mapping(key)
        if not all(each is None or isinstance(each, dict) for each in values.values()):
            raise self._wrong(key, "a mapping of mappings")
        return {
            name: self._child(cast("dict[str, object]", each or {}), f"{self.at(key)}.{name}")
            for name, each in values.items()
        }

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
                yield self.at(key)
        for child in self._children.values():
            yield from child.unread()

    def _mapping(self, key: str) -> dict[str, object]:
        value = self.get(key)
        if value is not None and not isinstance(value, dict):
            raise self._wrong(key, "a mapping")
        return cast("dict[str, object]", value or {})

    def _list(self, key: str) -> list[object]:
        value = self.get(key)
        if value is not None and not isinstance(value, list):
            raise self._wrong(key, "a list")
        return cast("list[object]", value or [])

    def _child(self, values: Mapping[str, object], path: str) -> "Fields":
        return self._children.setdefault(path, Fields(values, path, self._where))

    def _wrong(self, key: str, kind: str) -> ImportProblemError:
        return ImportProblemError(f"{self._where}: {self.at(key)}: must be {kind}")


def has_mappings(value: object) -> bool:
    """True if a value is a list with a mapping: the long form of an entry of a compose file."""
    return isinstance(value, list) and any(
        isinstance(each, dict) for each in cast("list[object]", value)
    )
