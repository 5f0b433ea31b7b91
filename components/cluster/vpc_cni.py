"""The VPC CNI add-on: pod addresses from the VPC, and network policies."""

from collections.abc import Mapping

import pulumi

from components.cluster.add_ons import AddOn
from core.labels import ZONE
from settings.network.network import Pods


def vpc_cni(
    pods: Pods,
    region: str,
    subnet_ids: Mapping[str, pulumi.Input[str]],
    security_group_id: pulumi.Input[str],
) -> AddOn:
    """Returns the VPC CNI add-on, with enforcement of network policies.

    With `subnet_ids`, the pods of each zone get addresses from that subnet, and their network
    interfaces have `security_group_id`, as those of nodes. The add-on must be deleted after the
    last NetworkPolicy: its agent crashes on policies that remain.

    Keys:
    https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
    https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/charts/aws-vpc-cni/values.yaml
    https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network-tutorial.html
    """
    env: dict[str, object] = {}
    configuration: dict[str, object] = {"enableNetworkPolicy": "true"}
    if subnet_ids:
        env["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] = "true"
        env["ENI_CONFIG_LABEL_DEF"] = ZONE
        configuration["eniConfig"] = {
            "create": True,
            "region": region,
            "subnets": {
                zone: {"id": id_, "securityGroups": [security_group_id]}
                for zone, id_ in subnet_ids.items()
            },
        }
    if pods.prefix_delegation:
        env["ENABLE_PREFIX_DELEGATION"] = "true"
        env["WARM_PREFIX_TARGET"] = "1"
    if env:
        configuration["env"] = env
    return AddOn(
        name="vpc-cni",
        service_account="aws-node",
        policy="arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
        configuration=configuration,
    )
