"""The resources in the state of a cell: what is protected, what is deleted and what remains."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

State = Sequence[Mapping[str, Any]]  # Any: JSON of any shape
"""Resources in the format of the engine."""

_GUARD = "ha-eks:index:DeletionGuard"
_CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"
_FILE_SYSTEM = "aws:efs/fileSystem:FileSystem"
_BUCKET = "aws:s3/bucket:Bucket"
_RECORD = "aws:route53/record:Record"
_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_KEY = "aws:kms/key:Key"
_VAULT = "aws:backup/vault:Vault"
_BACKUP = "ha-eks:index:Resilience$aws:"
"""Part of the URN of vaults, and of the keys and roles that backups need."""
_PROTECTED_BY = {
    "aws:eks/cluster:Cluster": "deletionProtection",
    "aws:lb/loadBalancer:LoadBalancer": "enableDeletionProtection",
}
"""Input that protects a resource in AWS, by type."""

_LOAD_BALANCING = "ha-eks:index:LoadBalancing$"
"""Part of the URN of the bucket that `ha-eks:protected` protects."""

_KINDS = {
    "aws:eks/cluster:Cluster": ("EKS cluster", "EKS clusters"),
    "aws:eks/nodeGroup:NodeGroup": ("node group", "node groups"),
    "kubernetes:apps/v1:Deployment": ("Deployment", "Deployments"),
    "kubernetes:helm.sh/v3:Release": ("Helm release", "Helm releases"),
    _CLAIM: ("volume", "volumes"),
    _FILE_SYSTEM: ("file system", "file systems"),
    "aws:lb/loadBalancer:LoadBalancer": ("load balancer", "load balancers"),
    _RECORD: ("Route 53 record", "Route 53 records"),
    "aws:route53/healthCheck:HealthCheck": ("health check", "health checks"),
    "aws:ec2/vpc:Vpc": ("VPC", "VPCs"),
    "aws:ec2/natGateway:NatGateway": ("NAT gateway", "NAT gateways"),
    _BUCKET: ("bucket", "buckets"),
    _LOG_GROUP: ("log group", "log groups"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("alarm", "alarms"),
    _KEY: ("KMS key", "KMS keys"),
}
"""Singular and plural of the kinds that are counted by name, by type."""


def protected(state: State) -> Iterator[str]:
    """Yields the URNs of the resources that `ha-eks:protected` protects at present."""
    for each in state:
        flag = _PROTECTED_BY.get(each["type"])
        if (
            (each["type"] == _GUARD and each.get("protect"))
            or (flag and _inputs(each).get(flag))
            or (_is_kept_bucket(each) and _LOAD_BALANCING in each["urn"])
        ):
            yield str(each["urn"])


def refusals(state: State, stack: str) -> Iterator[str]:
    """Yields a line for each resource with data that its own setting protects.

    `pulumi destroy` would delete other resources before it fails at these.
    """
    again = f"run make up STACK={stack}, then make down STACK={stack} again"
    for each in state:
        name = _name(each["urn"])
        if each["type"] == _CLAIM and each.get("protect"):
            yield (
                f"the volume of {name} is protected; create a snapshot of it if you need its data, "
                f"set ha-eks:singletons.{name}.volume.deletionProtection to false, {again}"
            )
        elif each["type"] == _FILE_SYSTEM and each.get("protect"):
            yield (
                f"the shared volume of {name} is protected; copy its files if you need them, set "
                f"sharedVolume.deletionProtection of {name} to false, {again}"
            )
        elif each.get("protect") and each["type"] != _GUARD:
            yield (
                f"{each['urn']} is protected by hand; run pulumi state unprotect with this URN, "
                f"then make down STACK={stack} again"
            )
        elif _is_kept_bucket(each) and _LOAD_BALANCING not in each["urn"]:
            yield (
                f"the bucket {name} is protected; copy its objects if you need them, set "
                f"ha-eks:observability.archive.deletionProtection to false, {again}"
            )


def summary(state: State, stack: str) -> Iterator[str]:
    """Yields the lines that say what is deleted, what is lost for good, and what remains."""
    real = [each for each in state if each["custom"] and not _is_provider(each)]
    deleted = [each for each in real if not each.get("retainOnDelete")]
    yield f"make down deletes the cell {stack}:"
    counts = Counter(str(each["type"]) for each in deleted if not _is_shared_claim(each))
    for type_, (one, several) in _KINDS.items():
        if counts[type_]:
            yield f"  {counts[type_]:>4} {one if counts[type_] == 1 else several}"
    others = len(deleted) - sum(counts[type_] for type_ in _KINDS)
    yield f"  {others:>4} other resources"
    yield "lost for good:"
    yield from _lost(deleted)
    yield "what remains (docs/teardown.md#what-remains):"
    yield from _remaining(real)


def _lost(deleted: State) -> Iterator[str]:
    for each in deleted:
        name = _name(each["urn"])
        if each["type"] == _RECORD:
            yield (
                f"  the Route 53 record {_inputs(each).get('name')}: its clients no longer reach "
                "this cell"
            )
        elif each["type"] == _CLAIM and not _is_shared_claim(each):
            yield f"  the volume of {name}, with its data"
        elif each["type"] == _FILE_SYSTEM:
            yield f"  the shared volume of {name}, with its files"
        elif each["type"] == _BUCKET:
            yield f"  the bucket {name}, with its objects"
    groups = sum(each["type"] == _LOG_GROUP for each in deleted)
    if groups:
        yield f"  the logs of {groups} log group{'s' if groups > 1 else ''}"
    yield "  volumes of other claims in the cluster, unless their reclaim policy is Retain"


def _remaining(real: State) -> Iterator[str]:
    vaults = [each for each in real if each["type"] == _VAULT]
    for each in real:
        if each.get("retainOnDelete") and _BACKUP not in each["urn"]:
            yield f"  {_name(each['urn'])} ({each['type']}), which other cells may use"
    for each in vaults:
        yield (
            f"  the vault {each['id']} with its backups until they expire, its key and the role of "
            "backups"
        )
    if any(each["type"] == _FILE_SYSTEM for each in real):
        yield "  backups of shared volumes in AWS Backup, until they expire"
    if any(each["type"] == _KEY for each in real):
        yield "  KMS keys, for 7 to 30 days"
    yield "  the role and the policies of the deployer, and the Pulumi stack"


def _is_shared_claim(resource: Mapping[str, Any]) -> bool:
    """True if a resource is a claim whose files are in a file system."""
    return resource["type"] == _CLAIM and "volumeName" in _inputs(resource).get("spec", {})


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _is_kept_bucket(resource: Mapping[str, Any]) -> bool:
    """True for a bucket that Pulumi does not empty."""
    return resource["type"] == _BUCKET and not _inputs(resource).get("forceDestroy")


def _inputs(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return resource.get("inputs") or {}


def _is_provider(resource: Mapping[str, Any]) -> bool:
    return str(resource["type"]).startswith("pulumi:")
