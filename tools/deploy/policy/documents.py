"""Packs statements into managed policies within the limits of IAM."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence

from core.iam import Document, policy
from tools.deploy.policy.statements import Statement

MAX_CHARACTERS = 6144
"""Maximum size of a managed policy, without white space.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

MAX_POLICIES = 10
"""Default quota of managed policies of a role (L-0DA4ABF3)."""


def documents(groups: Mapping[str, Sequence[Statement]]) -> Mapping[str, Document]:
    """Returns the policy documents by name: one for each group, or several if it is too large."""
    found: dict[str, Document] = {}
    for group, statements in groups.items():
        for number, packed in enumerate(_packed(statements), start=1):
            found[group if number == 1 else f"{group}-{number}"] = policy(*packed)
    return found


def size(document: Document) -> int:
    """Returns the number of characters that IAM counts."""
    return len(json.dumps(document, separators=(",", ":")))


def _packed(statements: Sequence[Statement]) -> Iterator[Sequence[Statement]]:
    """Yields the statements of each document, in their order."""
    pending: list[Statement] = []
    for statement in (part for each in statements for part in _parts(each)):
        if pending and size(policy(*pending, statement)) > MAX_CHARACTERS:
            yield pending
            pending = []
        pending.append(statement)
    if pending:
        yield pending


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
