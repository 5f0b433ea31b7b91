"""Consequences of the deletion of a resource, which is also a part of its replacement."""

from collections.abc import Mapping
from typing import Literal

_Kind = Literal["lost", "interrupted"]
"""lost: also by a removal, and for ever. interrupted: by a replacement, until the new one works."""

_CONSEQUENCES: Mapping[str, tuple[_Kind, str]] = {
    "aws:eks/cluster:Cluster": ("lost", "every workload stops, and all its objects are lost"),
    "pulumi:providers:aws": ("interrupted", "every AWS resource of the provider is replaced"),
    "pulumi:providers:kubernetes": ("interrupted", "every object of the provider is replaced"),
    "aws:ec2/vpc:Vpc": ("interrupted", "everything in the network is replaced"),
    "aws:rds/cluster:Cluster": ("lost", "its data is lost"),
    "aws:rds/instance:Instance": ("lost", "its data is lost"),
    "aws:dynamodb/table:Table": ("lost", "its data is lost"),
    "aws:efs/fileSystem:FileSystem": ("lost", "its files are lost"),
    "kubernetes:core/v1:PersistentVolumeClaim": ("lost", "its volume can be lost"),
    "aws:s3/bucket:Bucket": ("lost", "its objects are lost, or the deletion fails"),
    "aws:kms/key:Key": ("lost", "data that it encrypts becomes unreadable after a waiting period"),
    "kubernetes:core/v1:Namespace": ("lost", "all objects in it are lost"),
    "aws:amp/workspace:Workspace": ("lost", "its metrics are lost"),
    "aws:ecr/repository:Repository": ("lost", "its images are lost, or the deletion fails"),
    "aws:cloudwatch/logGroup:LogGroup": ("lost", "its logs are lost"),
    "aws:route53/zone:Zone": ("lost", "its names no longer resolve"),
    "aws:lb/loadBalancer:LoadBalancer": (
        "interrupted",
        "clients fail until DNS returns the new addresses",
    ),
    "aws:ec2/subnet:Subnet": ("interrupted", "everything in the subnet is replaced"),
    "aws:eks/nodeGroup:NodeGroup": (
        "interrupted",
        "its nodes are drained for some minutes, then terminated",
    ),
    "aws:lb/listener:Listener": ("interrupted", "clients fail until the new one exists"),
    "aws:lb/targetGroup:TargetGroup": (
        "interrupted",
        "its app receives no requests until pods are registered",
    ),
    "kubernetes:apps/v1:StatefulSet": ("interrupted", "its pods stop until the new one exists"),
    "kubernetes:apps/v1:DaemonSet": ("interrupted", "its pods stop until the new one exists"),
    "kubernetes:apps/v1:Deployment": ("interrupted", "its pods stop until the new one exists"),
    "kubernetes:core/v1:Service": (
        "interrupted",
        "clients in the cluster fail until the new one exists",
    ),
    "aws:ec2/natGateway:NatGateway": (
        "interrupted",
        "pods lose their connections to the internet",
    ),
    "aws:ec2/eip:Eip": ("lost", "its public address is lost"),
    "aws:route53/record:Record": (
        "interrupted",
        "the name does not resolve until the new one exists",
    ),
    "kubernetes:helm.sh/v3:Release": (
        "interrupted",
        "the objects of its chart are deleted and created",
    ),
}
"""Consequences by type, the gravest first."""

_GRAVITY = {type_: number for number, type_ in enumerate(_CONSEQUENCES)}


def loss(type_: str) -> str:
    """Returns what is lost with a resource of a type; empty if nothing."""
    kind, text = _CONSEQUENCES.get(type_, ("interrupted", ""))
    return text if kind == "lost" else ""


def consequence(type_: str) -> str:
    """Returns the effect of the replacement of a resource of a type; empty if there is none."""
    return _CONSEQUENCES.get(type_, ("interrupted", ""))[1]


def gravity(type_: str) -> tuple[int, str]:
    """Returns a key that sorts types by the effects of a replacement, the gravest first."""
    return _GRAVITY.get(type_, len(_GRAVITY)), type_
