"""Reads the documents of YAML and JSON files, of folders and of the standard input."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from settings.reading.yaml_nodes import FastLoader

STANDARD_INPUT = "-"
"""Name of the standard input among the names of files."""

_SUFFIXES = {".json", ".yaml", ".yml"}
_KEPT_TAGS = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")


class _DuplicateKeyError(yaml.MarkedYAMLError):
    """Raised if a mapping has a key twice."""


class _Loader(FastLoader):
    """Reads every scalar as text, except for null: readers disagree on `on`, `010` and dates.

    Refuses duplicate keys, of which readers use the first or the last one.
    """

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Returns the node of a mapping, in which each key is there once. Any: as in PyYAML."""
        mapping = super().compose_mapping_node(anchor)
        found: set[str] = set()
        for key, _ in mapping.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _KEPT_TAGS[1]:
                if key.value in found:
                    raise _DuplicateKeyError(problem=key.value, problem_mark=key.start_mark)
                found.add(key.value)
        return mapping


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
    line: int
    """Line at which the document begins in the file, from 1."""
    values: Mapping[str, object]
    """Keys and values. All scalars are text, as the file has them; null is None."""


def documents(names: Sequence[str]) -> Iterator[Document]:
    """Yields the documents of all files, in their order. A folder stands for all YAML and JSON
    files in it and below, except for hidden ones; `-` is the standard input.

    Raises ManifestError for a file that does not exist or is not YAML, for a document that is not a
    mapping, for a kustomization, and for a folder without files.
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
        nodes = list(_nodes(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        last = text.count("\n") + 1  # for the end of a text, libyaml reports the line after it
        place = file if mark is None else f"{file}:{min(mark.line + 1, last)}"
        if isinstance(error, _DuplicateKeyError):
            raise ManifestError(
                f"{place}: {error.problem} is there twice; remove one of them"
            ) from error
        raise ManifestError(
            f"{place}: not valid YAML; use the output of helm template for a chart, and of "
            "kubectl kustomize for a kustomization"
        ) from error
    except RecursionError as error:
        raise ManifestError(f"{file}: nested too deeply") from error
    for node, value in nodes:
        if value is not None:
            yield from _items(file, node, value)


def _nodes(text: str) -> Iterator[tuple[yaml.Node, object]]:
    """Yields the node and the value of each document."""
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                yield node, cast("object", loader.construct_document(node))  # pyright: ignore[reportUnknownMemberType]  # the stubs have no type
    finally:
        loader.dispose()  # pyright: ignore[reportUnknownMemberType]  # untyped in its stubs


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


def _items(file: str, node: yaml.Node, document: object) -> Iterator[Document]:
    """Yields a document; of a list, such as the output of `kubectl get -o yaml`, its items."""
    if not isinstance(document, dict):
        raise ManifestError(f"{file}: must have mappings, such as Kubernetes objects")
    values = cast("dict[str, object]", document)
    if _is_kustomization(file, values):
        raise ManifestError(
            f"{file}: is a kustomization; use the output of kubectl kustomize {Path(file).parent}"
        )
    kind, items = values.get("kind"), values.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        [item_nodes] = [value.value for key, value in node.value if key.value == "items"]
        for item_node, item in zip(item_nodes, cast("list[object]", items), strict=True):
            yield from _items(file, item_node, item)
    else:
        yield Document(file=file, line=node.start_mark.line + 1, values=values)


def _is_kustomization(file: str, values: Mapping[str, object]) -> bool:
    """True for the input of kustomize, whose kind can be left out.

    https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
    """
    if "kind" not in values:
        return Path(file).name in ("kustomization.yaml", "kustomization.yml")
    return str(values.get("apiVersion")).startswith("kustomize.config.k8s.io/")
