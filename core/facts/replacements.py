"""Input changes that replace a resource.

Sources:

- AWS: `replacements.toml`, which names the file of the provider for each type, and
  `_added_or_removed`. `region` of a resource: `forceNewIfRegionChanges` in internal/provider of
  https://github.com/hashicorp/terraform-provider-aws, version 6.
- Order of AWS replacements: `nameRequiresDeleteBeforeReplace` in pulumi-terraform-bridge
  pkg/tfbridge/schema.go and the overrides in pulumi-aws provider/resources.go.
- Kubernetes: `forceNewProperties` in
  https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go and
  helm_release.go in the same folder.
- Providers: `DiffConfig` in provider.go in the same folder, and
  https://github.com/pulumi/pulumi-aws/pull/4000
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

_AWS: Mapping[str, Any] = tomllib.loads(
    Path(__file__).with_name("replacements.toml").read_text(encoding="utf-8")
)

_KUBERNETES = {
    "kubernetes:apps/v1:DaemonSet": "spec.selector",
    "kubernetes:apps/v1:Deployment": "spec.selector",
    "kubernetes:apps/v1:StatefulSet": (
        "spec.podManagementPolicy spec.revisionHistoryLimit spec.selector spec.serviceName "
        "spec.volumeClaimTemplates"
    ),
    "kubernetes:batch/v1:Job": "spec.completions spec.parallelism spec.selector spec.template",
    "kubernetes:core/v1:ConfigMap": "binaryData data",
    "kubernetes:core/v1:PersistentVolume": (
        "spec.awsElasticBlockStore spec.csi spec.hostPath spec.local spec.nfs"
    ),
    "kubernetes:core/v1:PersistentVolumeClaim": (
        "spec.accessModes spec.selector spec.storageClassName spec.volumeName"
    ),
    "kubernetes:core/v1:ResourceQuota": "spec.scopes",
    "kubernetes:core/v1:Secret": "data stringData type",
    "kubernetes:core/v1:Service": "spec.clusterIP",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": "roleRef",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": "roleRef",
    "kubernetes:storage.k8s.io/v1:StorageClass": "parameters provisioner",
    "kubernetes:helm.sh/v3:Release": "name namespace",
}
"""Input paths that replace an object, in addition to its name and namespace."""

_PROVIDERS = {
    "pulumi:providers:aws": "region",
    "pulumi:providers:kubernetes": "clusterIdentifier",
}
"""Inputs of a provider whose new value replaces the provider, and with it all its resources."""

_INCOMPLETE = frozenset({"kubernetes:core/v1:Pod"})
"""Types with more replacing inputs than `_KUBERNETES` has."""

_CLUSTER = "aws:eks/cluster:Cluster"
_RULES = (
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
)
_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
"""Inputs of which a security group rule has one: its source, or its destination."""


def is_known(type_: str) -> bool:
    """True if the inputs that replace a resource of a type are known."""
    if type_.startswith("kubernetes:"):
        return type_ not in _INCOMPLETE
    return type_ in _AWS or type_ in _PROVIDERS


def replacing_paths(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """Returns the paths of the inputs whose change from `old` to `new` replaces a resource.

    An empty set means an update in place. Raises KeyError for a type that is not known.
    """
    if type_ in _PROVIDERS:
        return frozenset(_other(_PROVIDERS[type_], old, new))
    if type_.startswith("kubernetes:"):
        paths = ["metadata.name", "metadata.namespace", *_KUBERNETES.get(type_, "").split()]
        further = set[str]()
    else:
        paths = _AWS[type_]["inputs"]
        further = _other("region", old, new) | _added_or_removed(type_, old, new)
    changed = {path for path in paths if _value_at(old, path) != _value_at(new, path)}
    return frozenset(changed | further)


def replacing_inputs(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Returns the top-level inputs of the paths that replace a resource."""
    return {path.split(".")[0] for path in replacing_paths(type_, old, new)}


def _other(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Returns the key if its value becomes another one: without a value, a default applies."""
    return {key} if key in old and key in new and old[key] != new[key] else set()


def _added_or_removed(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Returns the inputs that replace an AWS resource if they are added or removed, and are updated
    in place otherwise.

    - A security group rule whose kind of source changes: `ModifyPlan` in
      internal/service/ec2/vpc_security_group_ingress_rule.go of the provider.
    - A cluster whose encryption is removed: `CustomizeDiff` in internal/service/eks/cluster.go.
    """
    if type_ in _RULES:
        return {key for key in _SOURCES if (key in old) != (key in new)}
    if type_ == _CLUSTER and old.get("encryptionConfig") and not new.get("encryptionConfig"):
        return {"encryptionConfig"}
    return set()


def deletes_before_create(type_: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """True if a replaced resource is deleted before the new one is created."""
    if type_ == "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
        return True
    if type_.startswith("kubernetes:"):
        same = all(_value_at(old, f"metadata.{key}") == _value_at(new, f"metadata.{key}")
                   for key in ("name", "namespace"))  # fmt: skip
        return same and "metadata" in new
    return "name" in new and type_ != "aws:route53/record:Record"


def _value_at(values: Any, path: str) -> Any:  # Any: JSON of any shape
    for key in path.split("."):
        values = cast("Mapping[str, Any]", values).get(key) if isinstance(values, Mapping) else None
    return values
