"""Rules for ha-eks:cluster.addOns: a configuration must not override values of the program."""

from collections.abc import Iterator

from settings.reading.paths import value_at
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_VPC_CNI = "vpc-cni"
_KEY = f"{NAMESPACE}:cluster.addOns.{_VPC_CNI}.configuration"

_POLICY_SWITCHES = ("enableNetworkPolicy", "nodeAgent.enabled")
"""Keys that switch the enforcement of network policies off.
https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/charts/aws-vpc-cni/values.yaml"""

_SETTINGS = {
    "env.ENABLE_PREFIX_DELEGATION": "network.pods.prefixDelegation",
    "env.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "network.pods.cidr",
    "env.ENI_CONFIG_LABEL_DEF": "network.pods.cidr",
    "eniConfig": "network.pods.cidr",
}
"""Keys whose values the program sets, with the setting that decides on them."""


def _network_policies(settings: Settings) -> Iterator[Problem]:
    for key in _POLICY_SWITCHES:
        if str(_configured(settings, key)).lower() == "false":
            yield Problem(
                key=f"{_KEY}.{key}",
                message="without the agent of the VPC CNI, nodes do not enforce the network "
                f"policies of the apps; remove {key}",
            )


def _addresses_of_pods(settings: Settings) -> Iterator[Problem]:
    for key, setting in _SETTINGS.items():
        if _configured(settings, key) is not None:
            yield Problem(
                key=f"{_KEY}.{key}",
                message=f"the program sets {key} and calculates the pods of a node from it; remove "
                f"{key}, and write {setting}",
            )


def _configured(settings: Settings, key: str) -> object:
    override = settings.cluster.add_ons.get(_VPC_CNI)
    return value_at(override.configuration, key) if override else None


RULES = (_network_policies, _addresses_of_pods)
