"""Changes the image of an app in a stack file; all other text stays as it is."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import yaml

from settings.reading.yaml_nodes import Entry, children, compose, value_of
from settings.stack import NAMESPACE
from tools.deploy.release.interfaces import ReleaseError

_QUOTES = ("'", '"')
_BYTE_ORDER_MARK = "\ufeff"
"""First character of files of some editors; libyaml counts positions without it."""


class YamlStackFile:
    """A stack file on the disk, which is valid."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def images(self) -> Mapping[str, str]:
        """Returns the image of each app."""
        found = {path[2]: str(entry.node.value) for path, entry in _images(self._text())}
        return dict(sorted(found.items()))

    def with_image(self, app: str, image: str) -> str:
        """Returns the text with another image of an app.

        Raises ReleaseError if other values would change too, which share it through an anchor.
        """
        written = self._text()
        text = written.removeprefix(_BYTE_ORDER_MARK)
        [(path, entry)] = [found for found in _images(text) if found[0][2] == app]
        start, end = entry.node.start_mark.index, entry.node.end_mark.index
        quote = text[start] if text[start] in _QUOTES else ""
        changed = f"{text[:start]}{quote}{image}{quote}{text[end:]}"
        if _values(changed) != _replaced(_values(text), path, image):
            raise ReleaseError(
                f"{self.path.name}:{entry.line}: {path[1]}.{app}.image: must be plain or quoted "
                "text on one line, without an anchor or alias, so that a release can change it"
            )
        return f"{written[: len(written) - len(text)]}{changed}"

    def write_image(self, app: str, image: str) -> None:
        """Changes the image of an app, and nothing else; raises ReleaseError if that fails."""
        self.path.write_bytes(self.with_image(app, image).encode())

    def _text(self) -> str:
        return self.path.read_bytes().decode()  # line breaks stay as they are


def _images(text: str) -> Iterator[tuple[Sequence[str], Entry]]:
    """Yields path and entry of each image: apps are the entries of sections that have an image."""
    root = compose(text)
    config = children(root)["config"] if root else None
    for section, apps in children(config).items() if config else ():
        if section.startswith(f"{NAMESPACE}:"):
            for app, entry in children(apps).items():
                image = children(entry).get("image")
                if image:
                    yield ("config", section, app, "image"), image


def _values(text: str) -> object:
    """Returns the values of a stack file; None for text that is not YAML."""
    try:
        root = compose(text)
    except yaml.YAMLError:
        return None
    return value_of(root.node, "", []) if root else None


def _replaced(value: object, path: Sequence[str], new: str) -> object:
    if not path:
        return new
    values = cast("Mapping[str, object]", value)
    return {**values, path[0]: _replaced(values[path[0]], path[1:], new)}
