"""Preview's time over that of importing the providers and touching the classes it uses.

`make bench`: both as whole processes, in turn, five times; the median of each and their ratio.
"""

import statistics
import subprocess
import sys
import time

IMPORTS = """
import pulumi_aws as aws, pulumi_eks as eks, pulumi_kubernetes as kubernetes
aws.Provider, aws.cloudwatch.LogGroup, aws.kms.Key, aws.kms.Alias, aws.iam.Role
aws.iam.RolePolicyAttachment, aws.ec2.Vpc, aws.ec2.Subnet, aws.ec2.NatGateway, aws.ec2.Eip
aws.ec2.Route, aws.ec2.RouteTable, aws.ec2.RouteTableAssociation, aws.ec2.VpcEndpoint
aws.ec2.InternetGateway, aws.ec2.LaunchTemplate, aws.eks.NodeGroup, aws.eks.Addon
aws.eks.AccessEntry, aws.eks.AccessPolicyAssociation, eks.Cluster, kubernetes.Provider
"""
LIMIT = 2.5


def seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    for stack in ("dev", "prod", "prod-standby"):
        pairs = [(seconds("-m", "preflight", stack), seconds("-c", IMPORTS)) for _ in range(5)]
        preview, imports = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(
            f"{stack}: preview {preview:.2f} s, imports {imports:.2f} s, "
            f"ratio {preview / imports:.2f} (at most {LIMIT})"
        )


if __name__ == "__main__":
    main()
