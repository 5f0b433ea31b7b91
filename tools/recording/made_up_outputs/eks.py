"""Made-up IDs and outputs of the cluster, its node groups, add-ons and access, by type."""

from tools.recording.made_up_outputs.account import Account, Inputs, MakeOutputs, Outputs
from tools.recording.made_up_outputs.ids import digest, uuid


def _cluster(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    cluster = inputs["name"]
    host = digest(cluster, 32).upper()
    return cluster, {
        "arn": account.arn("eks", f"cluster/{cluster}"),
        "endpoint": f"https://{host}.gr7.{account.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": "Q0VSVElGSUNBVEU="},
        "vpcConfig": {
            **inputs["vpcConfig"],
            "clusterSecurityGroupId": f"sg-{digest('cluster' + cluster)}",
        },
    }


def _cluster_part(kind: str, *keys: str, arn: str = "arn") -> MakeOutputs:
    """Returns the function that makes up a part of a cluster, whose ID is CLUSTER:NAME.

    NAME is the first of the inputs `keys` that is set. `arn` is the name of the output with the
    ARN.
    """

    def make_outputs(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        physical_name = next(
            (inputs[key] for key in keys if key in inputs), f"{name}-{digest(name, 7)}"
        )
        cluster = inputs["clusterName"]
        return f"{cluster}:{physical_name}", {
            arn: account.arn("eks", f"{kind}/{cluster}/{physical_name}/{digest(name)}")
        }

    return make_outputs


def _policy_association(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['clusterName']}:{inputs['principalArn']}", {}


def _node_group(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_, outputs = _cluster_part("nodegroup", "nodeGroupName")(account, name, inputs)
    auto_scaling_group = f"eks-{id_.partition(':')[2]}-{uuid('asg' + name)}"
    return id_, {**outputs, "resources": [{"autoscalingGroups": [{"name": auto_scaling_group}]}]}


def _auto_scaling_tag(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['autoscalingGroupName']},{inputs['tag']['key']}", {}


EKS: dict[str, MakeOutputs] = {
    "aws:autoscaling/tag:Tag": _auto_scaling_tag,
    "aws:eks/accessEntry:AccessEntry": _cluster_part(
        "access-entry", "principalArn", arn="accessEntryArn"
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _policy_association,
    "aws:eks/addon:Addon": _cluster_part("addon", "addonName"),
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _cluster_part(
        "podidentityassociation", arn="associationArn"
    ),
}
