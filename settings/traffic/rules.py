"""Rules for ha-eks:traffic: the fields of each routing policy."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


def _fields_of_the_policy(settings: Settings) -> Iterator[Problem]:
    traffic = settings.traffic
    if traffic is None:
        return
    for policy, key, value, allowed in (
        ("failover", "role", traffic.role, "primary or secondary"),
        ("weighted", "weight", traffic.weight, "0 to 255"),
    ):
        if traffic.policy == policy and value is None:
            yield Problem(
                key=f"{NAMESPACE}:traffic.{key}",
                message=f"required with policy: {policy}; write {allowed}",
            )
        if traffic.policy != policy and value is not None:
            yield Problem(
                key=f"{NAMESPACE}:traffic.{key}",
                message=f"applies only with policy: {policy}, but policy is {traffic.policy}; "
                f"remove {key}",
            )


RULES = (_fields_of_the_policy,)
