"""AWS services with interface endpoints, and the services that a cell requires.

The names are the part of the endpoint service name after com.amazonaws.REGION:
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
"""

from typing import Literal

Service = Literal[
    "aps-workspaces", "autoscaling", "ec2", "ec2messages", "ecr.api", "ecr.dkr", "eks", "eks-auth",
    "elasticloadbalancing", "kms", "logs", "monitoring", "secretsmanager", "sqs", "ssm",
    "ssmmessages", "sts", "xray",
]  # fmt: skip
"""A service with an interface endpoint. S3 has a gateway endpoint, which the program always
creates."""

NEEDED_WITHOUT_NAT: tuple[Service, ...] = (
    "autoscaling", "ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "logs",
    "monitoring", "ssm", "ssmmessages", "sts",
)  # fmt: skip
"""Services that nodes and system pods require if the VPC has no NAT.

- ec2: nodes and VPC CNI.
- ecr.api and ecr.dkr: image pulls.
- eks-auth: EKS Pod Identity.
- autoscaling, eks (DescribeNodegroup) and, according to AWS, sts: Cluster Autoscaler.
- elasticloadbalancing and ec2: AWS Load Balancer Controller.
- logs and monitoring: CloudWatch agent and Fluent Bit.
- ssm and ssmmessages: Session Manager. Only SSM Agent before 3.3.40.0 requires ec2messages.

https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html
https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html
"""

NEEDED_FOR_QUERIES: tuple[Service, ...] = ("aps-workspaces",)
"""Service that KEDA queries if an app scales on a Prometheus query. The scraper does not use this
endpoint.
https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-and-interface-VPC.html
"""

NEEDED_FOR_QUEUES: tuple[Service, ...] = ("sqs",)
"""Service that KEDA asks for the number of messages if an app scales on an SQS queue.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-vpc-endpoints.html
"""

NEEDED_FOR_SECRETS: tuple[Service, ...] = ("secretsmanager",)
"""Service from which nodes read the secrets that pods mount. Parameter Store has the endpoint ssm.
Mounts of EFS file systems need no endpoint: mount targets are in the subnets of the VPC.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/vpc-endpoint-overview.html
https://docs.aws.amazon.com/efs/latest/ug/efs-vpc-endpoints.html
"""

NEEDED_FOR_TRACES: tuple[Service, ...] = ("xray",)
"""Service to which the CloudWatch agent sends the traces of traced apps.
https://docs.aws.amazon.com/xray/latest/devguide/xray-security-vpc-endpoint.html
"""

NEEDED_TO_JOIN: tuple[Service, ...] = ("ec2", "ecr.api", "ecr.dkr", "eks-auth")
"""Services of NEEDED_WITHOUT_NAT that a node requires to become ready."""
