"""What parts of a cell are called in traces.

X-Ray is one per account and region, and cells may share it: it groups traces and chooses what to
sample by names of services, so that a cell's begin with its own name.
docs/decisions/0040-trace-service-names-begin-with-the-cell-name.md
"""

import hashlib
from collections.abc import Iterable

LONGEST = 32
"""Characters of the name of a group, or of a sampling rule.
https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html
https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html"""

_TAKEN = "Default"
"""X-Ray's own group, and its own rule."""


def short(cell: str) -> str:
    """A cell's name; one that X-Ray does not take is cut, with a digest of the whole."""
    if len(cell) <= LONGEST and cell != _TAKEN:
        return cell
    digest = hashlib.sha256(cell.encode()).hexdigest()[:8]
    return f"{cell[: LONGEST - 9]}-{digest}"


def service(cell: str, app: str) -> str:
    """Name of an app's service; `*` for the app: of every app's."""
    return f"{short(cell)}/{app}"


def of_services(names: Iterable[str]) -> str:
    """The filter expression of traces that came by one of some services, in the order of names.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
    """
    return " OR ".join(f'service("{name}")' for name in sorted(names))
