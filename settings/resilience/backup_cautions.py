"""Cautions about backups."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.reading.wording import listed
from settings.stack import NAMESPACE, Settings

_KEY = f"{NAMESPACE}:resilience.backup"
_WEEK = 7


def _volumes(settings: Settings, today: date) -> Iterator[Caution]:
    names = [name for name, each in settings.singletons.items() if each.volume]
    if names and settings.resilience.backup is None:
        yield Caution(
            key=_KEY,
            text=f"nothing backs up the volumes of {listed(names)}; write backup: {{}} unless "
            "their data can be made again (docs/backups.md)",
        )


def _twice(settings: Settings, today: date) -> Iterator[Caution]:
    names = [
        name
        for name, each in settings.sharing.items()
        if each.shared_volume and not each.shared_volume.of and each.shared_volume.backups
        if not each.shared_volume.file_system
    ]
    if settings.resilience.backup and names:
        yield Caution(
            key=_KEY,
            text=f"the shared volumes of {listed(names)} have two backups a day: their own, and "
            "that of the cluster, which contains them; write sharedVolume.backups: false to pay "
            "for one",
        )


def _short_retention(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution if a backup may be deleted before the next one, which is then a full backup.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/metering-and-billing.html
    """
    backup = settings.resilience.backup
    if backup and backup.retention_days < _WEEK:
        yield Caution(
            key=f"{_KEY}.retentionDays",
            text=f"AWS advises to keep backups for {_WEEK} days or more: without an earlier "
            "backup, the next one is a full backup, and is billed as one",
        )


CAUTIONS = (
    CautionRule("HA970", "A volume has backups.", _volumes),
    CautionRule("HA971", "A shared volume has one backup.", _twice),
    CautionRule("HA972", "Backups are kept for a week.", _short_retention),
)
