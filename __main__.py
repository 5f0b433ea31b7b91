"""A cell: one region, one VPC, one cluster, composed from the stack file."""

import pulumi
import pulumi_aws as aws

import settings
from components.add_ons import AFTER_NODES, BEFORE_NODES, AddOns, AddOnsArgs
from components.cluster import Cluster, ClusterArgs
from components.network import Network, NetworkArgs
from components.node_groups import NodeGroups, NodeGroupsArgs

cell = pulumi.get_stack()
stack = settings.load()

provider = aws.Provider(
    "aws",
    aws.ProviderArgs(
        region=stack.aws.region,
        profile=stack.aws.profile,
        allowed_account_ids=list(stack.aws.allowed_account_ids) or None,
        assume_roles=[
            aws.ProviderAssumeRoleArgs(
                role_arn=role.role_arn,
                session_name=role.session_name,
                external_id=role.external_id,
            )
            for role in stack.aws.assume_roles
        ]
        or None,
        default_tags=aws.ProviderDefaultTagsArgs(
            tags={**stack.aws.default_tags.tags, "ha-eks:cell": cell}
        ),
    ),
)
opts = pulumi.ResourceOptions(providers=[provider])

network = Network("network", NetworkArgs(network=stack.network, region=stack.aws.region), opts)
cluster = Cluster(
    "cluster",
    ClusterArgs(
        cell=cell,
        cluster=stack.cluster,
        vpc_id=network.vpc_id,
        control_plane_subnet_ids=network.control_plane_subnet_ids,
        assume_roles=stack.aws.assume_roles,
        profile=stack.aws.profile,
    ),
    opts,
)
node_add_ons = AddOns(
    "node-add-ons",
    AddOnsArgs(
        add_ons=BEFORE_NODES,
        cluster_name=cluster.name,
        kubernetes_version=stack.cluster.version,
    ),
    opts,
)
nodes = NodeGroups(
    "nodes",
    NodeGroupsArgs(
        pools=stack.pools.root,
        cluster_name=cluster.name,
        kubernetes_version=stack.cluster.version,
        subnet_ids=network.private_subnet_ids,
        egress=network.egress,
        before_nodes=node_add_ons.add_ons,
    ),
    opts,
)
AddOns(
    "cluster-add-ons",
    AddOnsArgs(
        add_ons=AFTER_NODES,
        cluster_name=cluster.name,
        kubernetes_version=stack.cluster.version,
    ),
    pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=nodes.groups)),
)

pulumi.export("kubeconfig", cluster.kubeconfig)
