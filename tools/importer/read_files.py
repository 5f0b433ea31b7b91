"""Reads the files of an import: Kubernetes objects and compose services."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from tools.importer.fields import Fields
from tools.importer.interpolation import interpolated
from tools.manifests.documents import Document, ManifestError, documents


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

COMPLETE = "import the output of docker compose config, which has the complete services"
"""Advice about a compose file that needs others."""


def read_files(names: Sequence[str]) -> list[Manifest]:
    """Returns the objects of all files, in their order; `-` is the standard input.

    Raises ManifestError for a file that cannot be read, and for a document that is neither a
    Kubernetes object nor a compose file.
    """
    return [each for document in documents(names) for each in _objects(document)]


def _objects(document: Document) -> Iterator[Manifest]:
    file, values = document.file, document.values
    kind = values.get("kind")
    if isinstance(kind, str):
        metadata = Fields(values, where=f"{file}: {kind}").section("metadata")
        name = metadata.text("name")
        if not name:
            raise ManifestError(f"{file}: {kind}: metadata.name: required")
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
        raise ManifestError(
            f"{file}: must have Kubernetes objects with apiVersion and kind, or the services of a "
            "compose file"
        )


def _services(file: str, values: Mapping[str, object]) -> Iterator[Manifest]:
    compose = Fields(cast("dict[str, object]", interpolated(values)), where=file)
    if "include" in compose:
        raise ManifestError(f"{file}: include: {COMPLETE}")
    for name, service in compose.named("services").items():
        yield Manifest(file=file, kind=SERVICE, name=name, namespace="", fields=service)
    for name, config in compose.named("configs").items():
        yield Manifest(file=file, kind="config", name=name, namespace="", fields=config)
