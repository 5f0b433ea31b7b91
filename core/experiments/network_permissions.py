"""IAM statements for actions that cut subnets off: FIS creates network ACLs and route tables with a
tag of its own, and associates them with the subnets."""

from collections.abc import Iterator, Mapping

from core.experiments.scope import Scope
from core.iam import Document, allow

_FIS_TAG = "managedByFIS"
"""Tag of what FIS creates.
https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html#network-actions-reference"""


def disrupt_subnets(scope: Scope) -> Iterator[Document]:
    """Yields the statements for network ACLs of the subnets in the zone."""
    yield from _created(scope, "network-acl", "CreateNetworkAcl")
    yield allow(["ec2:CreateNetworkAcl"], scope.vpc)
    yield _managed(scope, "network-acl", "ec2:CreateNetworkAclEntry", "ec2:DeleteNetworkAcl")
    yield allow(["ec2:ReplaceNetworkAclAssociation"], scope.arns("network-acl"), _in_vpc(scope))
    yield allow(["ec2:ReplaceNetworkAclAssociation"], scope.zone_subnets)
    yield allow(
        [
            "ec2:DescribeManagedPrefixLists",
            "ec2:DescribeNetworkAcls",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ec2:GetManagedPrefixListEntries",
        ]
    )


def disrupt_region(scope: Scope) -> Iterator[Document]:
    """Yields the statements for route tables of the private subnets."""
    for kind, action in {
        "route-table": "CreateRouteTable",
        "network-interface": "CreateNetworkInterface",
        "prefix-list": "CreateManagedPrefixList",
    }.items():
        yield from _created(scope, kind, action)
    yield allow(["ec2:CreateRouteTable"], scope.vpc)
    yield allow(["ec2:CreateNetworkInterface"], scope.private_subnets)
    yield allow(["ec2:CreateNetworkInterface"], scope.arns("security-group"), _in_vpc(scope))
    yield _managed(
        scope,
        "route-table",
        "ec2:CreateRoute",
        "ec2:DeleteRouteTable",
        "ec2:DisassociateRouteTable",
        "ec2:ModifyVpcEndpoint",
    )
    yield _managed(scope, "network-interface", "ec2:DeleteNetworkInterface")
    yield _managed(
        scope, "prefix-list", "ec2:DeleteManagedPrefixList", "ec2:ModifyManagedPrefixList"
    )
    yield allow(
        [
            "ec2:AssociateRouteTable",
            "ec2:DisassociateRouteTable",
            "ec2:ReplaceRouteTableAssociation",
        ],
        scope.private_subnets,
    )
    yield allow(
        ["ec2:AssociateRouteTable", "ec2:ReplaceRouteTableAssociation"],
        scope.arns("route-table"),
        _in_vpc(scope),
    )
    yield allow(
        ["ec2:ModifyVpcEndpoint"],
        scope.arns("vpc-endpoint"),
        {"StringEquals": scope.tagged()} if scope.owns_vpc else None,
    )
    yield allow(
        [
            "ec2:DescribeManagedPrefixLists",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcPeeringConnections",
            "ec2:DescribeVpcs",
            "ec2:GetManagedPrefixListEntries",
        ]
    )


def _in_vpc(scope: Scope) -> Mapping[str, Mapping[str, object]]:
    """Returns the condition that a resource belongs to the VPC of the cell."""
    return {"ArnEquals": {"ec2:Vpc": scope.vpc}}


def _created(scope: Scope, kind: str, action: str) -> Iterator[Document]:
    """Yields the statements that allow FIS to create a kind of resource with its tag."""
    tag = {f"aws:RequestTag/{_FIS_TAG}": "true"}
    yield allow([f"ec2:{action}"], scope.arns(kind), {"StringEquals": tag})
    yield allow(
        ["ec2:CreateTags"],
        scope.arns(kind),
        {"StringEquals": {**tag, "ec2:CreateAction": action}},
    )


def _managed(scope: Scope, kind: str, *actions: str) -> Document:
    """Returns the statement that allows actions on what FIS created."""
    return allow(
        actions,
        scope.arns(kind),
        {"StringEquals": {f"aws:ResourceTag/{_FIS_TAG}": "true"}},
    )
