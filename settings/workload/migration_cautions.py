"""Cautions about migrations."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import Settings

_LONG_SECONDS = 1800
"""Duration that the credentials of a deployer last beside the rest of an update: an assumed role is
valid for one hour by default.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html"""


def _long_migrations(settings: Settings, today: date) -> Iterator[Caution]:
    for name, migration in settings.migrations.items():
        if migration.deadline_seconds > _LONG_SECONDS:
            yield Caution(
                key=settings.key_of(name, "migration.deadlineSeconds"),
                text=f"an update can wait {migration.deadline_seconds}s for the migration, and the "
                "credentials of the deployer must be valid that long; run a longer migration as a "
                "job of its own, and let the new version wait for it",
            )


CAUTIONS = (
    CautionRule(
        "HA924", "Migrations end before the credentials of the deployer expire.", _long_migrations
    ),
)
