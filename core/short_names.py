"""Names that are shortened to the limits of AWS.

The name of a cell has up to 100 characters.
"""

import hashlib

_DIGEST = 8
"""Characters of a digest."""

_MAX_IN_RULE = 46
"""Maximum length of the name of a cell in the name of an EventBridge rule, which has at most 64
characters: the longest suffix is -failover-internal.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""


def short_name(name: str, longest: int) -> str:
    """Returns a name with at most `longest` characters, which end in a digest if the name was
    longer: two names stay different."""
    return name if len(name) <= longest else with_digest(name, longest)


def with_digest(name: str, longest: int) -> str:
    """Returns the beginning of a name and a digest of it."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: longest - _DIGEST - 1]}-{digest}"


def rule_prefix(cell: str) -> str:
    """Returns the beginning of the names of the EventBridge rules of a cell."""
    return short_name(cell, _MAX_IN_RULE)
