"""Rules for backups."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings


def _copy_region(settings: Settings) -> Iterator[Problem]:
    backup = settings.resilience.backup
    if backup and backup.copy_region == settings.aws.region:
        yield Problem(
            key=f"{NAMESPACE}:resilience.backup.copyRegion",
            message="is the region of the cell, whose failure makes the copies unavailable too; "
            "write another region, or remove copyRegion",
        )


RULES = (_copy_region,)
