"""Names Kubernetes objects, and the error that ends the work with an API server."""

from collections.abc import Mapping
from typing import Any

Manifest = Mapping[str, Any]  # Any: a manifest is JSON of any shape


class ApiError(Exception):
    """The API server cannot be started or refuses manifests; one line per problem."""


def pod_of(workload: Manifest) -> Manifest:
    """Returns the pod that a Deployment or PodTemplate would create."""
    template = workload["spec"]["template"] if "spec" in workload else workload["template"]
    name, namespace = (workload["metadata"][key] for key in ("name", "namespace"))
    labels = {**template["metadata"]["labels"], "pod-template-hash": "rehearsal"}
    metadata = {"name": f"{name}-0", "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def name_of(manifest: Manifest) -> str:
    """Returns kind, namespace and name of an object."""
    metadata = manifest["metadata"]
    name = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
    return f"{manifest['kind']} {name}"


def raise_refusal(manifest: Manifest, refusal: str | None) -> None:
    """Raises ApiError with the name of an object if the API server has refused the object."""
    if refusal:
        raise ApiError(f"{name_of(manifest)}: {refusal}")
