"""Names of a cell and its apps in traces.

X-Ray exists once per account and region, and several cells may share it. Groups and sampling rules
of X-Ray select traces by service name, so all service names of a cell start with the cell's name.
docs/decisions/0040-trace-service-names-begin-with-the-cell-name.md
"""

from collections.abc import Iterable

from core.short_names import with_digest

MAX_LENGTH = 32
"""Maximum number of characters in the name of a group or of a sampling rule.
https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html
https://docs.aws.amazon.com/xray/latest/api/API_SamplingRule.html"""

_RESERVED = "Default"
"""Name of the built-in group and the built-in sampling rule of X-Ray."""


def cell_in_traces(cell: str) -> str:
    """Returns the name of the cell, shortened with a digest if X-Ray does not accept the name."""
    if len(cell) <= MAX_LENGTH and cell != _RESERVED:
        return cell
    return with_digest(cell, MAX_LENGTH)


def service_name(cell: str, app: str) -> str:
    """Returns the service name of an app; with `*` as app, a pattern for all apps of the cell."""
    return f"{cell_in_traces(cell)}/{app}"


def services_filter(names: Iterable[str]) -> str:
    """Returns the filter expression for traces through any of the services, sorted by name.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html
    """
    return " OR ".join(f'service("{name}")' for name in sorted(names))
