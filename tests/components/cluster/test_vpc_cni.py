import json
from typing import Any

import pytest

from components.cluster.add_ons import AddOns, AddOnsArgs, AddOnSettings
from components.cluster.vpc_cni import vpc_cni
from settings.network.network import Pods
from tests.components.deploy import REGION, context, deploy, with_aws

ADD_ON_SETTINGS = AddOnSettings(kubernetes_version="1.36")
SUBNETS = {"us-east-1a": "subnet-1", "us-east-1b": "subnet-2"}


def configuration(subnets: dict[str, str], **pods: object) -> dict[str, Any]:
    """Returns the configuration of the add-on; empty if it has none."""
    add_on = vpc_cni(Pods.model_validate(pods), REGION, subnets, "sg-1")
    args = AddOnsArgs(add_ons=[add_on], context=context(), add_on_settings=ADD_ON_SETTINGS)
    inputs = deploy(lambda: AddOns("add-ons", args, with_aws())).one("aws:eks/addon:Addon").inputs
    return json.loads(inputs.get("configurationValues", "{}"))


def test_by_default_only_network_policies_are_enabled() -> None:
    assert configuration({}) == {"enableNetworkPolicy": "true"}, (
        "the schema of the add-on requires a string"
    )


def test_pods_use_the_pod_subnet_of_their_zone_and_the_node_security_group() -> None:
    assert configuration(SUBNETS) == {
        "enableNetworkPolicy": "true",
        "env": {
            "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
            "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
        },
        "eniConfig": {
            "create": True,
            "region": REGION,
            "subnets": {
                zone: {"id": id_, "securityGroups": ["sg-1"]} for zone, id_ in SUBNETS.items()
            },
        },
    }


@pytest.mark.parametrize("subnets", [{}, SUBNETS])
def test_prefix_delegation_keeps_one_warm_prefix(subnets: dict[str, str]) -> None:
    env = configuration(subnets, prefixDelegation=True)["env"]
    prefix_env = {key: env[key] for key in ("ENABLE_PREFIX_DELEGATION", "WARM_PREFIX_TARGET")}
    assert prefix_env == {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}
    assert ("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG" in env) is bool(subnets)
