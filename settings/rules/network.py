"""The network: where its zones are."""

from collections.abc import Iterator

from core.subnets import region_of
from settings.cell import NAMESPACE, Settings
from settings.problem import Problem


def _zones_in_region(settings: Settings) -> Iterator[Problem]:
    network = settings.network
    for key, zones in (
        ("zones", network.zones),
        ("controlPlaneZones", network.control_plane_zones),
    ):
        for index, zone in enumerate(zones):
            if region_of(zone) != settings.aws.region:
                yield Problem(
                    key=f"{NAMESPACE}:network.{key}[{index}]",
                    value=zone,
                    allowed=f"a zone of aws:region {settings.aws.region}",
                )


RULES = (_zones_in_region,)
