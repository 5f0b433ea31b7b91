"""Packs statements into managed policies within the limits of IAM."""

import json
import math
from collections.abc import Mapping, Sequence

from core.iam import Document, policy
from tools.deploy.policy.statements import Statement

MAX_CHARACTERS = 6144
"""Maximum size of a managed policy, without white space.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

MAX_POLICIES = 10
"""Default quota of managed policies of a role (L-0DA4ABF3)."""


def documents(groups: Mapping[str, Sequence[Statement]]) -> Mapping[str, Document]:
    """Returns the policy documents by name: one for each group.

    What does not fit into the documents of several groups shares further documents, so that a role
    needs as few policies as possible. A further document has the name of the group of its largest
    statement, and a number.
    """
    packed: dict[str, list[Statement]] = {group: [] for group in groups}
    rest: list[tuple[str, Statement]] = []
    for group, statements in groups.items():
        for part in (part for each in statements for part in _parts(each)):
            if _fits(packed[group], part):
                packed[group].append(part)
            else:
                rest.append((group, part))
    further: list[str] = []
    for group, part in sorted(rest, key=lambda each: size(policy(each[1])), reverse=True):
        name = next((each for each in further if _fits(packed[each], part)), None)
        if name is None:
            number = 2 + sum(each.startswith(f"{group}-") for each in further)
            name = f"{group}-{number}"
            further.append(name)
            packed[name] = []
        packed[name].append(part)
    return {name: policy(*each) for name, each in packed.items()}


def size(document: Document) -> int:
    """Returns the number of characters that IAM counts."""
    return len(json.dumps(document, separators=(",", ":")))


def _fits(packed: Sequence[Statement], statement: Statement) -> bool:
    return size(policy(*packed, statement)) <= MAX_CHARACTERS


def _parts(statement: Statement) -> Sequence[Statement]:
    """Returns the statement, or several with a part of its resources if it is too large."""
    resources, parts = statement["Resource"], [statement]
    for count in range(2, len(resources) + 1):
        if all(size(policy(each)) <= MAX_CHARACTERS for each in parts):
            break
        step = math.ceil(len(resources) / count)
        parts = [
            {
                **statement,
                "Sid": f"{statement['Sid']}{i // step + 1}",
                "Resource": resources[i : i + step],
            }
            for i in range(0, len(resources), step)
        ]
    return parts
