"""What stands in the way of the Kubernetes version that a stack file names."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from core.facts.versions import KUBERNETES, minor_of
from settings import Problem
from settings.stack import NAMESPACE
from tools.deploy.aws_cli import Ask, AwsError, why

_KEY = f"{NAMESPACE}:cluster.version"


def support_problems(version: str, today: date) -> Iterator[Problem]:
    """Whether EKS has ended the standard support of a version, as of a day."""
    end = KUBERNETES[version]
    if today > end:
        later = ", ".join(minor for minor, last in KUBERNETES.items() if last >= today)
        yield Problem(
            key=_KEY,
            value=version,
            message=f"standard support of Kubernetes {version} ended on {end}; "
            + (
                f"write one of {later}, and upgrade one minor at a time (docs/upgrade.md)"
                if later
                else "core/facts/versions.py lists no later version"
            ),
        )


def upgrade_problems(
    ask: Ask, cell: str, version: str, tell: Callable[[str], None]
) -> Iterator[Problem]:
    """What EKS has against the upgrade of a cell's cluster to a version, if it is one.

    What does not stand in the way is told, and so is what could not be read.
    https://docs.aws.amazon.com/eks/latest/APIReference/API_ListInsights.html
    """
    try:
        live = str(ask("eks", "describe-cluster", "--name", cell)["cluster"]["version"])
    except (AwsError, LookupError, TypeError) as error:
        if "ResourceNotFoundException" not in str(error):
            tell(f"{cell}: the cluster's version cannot be read, nor is an upgrade's: {why(error)}")
        return
    if minor_of(version) == minor_of(live) + 1:  # any other way is refused by live/guard.py
        yield from _insights(ask, cell, version, tell)


def _insights(ask: Ask, cell: str, version: str, tell: Callable[[str], None]) -> Iterator[Problem]:
    """What EKS found that an upgrade to a version would break; it looks once a day."""
    wanted = {"categories": ["UPGRADE_READINESS"], "kubernetesVersions": [version]}
    asked = ("eks", "list-insights", "--cluster-name", cell, "--filter", json.dumps(wanted))
    try:
        found = [_read(each) for each in ask(*asked)["insights"]]
    except (AwsError, LookupError, TypeError) as error:
        tell(
            f"{cell}: the upgrade insights for {version} cannot be read, look at them in the EKS "
            f"console: {why(error)}"
        )
        return
    for status, text in found:
        if status == "ERROR":
            message = f"EKS reports an error in its upgrade insights; fix it first: {text}"
            yield Problem(key=_KEY, value=version, message=message)
        elif status != "PASSING":
            tell(f"upgrade insight, {status.lower()}: {text}")


def _read(insight: Any) -> tuple[str, str]:  # Any: JSON of any shape
    """Status of an insight, and its name and reason."""
    status = insight["insightStatus"]
    return status["status"], ": ".join(filter(None, (insight["name"], status.get("reason"))))
