"""Reads the files of an import: Kubernetes objects and compose services."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import yaml

from tools.importer.fields import Fields, ImportProblemError
from tools.importer.interpolation import interpolated


class _Loader(yaml.SafeLoader):
    """Reads every scalar as text, except for null."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """An object of a file."""

    file: str
    kind: str
    """Kind of the object; `service` for a compose service."""
    name: str
    namespace: str
    """Namespace; empty if the object has none."""
    fields: Fields

    @property
    def subject(self) -> str:
        """Kind and name, such as Deployment/web."""
        return f"{self.kind}/{self.name}"


SERVICE = "service"
"""Kind of a compose service."""


def read_files(names: Sequence[str]) -> list[Manifest]:
    """Returns the objects of all files, in their order; `-` is the standard input.

    Raises ImportProblemError for a file that does not exist, is not YAML, or has a document that is
    neither a Kubernetes object nor a compose file.
    """
    return [each for name in names for each in _read(name)]


def _read(name: str) -> Iterator[Manifest]:
    text = _text(name)
    try:
        documents: list[object] = list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = name if mark is None else f"{name}:{mark.line + 1}"
        raise ImportProblemError(
            f"{place}: not valid YAML; import a chart as the output of helm template, and a "
            "kustomization as the output of kubectl kustomize"
        ) from error
    except RecursionError as error:
        raise ImportProblemError(f"{name}: nested too deeply") from error
    for document in documents:
        if document is not None:
            yield from _objects(name, document)


def _text(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ImportProblemError(f"{name}: not found") from error
    except OSError as error:
        raise ImportProblemError(f"{name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ImportProblemError(f"{name}: must be UTF-8 text") from error


def _objects(file: str, document: object) -> Iterator[Manifest]:
    values = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    kind = values.get("kind")
    if isinstance(kind, str):
        if kind.endswith("List"):
            for item in cast("list[object]", values.get("items") or []):
                yield from _objects(file, item)
            return
        metadata = Fields(values, where=f"{file}: {kind}").section("metadata")
        name = metadata.text("name")
        if not name:
            raise ImportProblemError(f"{file}: {kind}: metadata.name: required")
        yield Manifest(
            file=file,
            kind=kind,
            name=name,
            namespace=metadata.text("namespace") or "",
            fields=Fields(values, where=f"{file}: {kind}/{name}"),
        )
    elif "services" in values:
        yield from _services(file, values)
    else:
        raise ImportProblemError(
            f"{file}: must have Kubernetes objects with apiVersion and kind, or the services of a "
            "compose file"
        )


def _services(file: str, values: dict[str, object]) -> Iterator[Manifest]:
    if not isinstance(values.get("services"), dict):
        raise ImportProblemError(f"{file}: services: must be a mapping")
    compose = Fields(cast("dict[str, object]", interpolated(values)), where=file)
    for name, service in compose.named("services").items():
        yield Manifest(file=file, kind=SERVICE, name=name, namespace="", fields=service)
    for name, config in compose.named("configs").items():
        yield Manifest(file=file, kind="config", name=name, namespace="", fields=config)
