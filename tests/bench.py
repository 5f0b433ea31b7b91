"""How long a preview takes, as ratios measured in one run: `make bench`.

First over the time of importing the providers and touching the classes that the program uses;
both as whole processes, in turn, five times, the median of each. Then how it grows with the size
of a stack, per resource, in one process.
"""

import io
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.wide_stack import write_wide
from tools.preview.build_folder import write_build
from tools.preview.tree import tree
from tools.recording import record

IMPORTS = """
import pulumi_aws as aws, pulumi_eks as eks, pulumi_kubernetes as k8s
aws.Provider, aws.cloudwatch.LogGroup, aws.kms.Key, aws.kms.Alias, aws.iam.Role
aws.iam.RolePolicyAttachment, aws.iam.RolePolicy, aws.ec2.Vpc, aws.ec2.Subnet, aws.ec2.NatGateway
aws.ec2.Eip, aws.ec2.Route, aws.ec2.RouteTable, aws.ec2.RouteTableAssociation, aws.ec2.VpcEndpoint
aws.ec2.InternetGateway, aws.ec2.LaunchTemplate, aws.ec2.SecurityGroup, aws.eks.NodeGroup
aws.eks.Addon, aws.eks.AccessEntry, aws.eks.AccessPolicyAssociation, aws.eks.PodIdentityAssociation
aws.lb.LoadBalancer, aws.lb.TargetGroup, aws.lb.Listener, aws.route53.Record
aws.acm.Certificate, aws.s3.Bucket, aws.ecr.Repository
aws.route53.HealthCheck, aws.vpc.SecurityGroupIngressRule, aws.vpc.SecurityGroupEgressRule
eks.Cluster, k8s.Provider, k8s.apps.v1.Deployment, k8s.core.v1.Namespace, k8s.core.v1.Service
k8s.core.v1.ServiceAccount, k8s.policy.v1.PodDisruptionBudget, k8s.networking.v1.NetworkPolicy
k8s.helm.v3.Release
k8s.autoscaling.v2.HorizontalPodAutoscaler, k8s.scheduling.v1.PriorityClass
k8s.apiextensions.CustomResource
"""
LIMIT = 2.5
SIZES = ((25, 2), (50, 4), (100, 8))


def seconds(*arguments: str) -> float:
    """Returns the wall-clock seconds of one Python process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def ratios() -> None:
    """Prints the time of a preview over that of its imports, for each shipped stack."""
    for stack in ("dev", "prod", "prod-standby"):
        pairs = [(seconds("-m", "tools.preview", stack), seconds("-c", IMPORTS)) for _ in range(5)]
        preview, imports = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(
            f"{stack}: preview {preview:.2f} s, imports {imports:.2f} s, "
            f"ratio {preview / imports:.2f} (at most {LIMIT})"
        )


def preview_wide(apps: int, pools: int) -> tuple[int, float]:
    """Number of resources of a wide stack, and how long its preview takes in this process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_wide(folder, apps=apps, pools=pools)
        start = time.perf_counter()
        recording = record("wide", root=folder)
        write_build(recording, folder / "build")
        Console(file=io.StringIO()).print(tree(recording))
        return len(recording.resources), time.perf_counter() - start


def growth() -> None:
    """Prints the time of a preview per resource, for stacks of growing size."""
    preview_wide(5, 4)  # imports are not what is measured here
    for apps, pools in SIZES:
        count, took = min((preview_wide(apps, pools) for _ in range(3)), key=lambda each: each[1])
        print(
            f"{apps} apps, {pools * 3} node groups: {count} resources, {took:.2f} s, "
            f"{1000 * took / count:.1f} ms a resource"
        )


if __name__ == "__main__":
    ratios()
    growth()
