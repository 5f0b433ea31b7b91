import json
from typing import Any

import pytest

from components.cluster.add_ons import AddOns, AddOnsArgs, AddOnSettings
from components.cluster.vpc_cni import vpc_cni
from settings.network.network import Pods
from tests.components.deploy import REGION, context, deploy, with_aws

CHOICES = AddOnSettings(kubernetes_version="1.36")
SUBNETS = {"us-east-1a": "subnet-1", "us-east-1b": "subnet-2"}


def configuration(subnets: dict[str, str], **pods: object) -> dict[str, Any]:
    """What the add-on is configured with; nothing if it is not."""
    add_on = vpc_cni(Pods.model_validate(pods), REGION, subnets, "sg-1")
    args = AddOnsArgs(add_ons=[add_on], context=context(), add_on_settings=CHOICES)
    made = deploy(lambda: AddOns("add-ons", args, with_aws())).one("aws:eks/addon:Addon").inputs
    return json.loads(made.get("configurationValues", "{}"))


def test_network_policies_are_kept_and_nothing_else_is_configured_unless_it_is_chosen() -> None:
    assert configuration({}) == {"enableNetworkPolicy": "true"}, "AWS's schema takes a text"


def test_pods_of_each_zone_have_addresses_of_its_pod_subnet_and_the_nodes_security_group() -> None:
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
def test_prefixes_are_delegated_with_one_ahead(subnets: dict[str, str]) -> None:
    env = configuration(subnets, prefixDelegation=True)["env"]
    given = {key: env[key] for key in ("ENABLE_PREFIX_DELEGATION", "WARM_PREFIX_TARGET")}
    assert given == {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}
    assert ("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG" in env) is bool(subnets)
