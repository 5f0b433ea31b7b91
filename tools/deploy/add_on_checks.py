"""Checks of the add-on versions that a deployment would change in a running cluster."""

from collections.abc import Callable, Iterator, Sequence

from core.facts.versions.add_ons import (
    ADD_ON_NAMES,
    ADD_ONS,
    CLOUDWATCH_OBSERVABILITY,
    OPTIONAL_ADD_ONS,
    major_and_minor,
)
from settings import Problem, Settings
from settings.cluster.add_ons import AddOnOverride
from settings.cluster.cluster import Cluster
from settings.stack import NAMESPACE
from tools.deploy.aws_cli import Ask, AwsError, why
from tools.deploy.bump import default_version


def add_on_problems(
    ask: Ask, cell: str, settings: Settings, warn: Callable[[str], None]
) -> Iterator[Problem]:
    """Yields a problem if CloudWatch Observability would get another major version.

    A version in the stack file is not refused. Calls `warn` for each add-on whose version changes,
    and if the versions cannot be read. An optional add-on that the cell does not have any more is
    not checked.
    """
    cluster, absent = settings.cluster, {*OPTIONAL_ADD_ONS} - {*settings.optional_add_ons}
    try:
        installed = ask("eks", "list-addons", "--cluster-name", cell)["addons"]
        changes = [
            (name, live, new)
            for name in ADD_ON_NAMES
            if name in installed and name not in absent
            for live, new in _change(ask, cell, cluster, name)
        ]
    except (AwsError, LookupError, TypeError) as error:
        warn(
            f"{cell}: cannot read the versions of the add-ons, so they are not checked: "
            f"{why(error)}"
        )
        return
    for name, live, new in changes:
        warn(f"add-on {name} changes from {live} to {new}")
        if name == CLOUDWATCH_OBSERVABILITY and not _own(cluster, name):
            yield from _major(live, new)


def _own(cluster: Cluster, name: str) -> str | None:
    """Returns the version in the stack file."""
    return cluster.add_ons.get(name, AddOnOverride()).version


def wanted_versions(ask: Ask, cluster: Cluster, name: str) -> Sequence[str]:
    """Returns the version of an add-on that a deployment installs.

    Returns the version in the stack file, or the pin, or the default of EKS; an empty sequence if
    EKS offers none.
    """
    pinned = _own(cluster, name) or ADD_ONS[cluster.version].get(name)
    return [pinned] if pinned else default_version(ask, cluster.version, name)


def _change(ask: Ask, cell: str, cluster: Cluster, name: str) -> Iterator[tuple[str, str]]:
    """Yields the live and the new version of an add-on if they differ."""
    named = ("--cluster-name", cell, "--addon-name", name)
    live = str(ask("eks", "describe-addon", *named)["addon"]["addonVersion"])
    for new in wanted_versions(ask, cluster, name):
        if new != live:
            yield live, new


def _major(live: str, new: str) -> Iterator[Problem]:
    """Yields a problem if the major versions of CloudWatch Observability differ."""
    if major_and_minor(live)[0] != major_and_minor(new)[0]:
        yield Problem(
            key=f"{NAMESPACE}:cluster.addOns",
            message=(
                f"{CLOUDWATCH_OBSERVABILITY} would change from {live} to {new}; another major "
                "version can change the metrics that the alarms read; keep the version with "
                f"{{{CLOUDWATCH_OBSERVABILITY}: {{version: {live}}}}}, or read its release notes "
                f"and set {new}"
            ),
        )
