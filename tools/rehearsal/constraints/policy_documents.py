"""Reads IAM policy documents."""

import fnmatch
import json
from typing import cast

from tools.rehearsal.fake_cloud.references import Values


def statements_of(document: str) -> list[Values]:
    """Returns the statements of a policy document; none if the document has no `Statement`."""
    return cast("list[Values]", json.loads(document).get("Statement") or [])


def covers(statement: Values, arn: str) -> bool:
    """True if an ARN matches a resource of a statement."""
    resource = statement["Resource"]
    patterns = cast("list[str]", resource if isinstance(resource, list) else [resource])
    return any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns)
