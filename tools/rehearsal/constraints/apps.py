"""What Kubernetes refuses of an app's files and volume, and what is left of it in AWS.

Pods whose ConfigMap is not there never start, and a claim in use ends with its last pod:
https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
Agents crash on policies that outlive their switch:
https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
"""

from collections.abc import Iterator
from typing import cast

from tools.rehearsal.fake_cloud.cloud import Cloud, Constraint, RefusedError, Values, namespace_of

_ADD_ON = "aws:eks/addon:Addon"
_FILES = "kubernetes:core/v1:ConfigMap"
_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

_NEEDS = {"aws-ebs-csi-driver": _CLAIM, "vpc-cni": _POLICY}
"""Add-ons, and of what the last goes before they do."""


def _mounted(deployment: Values) -> Iterator[tuple[str, str]]:
    """Type and name of all that a Deployment's pods mount."""
    pod = deployment["spec"]["template"]["spec"]
    for each in cast("list[Values]", pod.get("volumes") or []):
        if "configMap" in each:
            yield _FILES, each["configMap"]["name"]
        if "persistentVolumeClaim" in each:
            yield _CLAIM, each["persistentVolumeClaim"]["claimName"]


def _mounts(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ == _DEPLOYMENT and verb != "delete":
        for kind, name in _mounted(inputs):
            there = [each.inputs for each in cloud.of_type(kind)]
            place = (namespace_of(inputs), name)
            if place not in [(namespace_of(each), each["metadata"]["name"]) for each in there]:
                raise RefusedError("Timeout", f"the pods wait for {name}, which is not there")


def _in_use(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ in (_FILES, _CLAIM) and verb == "delete":
        own = (type_, inputs["metadata"]["name"])
        for each in cloud.of_type(_DEPLOYMENT):
            if namespace_of(each.inputs) == namespace_of(inputs) and own in _mounted(each.inputs):
                raise RefusedError("Timeout", f"{own[1]} is in use by {each.urn}")


def _claims(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ != _CLAIM or verb == "delete":
        return
    wanted = inputs["spec"]["storageClassName"]
    if wanted not in [each.inputs["metadata"]["name"] for each in cloud.of_type(_CLASS)]:
        raise RefusedError("Timeout", f"nobody makes volumes of the class {wanted}")


def _outlived(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    if type_ == _ADD_ON and verb == "delete":
        for each in cloud.of_type(_NEEDS.get(inputs["addonName"], "")):
            raise RefusedError("LeftBehind", f"{each.urn} is left, and {inputs['addonName']} gone")


CONSTRAINTS: tuple[Constraint, ...] = (_mounts, _in_use, _claims, _outlived)
"""Those of what an app is given."""
