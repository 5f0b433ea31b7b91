"""Which input changes replace a resource, for the types that the stacks use.

AWS: `replaces.toml`, which names its sources; what is deleted first:
`nameRequiresDeleteBeforeReplace` in pulumi-terraform-bridge pkg/tfbridge/schema.go and the
overrides in pulumi-aws provider/resources.go. Kubernetes: `forceNewProperties` in
https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go and
helm_release.go beside it.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

_AWS: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("replaces.toml").read_text(encoding="utf-8")
)

_KUBERNETES = {
    "kubernetes:apps/v1:Deployment": "spec.selector",
    "kubernetes:core/v1:ConfigMap": "binaryData data",
    "kubernetes:core/v1:PersistentVolumeClaim": (
        "spec.accessModes spec.selector spec.storageClassName spec.volumeName"
    ),
    "kubernetes:core/v1:Service": "spec.clusterIP",
    "kubernetes:storage.k8s.io/v1:StorageClass": "parameters provisioner",
    "kubernetes:helm.sh/v3:Release": "name namespace",
}
"""What replaces beside an object's name and namespace."""


def replaced_by(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The top-level inputs whose change from `old` to `new` replaces a resource; none: in place.

    KeyError for an AWS type that nobody has looked up.
    """
    if type_.startswith("kubernetes:"):
        paths = ["metadata.name", "metadata.namespace", *_KUBERNETES.get(type_, "").split()]
    else:
        paths = _AWS[type_]["inputs"]
    return {path.split(".")[0] for path in paths if _at(old, path) != _at(new, path)}


def deleted_first(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a replaced resource is deleted before its successor is there."""
    if type_ == "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
        return True
    if type_.startswith("kubernetes:"):
        same = all(_at(old, f"metadata.{key}") == _at(new, f"metadata.{key}")
                   for key in ("name", "namespace"))  # fmt: skip
        return same and "metadata" in new
    return "name" in new and type_ != "aws:route53/record:Record"


def _at(values: Any, path: str) -> Any:  # Any: JSON of any shape
    for key in path.split("."):
        values = cast("Mapping[str, Any]", values).get(key) if isinstance(values, Mapping) else None
    return values
