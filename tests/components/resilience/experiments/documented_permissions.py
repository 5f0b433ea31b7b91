"""IAM permissions that AWS lists for the actions of FIS that the experiments use.

https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
For SSM documents: https://docs.aws.amazon.com/fis/latest/userguide/actions-ssm-agent.html
The policy of the scenario adds DescribeSecurityGroups and DescribeVpcEndpoints to DISRUPT_REGION:
https://docs.aws.amazon.com/fis/latest/userguide/cross-region-scenario.html
Read on 2026-11-29.
"""

from core.facts import fis_actions as fis

PERMISSIONS = {
    fis.SEND_COMMAND: {
        "ec2:DescribeInstances",
        "ec2:DescribeSubnets",
        "ssm:CancelCommand",
        "ssm:ListCommands",
        "ssm:SendCommand",
    },
    fis.STOP_INSTANCES: {
        "ec2:DescribeInstances",
        "ec2:StartInstances",
        "ec2:StopInstances",
        "kms:CreateGrant",
    },
    fis.REFUSE_LAUNCHES: {"autoscaling:DescribeAutoScalingGroups", "ec2:InjectApiError"},
    fis.INTERRUPT_SPOT: {"ec2:DescribeInstances", "ec2:SendSpotInstanceInterruptions"},
    fis.DISRUPT_SUBNETS: {
        "ec2:CreateNetworkAcl",
        "ec2:CreateNetworkAclEntry",
        "ec2:CreateTags",
        "ec2:DeleteNetworkAcl",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:GetManagedPrefixListEntries",
        "ec2:ReplaceNetworkAclAssociation",
    },
    fis.DISRUPT_REGION: {
        "ec2:AssociateRouteTable",
        "ec2:CreateManagedPrefixList",
        "ec2:CreateNetworkInterface",
        "ec2:CreateRoute",
        "ec2:CreateRouteTable",
        "ec2:CreateTags",
        "ec2:DeleteManagedPrefixList",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteRouteTable",
        "ec2:DescribeManagedPrefixLists",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeVpcs",
        "ec2:DisassociateRouteTable",
        "ec2:GetManagedPrefixListEntries",
        "ec2:ModifyManagedPrefixList",
        "ec2:ModifyVpcEndpoint",
        "ec2:ReplaceRouteTableAssociation",
    },
    fis.SHIFT_ZONE: {
        "arc-zonal-shift:CancelZonalShift",
        "arc-zonal-shift:GetManagedResource",
        "arc-zonal-shift:ListManagedResources",
        "arc-zonal-shift:StartZonalShift",
        "arc-zonal-shift:UpdateZonalShift",
        "autoscaling:DescribeTags",
        "tag:GetResources",
    },
    fis.TERMINATE_NODES: {
        "ec2:DescribeInstances",
        "ec2:TerminateInstances",
        "eks:DescribeNodegroup",
        "tag:GetResources",
    },
    fis.DELETE_PODS: {"ec2:DescribeSubnets", "eks:DescribeCluster", "tag:GetResources"},
    fis.WAIT: set[str](),
}
"""Permissions by id of the action."""
