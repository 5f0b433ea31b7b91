"""Constraints of Kubernetes on files, volumes and network policies of apps.

- Pods do not start until their ConfigMaps, claims and SecretProviderClasses exist. A claim in use
  is deleted only after its last pod:
  https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
- The agents of network policies crash if policies remain after the feature is turned off:
  https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
"""

from collections.abc import Iterator
from typing import cast

from core.facts.versions.add_ons import EFS_DRIVER, SECRETS_DRIVER
from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values, namespace_of

_ADD_ON = "aws:eks/addon:Addon"
_CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_VOLUME = "kubernetes:core/v1:PersistentVolume"
_SECRETS = "kubernetes:secrets-store.csi.x-k8s.io/v1:SecretProviderClass"
_STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

_OBJECTS_OF_ADD_ONS = {
    "aws-ebs-csi-driver": _CLAIM, EFS_DRIVER: _VOLUME, SECRETS_DRIVER: _SECRETS,
    "vpc-cni": _NETWORK_POLICY,
}  # fmt: skip
"""Type of the objects that an add-on must outlive, by add-on."""


def _mounts(deployment: Values) -> Iterator[tuple[str, str]]:
    """Yields type and name of the objects that a Deployment mounts."""
    pod = deployment["spec"]["template"]["spec"]
    for each in cast("list[Values]", pod.get("volumes") or []):
        if "configMap" in each:
            yield _CONFIG_MAP, each["configMap"]["name"]
        if "persistentVolumeClaim" in each:
            yield _CLAIM, each["persistentVolumeClaim"]["claimName"]
        if "csi" in each:
            yield _SECRETS, each["csi"]["volumeAttributes"]["secretProviderClass"]


def _mount_exists(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ != _DEPLOYMENT or verb == "delete":
        return
    for mounted, name in _mounts(inputs):
        existing = {
            (namespace_of(each.inputs), each.inputs["metadata"]["name"])
            for each in cloud.of_type(mounted)
        }
        if (namespace_of(inputs), name) not in existing:
            kind = mounted.rpartition(":")[2]
            raise RefusedError("Timeout", f"the pods do not start: {kind} {name} does not exist")


def _mount_in_use(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ not in (_CONFIG_MAP, _CLAIM, _SECRETS) or verb != "delete":
        return
    mount = (type_, inputs["metadata"]["name"])
    for each in cloud.of_type(_DEPLOYMENT):
        if namespace_of(each.inputs) == namespace_of(inputs) and mount in _mounts(each.inputs):
            raise RefusedError("Timeout", f"{mount[1]} is in use by {each.label}")


def _volume_exists(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ != _CLAIM or verb == "delete":
        return
    needed, name = _STORAGE_CLASS, inputs["spec"]["storageClassName"]
    if not name:
        needed, name = _VOLUME, inputs["spec"]["volumeName"]
    if name not in [each.inputs["metadata"]["name"] for each in cloud.of_type(needed)]:
        kind = needed.rpartition(":")[2]
        raise RefusedError("Timeout", f"the claim stays pending: {kind} {name} does not exist")


def _add_on_deleted_last(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ != _ADD_ON or verb != "delete":
        return
    for each in cloud.of_type(_OBJECTS_OF_ADD_ONS.get(inputs["addonName"], "")):
        if each.type == _CLAIM and not each.inputs["spec"]["storageClassName"]:
            continue  # a claim of a shared volume
        raise RefusedError("LeftBehind", f"{inputs['addonName']} is deleted before {each.label}")


CONSTRAINTS: tuple[Constraint, ...] = (
    _mount_exists, _mount_in_use, _volume_exists, _add_on_deleted_last,
)  # fmt: skip
