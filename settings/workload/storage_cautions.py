"""Cautions about shared volumes."""

from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.reading.wording import listed
from settings.stack import Settings


def _other_cells(settings: Settings, today: date) -> Iterator[Caution]:
    for name, workload in settings.sharing.items():
        volume = workload.shared_volume
        if settings.traffic and volume and not volume.of:
            yield Caution(
                key=settings.key_of(name, "sharedVolume"),
                text=f"other cells of {settings.traffic.domains} do not see these files, also "
                "after a failover; store files that all cells need in S3, or replicate the file "
                "system",
            )


def _existing_file_systems(settings: Settings, today: date) -> Iterator[Caution]:
    zones = listed(settings.network.zones)
    for name, workload in settings.sharing.items():
        if workload.shared_volume and workload.shared_volume.file_system:
            yield Caution(
                key=settings.key_of(name, "sharedVolume.fileSystem"),
                text=f"pods start only in zones with a mount target; check that each of {zones} "
                "has one, and that the file system is not of the type One Zone, whose files are "
                "lost with their zone",
            )


CAUTIONS = (
    CautionRule("HA938", "All cells of a domain see the files of a shared volume.", _other_cells),
    CautionRule("HA939", "A file system has a mount target in each zone.", _existing_file_systems),
)
