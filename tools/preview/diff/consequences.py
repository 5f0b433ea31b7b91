"""Consequences of the deletion of a resource, which is also a part of its replacement."""

from collections.abc import Mapping
from typing import Literal

_When = Literal["deleted", "replaced"]
"""deleted: also if it is only removed. replaced: until the new resource works."""

_CONSEQUENCES: Mapping[str, tuple[_When, str]] = {
    "aws:eks/cluster:Cluster": ("deleted", "every workload stops, and all its objects are lost"),
    "pulumi:providers:aws": ("replaced", "every AWS resource of the provider is replaced"),
    "pulumi:providers:kubernetes": ("replaced", "every object of the provider is replaced"),
    "aws:ec2/vpc:Vpc": ("replaced", "everything in the network is replaced"),
    "aws:rds/cluster:Cluster": ("deleted", "its data is lost"),
    "aws:rds/instance:Instance": ("deleted", "its data is lost"),
    "aws:dynamodb/table:Table": ("deleted", "its data is lost"),
    "aws:efs/fileSystem:FileSystem": ("deleted", "its files are lost"),
    "kubernetes:core/v1:PersistentVolumeClaim": ("deleted", "its volume can be lost"),
    "aws:s3/bucket:Bucket": ("deleted", "its objects are lost, or the deletion fails"),
    "aws:kms/key:Key": (
        "deleted",
        "data that it encrypts becomes unreadable after a waiting period",
    ),
    "kubernetes:core/v1:Namespace": ("deleted", "all objects in it are lost"),
    "aws:amp/workspace:Workspace": ("deleted", "its metrics are lost"),
    "aws:ecr/repository:Repository": ("deleted", "its images are lost, or the deletion fails"),
    "aws:cloudwatch/logGroup:LogGroup": ("deleted", "its logs are lost"),
    "aws:route53/zone:Zone": ("deleted", "its names no longer resolve"),
    "aws:lb/loadBalancer:LoadBalancer": (
        "replaced",
        "clients fail until DNS returns the new addresses",
    ),
    "aws:ec2/subnet:Subnet": ("replaced", "everything in the subnet is replaced"),
    "aws:eks/nodeGroup:NodeGroup": (
        "deleted",
        "EKS drains its nodes for a few minutes only; drain them first (docs/replace-nodes.md)",
    ),
    "aws:lb/listener:Listener": ("replaced", "clients fail until the new one exists"),
    "aws:lb/targetGroup:TargetGroup": (
        "replaced",
        "its app receives no requests until pods are registered",
    ),
    "kubernetes:apps/v1:StatefulSet": ("replaced", "its pods stop until the new one exists"),
    "kubernetes:apps/v1:DaemonSet": ("replaced", "its pods stop until the new one exists"),
    "kubernetes:apps/v1:Deployment": ("replaced", "its pods stop until the new one exists"),
    "kubernetes:core/v1:Service": (
        "replaced",
        "clients in the cluster fail until the new one exists",
    ),
    "aws:ec2/natGateway:NatGateway": (
        "replaced",
        "pods lose their connections to the internet",
    ),
    "aws:ec2/eip:Eip": ("deleted", "its public address is lost"),
    "aws:route53/record:Record": (
        "replaced",
        "the name does not resolve until the new one exists",
    ),
    "kubernetes:helm.sh/v3:Release": (
        "replaced",
        "the objects of its chart are deleted and created",
    ),
}
"""Consequences by type, the most severe first."""

_GRAVITY = {type_: number for number, type_ in enumerate(_CONSEQUENCES)}


def effect_of_removal(type_: str) -> str:
    """Returns the effect of the removal of a resource of a type; empty if there is none."""
    when, text = _CONSEQUENCES.get(type_, ("replaced", ""))
    return text if when == "deleted" else ""


def effect_of_replacement(type_: str) -> str:
    """Returns the effect of the replacement of a resource of a type; empty if there is none."""
    return _CONSEQUENCES.get(type_, ("replaced", ""))[1]


def gravity(type_: str) -> tuple[int, str]:
    """Returns a key that sorts types by the effects of a replacement, the most severe first."""
    return _GRAVITY.get(type_, len(_GRAVITY)), type_
