"""Identity of a cell: its name, and the region, account and cluster that it uses."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class CellContext:
    """Names of the cell and of its place in AWS, shared by the components of the cell."""

    cell: str
    """Name of the cell: the stack's name."""
    region: str
    """AWS region, such as us-east-1."""
    account: str
    """AWS account id, 12 digits."""
    caller_arn: str
    """ARN of the user or assumed-role session that runs Pulumi."""

    def with_cluster(self, cluster_name: pulumi.Input[str]) -> "ClusterContext":
        """Returns the context of everything that is created after the cluster."""
        return ClusterContext(
            cell=self.cell,
            region=self.region,
            account=self.account,
            caller_arn=self.caller_arn,
            cluster_name=cluster_name,
        )


@dataclass(frozen=True, kw_only=True)
class ClusterContext(CellContext):
    """The context of a cell whose cluster exists."""

    cluster_name: pulumi.Input[str]
    """Name of the cluster. An output of the cluster, so that each resource that uses the name is
    created after the cluster and deleted before it."""

    @property
    def cluster_arn(self) -> pulumi.Output[str]:
        """ARN of the cluster."""
        prefix = f"arn:aws:eks:{self.region}:{self.account}:cluster"
        return pulumi.Output.concat(prefix, "/", self.cluster_name)


def cell_context(cell: str, region: str, provider: aws.Provider) -> CellContext:
    """Returns the context of a cell in the account that the provider's credentials belong to."""
    caller = aws.get_caller_identity(opts=pulumi.InvokeOptions(provider=provider))
    return CellContext(
        cell=cell,
        region=region,
        account=caller.account_id,
        caller_arn=caller.arn,
    )
