"""AWS services that a cell reaches by interface endpoints, and which it cannot do without.

Names as AWS has them after com.amazonaws.REGION:
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
"""

from typing import Literal

Service = Literal[
    "aps-workspaces", "autoscaling", "ec2", "ec2messages", "ecr.api", "ecr.dkr", "eks", "eks-auth",
    "elasticloadbalancing", "kms", "logs", "monitoring", "secretsmanager", "sqs", "ssm",
    "ssmmessages", "sts", "xray",
]  # fmt: skip
"""A service with an interface endpoint. S3 has a gateway endpoint, which is always there."""

NEEDED_WITHOUT_NAT: tuple[Service, ...] = (
    "autoscaling", "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "logs",
    "monitoring", "ssm", "ssmmessages", "sts",
)  # fmt: skip
"""What nodes that have no way out call to join, and the system's pods to work.

Nodes and VPC CNI: ec2; images: ecr.api and ecr.dkr; Pod Identity: eks-auth; Cluster Autoscaler:
autoscaling, eks (DescribeNodegroup) and, as AWS has it, sts; Load Balancer Controller:
elasticloadbalancing and ec2; CloudWatch agent and Fluent Bit: logs, monitoring.
https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
Session Manager: ssm and ssmmessages; its agent needs ec2messages before 3.3.40.0 only.
https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
"""

NEEDED_FOR_QUERIES: tuple[Service, ...] = ("aps-workspaces",)
"""What KEDA asks, if an app follows a query. The scraper has a way of its own.
https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-and-interface-VPC.html
"""

NEEDED_FOR_TRACES: tuple[Service, ...] = ("xray",)
"""Where the CloudWatch agent sends traces, if an app is traced.
https://docs.aws.amazon.com/xray/latest/devguide/xray-security-vpc-endpoint.html
"""

NEEDED_TO_JOIN: tuple[Service, ...] = ("ec2", "ecr.api", "ecr.dkr", "eks-auth")
"""Of those, what a node calls before it is ready."""
