"""Reads IAM policy documents."""

import fnmatch
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from tools.rehearsal.fake_cloud.references import Values


@lru_cache(maxsize=1_000)  # the scenario `order` creates the same resources again and again
def statements_of(document: str) -> Sequence[Values]:
    """Returns the statements of a policy document; none if the document has no `Statement`."""
    return cast("list[Values]", json.loads(document).get("Statement") or [])


def covers(statement: Values, arn: str) -> bool:
    """True if an ARN matches a resource of a statement."""
    resource = statement["Resource"]
    patterns = cast("list[str]", resource if isinstance(resource, list) else [resource])
    return any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns)
