"""Constraints of AWS on rules and certificates of listeners.

Error codes: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
and API_AddListenerCertificates.html
"""

from collections.abc import Sequence

from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values

_RULE = "aws:lb/listenerRule:ListenerRule"
_CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate"
_MAX_PRIORITY = 50_000
_RULES_OF_A_LOAD_BALANCER, _VALUES_OF_A_RULE, _WILDCARDS_OF_A_RULE = 100, 5, 6
_CERTIFICATES_OF_A_LOAD_BALANCER = 25


def _rule(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Priorities are unique, and conditions have few values.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
    """
    if verb == "delete" or type_ != _RULE:
        return
    values = [value for each in inputs["conditions"] for value in _values(each)]
    if not values:
        raise RefusedError("ValidationError", "A rule must have at least one condition")
    if len(values) > _VALUES_OF_A_RULE:
        raise RefusedError("TooManyActions", "The maximum number of condition values per rule is 5")
    if sum(value.count("*") + value.count("?") for value in values) > _WILDCARDS_OF_A_RULE:
        raise RefusedError("ValidationError", "Rule has more than 6 wildcard characters")
    priority = inputs.get("priority")
    if priority is not None and not 1 <= priority <= _MAX_PRIORITY:
        raise RefusedError("ValidationError", f"Priority '{priority:.0f}' is out of range")
    others = [
        each for each in cloud.of_type(_RULE) if each.inputs["listenerArn"] == inputs["listenerArn"]
    ]
    if verb == "create" and len(others) >= _RULES_OF_A_LOAD_BALANCER:
        raise RefusedError(
            "TooManyRules", "The maximum number of rules per load balancer has been reached"
        )
    taken = {each.inputs.get("priority") for each in others} - {None}
    if verb == "create" and priority in taken:
        raise RefusedError("PriorityInUse", f"Priority '{priority:.0f}' is currently in use")


def _certificates(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    if verb != "create" or type_ != _CERTIFICATE:
        return
    others = [
        each
        for each in cloud.of_type(_CERTIFICATE)
        if each.inputs["listenerArn"] == inputs["listenerArn"]
    ]
    if len(others) >= _CERTIFICATES_OF_A_LOAD_BALANCER:
        raise RefusedError(
            "TooManyCertificates",
            "The maximum number of certificates per load balancer has been reached",
        )


def _values(condition: Values) -> Sequence[str]:
    """Returns the values of a condition, of whatever kind."""
    return [value for each in condition.values() for value in each["values"]]


CONSTRAINTS: tuple[Constraint, ...] = (_rule, _certificates)
