"""Checks that a cluster can be upgraded to the Kubernetes version of its stack file."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from core.facts.versions.kubernetes import KUBERNETES, minor_of
from settings import Problem
from settings.stack import NAMESPACE
from tools.deploy.aws_cli import Ask, AwsError, why

_KEY = f"{NAMESPACE}:cluster.version"


def support_problems(version: str, today: date) -> Iterator[Problem]:
    """Yields a problem if the standard support of a version has ended, as of a day."""
    end = KUBERNETES[version]
    if today > end:
        supported = ", ".join(minor for minor, last in KUBERNETES.items() if last >= today)
        instead = (
            f"upgrade one minor version at a time (docs/upgrade.md) to one of {supported}"
            if supported
            else "add a supported version to core/facts/versions/kubernetes.py"
        )
        message = f"the standard support of {version} ended on {end}; {instead}"
        yield Problem(key=_KEY, value=version, message=message)


def live_version(ask: Ask, cell: str, warn: Callable[[str], None]) -> str | None:
    """Returns the Kubernetes version of the running cluster.

    Returns None if there is no cluster, or calls `warn` and returns None if it cannot be read.
    """
    try:
        return str(ask("eks", "describe-cluster", "--name", cell)["cluster"]["version"])
    except (AwsError, LookupError, TypeError) as error:
        if "ResourceNotFoundException" not in str(error):
            warn(
                f"{cell}: cannot read the version of the cluster, so upgrade insights and add-on "
                f"versions are not checked: {why(error)}"
            )
        return None


def upgrade_problems(
    ask: Ask, cell: str, live: str, version: str, warn: Callable[[str], None]
) -> Iterator[Problem]:
    """Yields a problem for each EKS upgrade insight with an error, if the version is an upgrade
    of the version `live` of the cluster.

    Calls `warn` for other insights, and if the insights cannot be read.
    https://docs.aws.amazon.com/eks/latest/APIReference/API_ListInsights.html
    """
    if minor_of(version) == minor_of(live) + 1:  # live/guard.py refuses other upgrades
        yield from _insights(ask, cell, version, warn)


def _insights(ask: Ask, cell: str, version: str, warn: Callable[[str], None]) -> Iterator[Problem]:
    """Yields a problem for each upgrade insight with an error. EKS refreshes insights daily."""
    insight_filter = {"categories": ["UPGRADE_READINESS"], "kubernetesVersions": [version]}
    command = (
        "eks",
        "list-insights",
        "--cluster-name",
        cell,
        "--filter",
        json.dumps(insight_filter),
    )
    try:
        found = [_read(each) for each in ask(*command)["insights"]]
    except (AwsError, LookupError, TypeError) as error:
        warn(
            f"{cell}: cannot read the upgrade insights for {version}; check them in the EKS "
            f"console: {why(error)}"
        )
        return
    for status, text in found:
        if status == "ERROR":
            message = f"EKS reports an error in its upgrade insights; fix it first: {text}"
            yield Problem(key=_KEY, value=version, message=message)
        elif status != "PASSING":
            warn(f"upgrade insight with status {status}: {text}")


def _read(insight: Any) -> tuple[str, str]:  # Any: JSON of any shape
    """Returns the status of an insight, and its name with the reason of the status."""
    status = insight["insightStatus"]
    return status["status"], ": ".join(filter(None, (insight["name"], status.get("reason"))))
