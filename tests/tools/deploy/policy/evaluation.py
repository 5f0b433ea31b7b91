"""Evaluates policies as IAM does, as far as the deployer's policies need it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from core.iam import Document

Context = Mapping[str, str]
"""Value by condition key of a request."""


def allowed(documents: Iterable[Document], action: str, arn: str, context: Context) -> bool:
    """True if a statement allows an action on a resource."""
    return any(
        matches(arn, statement["Resource"])
        and action in statement["Action"]
        and _holds(statement.get("Condition", {}), context)
        for document in documents
        for statement in _statements(document)
    )


def matches(text: str, patterns: Sequence[str]) -> bool:
    """True if a text matches one of the patterns with `*` and `?`."""
    return any(_regex(each).fullmatch(text) for each in patterns)


def _statements(document: Document) -> Sequence[Mapping[str, Any]]:  # Any: JSON of any shape
    statements = document["Statement"]
    assert isinstance(statements, list)
    return statements


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."))


def _equal(value: str, wanted: Sequence[str]) -> bool:
    return value in wanted


_OPERATORS: dict[str, Callable[[str, Sequence[str]], bool]] = {
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": _equal,
    "StringEquals": _equal,
    "StringLike": matches,
}


def _holds(condition: Mapping[str, Mapping[str, str | list[str]]], context: Context) -> bool:
    return all(
        _key_holds(operator, [values] if isinstance(values, str) else values, context.get(key))
        for operator, keys in condition.items()
        for key, values in keys.items()
    )


def _key_holds(operator: str, wanted: Sequence[str], value: str | None) -> bool:
    if operator == "Null":
        return ("true" if value is None else "false") in wanted
    if value is None:
        return operator.endswith("IfExists") or operator.startswith("ForAllValues:")
    name = operator.removesuffix("IfExists").rpartition(":")[2]
    return _OPERATORS[name](value, wanted)
