"""Changes the image of an app in a stack file; all other text stays as it is.

If the image is in the shared file, the stack file gets a value of its own: a release changes one
cell, and the other cells keep their image.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import yaml

from core.merge import overridden
from settings import read_stack_file
from settings.reading.yaml_nodes import Entry, children, compose, value_of
from settings.stack import NAMESPACE
from tools.deploy.release.addition import addition
from tools.deploy.release.interfaces import ReleaseError

_QUOTES = ("'", '"')
_BYTE_ORDER_MARK = "\ufeff"
"""First character of files of some editors; libyaml counts positions without it."""


class YamlStackFile:
    """A stack file on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._added: tuple[str, str] | None = None
        """Text that `write_image` added for an app whose image is in the shared file, and this
        image."""

    def images(self) -> Mapping[str, str]:
        """Returns the image of each app; raises SettingsError if the file is invalid."""
        return dict(sorted((path[2], image) for path, image in self._images_and_paths()))

    def _images_and_paths(self) -> Iterator[tuple[Sequence[str], str]]:
        """Yields path and image of each app, also of the shared file: apps are the entries of
        sections that have an image."""
        for section, apps in read_stack_file(self.path).items():
            if section.startswith(f"{NAMESPACE}:"):
                for app, entry in _mapping(apps).items():
                    if "image" in _mapping(entry):
                        yield ("config", section, app, "image"), str(_mapping(entry)["image"])

    def with_image(self, app: str, image: str) -> str:
        """Returns the text with another image of an app.

        Raises ReleaseError if other values would change too, which share it through an anchor.
        """
        return self._changed(app, image)[0]

    def write_image(self, app: str, image: str) -> None:
        """Changes the image of an app, and nothing else; raises ReleaseError if that fails.

        Removes an image that an earlier call added, if the shared file has the new one.
        """
        text = self._text()
        if self._added and self._added[1] == image and self._added[0] in text:
            text, self._added = text.replace(self._added[0], "", 1), None
        else:
            former = self.images()[app]
            text, added = self._changed(app, image)
            self._added = (added, former) if added else self._added
        self.path.write_bytes(text.encode())

    def _changed(self, app: str, image: str) -> tuple[str, str]:
        """Returns the text with another image of an app, and the part that was added."""
        written = self._text()
        text = written.removeprefix(_BYTE_ORDER_MARK)
        [path] = [path for path, _ in self._images_and_paths() if path[2] == app]
        entry = _entry(text, path)
        start, end, new = _replacement(text, entry, image) if entry else addition(text, path, image)
        changed = f"{text[:start]}{new}{text[end:]}"
        if _values(changed) != overridden(_values(text), _nested(path, image)):
            raise ReleaseError(self._cannot_change(path, entry))
        return f"{written[: len(written) - len(text)]}{changed}", "" if entry else new

    def _cannot_change(self, path: Sequence[str], entry: Entry | None) -> str:
        key = f"{path[1]}.{path[2]}.image"
        if entry is None:
            return f"{self.path.name}: {key}: cannot be added; write the key with its present value"
        return (
            f"{self.path.name}:{entry.line}: {key}: must be plain or quoted text on one line, "
            "without an anchor or alias, so that a release can change it"
        )

    def _text(self) -> str:
        return self.path.read_bytes().decode()  # line breaks stay as they are


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _entry(text: str, path: Sequence[str]) -> Entry | None:
    """Returns the entry at a path of a stack file, or None."""
    entry = compose(text)
    for name in path:
        entry = children(entry).get(name) if entry else None
    return entry


def _replacement(text: str, entry: Entry, image: str) -> tuple[int, int, str]:
    """Returns begin and end of the value of an entry, and the new value in the same quotes."""
    start = entry.node.start_mark.index
    quote = text[start] if text[start] in _QUOTES else ""
    return start, entry.node.end_mark.index, f"{quote}{image}{quote}"


def _values(text: str) -> Mapping[str, object]:
    """Returns the values of a stack file; no values for text that is not YAML."""
    try:
        root = compose(text)
    except yaml.YAMLError:
        return {}
    return _mapping(value_of(root.node, "", [])) if root else {}


def _nested(path: Sequence[str], value: str) -> Mapping[str, object]:
    """Returns mappings inside of each other, with a value at a path."""
    first, *rest = path
    return {first: _nested(rest, value) if rest else value}
