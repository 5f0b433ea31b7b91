"""Reads the documents of YAML and JSON files, of folders and of the standard input."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

STANDARD_INPUT = "-"
"""Name of the standard input among the names of files."""

_SUFFIXES = {".json", ".yaml", ".yml"}
_KEPT_TAGS = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")


class _Loader(yaml.SafeLoader):
    """Reads every scalar as text, except for null: readers disagree on `on`, `010` and dates."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT_TAGS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class ManifestError(Exception):
    """Raised if a file cannot be read; its message is one line."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A mapping of a file; an item of a list of Kubernetes objects is a document too."""

    file: str
    values: Mapping[str, object]
    """Keys and values. All scalars are text, as the file has them; null is None."""


def documents(names: Sequence[str]) -> Iterator[Document]:
    """Yields the documents of all files, in their order. A folder stands for all YAML and JSON
    files in it and below, except for hidden ones; `-` is the standard input.

    Raises ManifestError for a file that does not exist or is not YAML, for a document that is not a
    mapping, and for a folder without files.
    """
    for name in names:
        for file in _files(name):
            yield from _documents(file)


def _files(name: str) -> Iterator[str]:
    folder = Path(name)
    if name == STANDARD_INPUT or not folder.is_dir():
        yield name
        return
    below = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and file.suffix in _SUFFIXES
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    ]
    if not below:
        raise ManifestError(f"{name}: has no YAML or JSON file")
    yield from map(str, below)


def _documents(file: str) -> Iterator[Document]:
    text = _text(file)
    try:
        values: list[object] = list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = file if mark is None else f"{file}:{mark.line + 1}"
        raise ManifestError(
            f"{place}: not valid YAML; use the output of helm template for a chart, and of "
            "kubectl kustomize for a kustomization"
        ) from error
    except RecursionError as error:
        raise ManifestError(f"{file}: nested too deeply") from error
    for each in values:
        if each is not None:
            yield from _items(file, each)


def _text(file: str) -> str:
    try:
        if file == STANDARD_INPUT:
            return sys.stdin.read()
        return Path(file).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ManifestError(f"{file}: not found") from error
    except OSError as error:
        raise ManifestError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"{file}: must be UTF-8 text") from error


def _items(file: str, document: object) -> Iterator[Document]:
    """Yields a document; of a list, such as the output of `kubectl get -o yaml`, its items."""
    if not isinstance(document, dict):
        raise ManifestError(f"{file}: must have mappings, such as Kubernetes objects")
    values = cast("dict[str, object]", document)
    kind, items = values.get("kind"), values.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        for item in cast("list[object]", items):
            yield from _items(file, item)
    else:
        yield Document(file=file, values=values)
