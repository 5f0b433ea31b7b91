"""Edits of a stack file, each with what an `up` may touch because of it: a module a subject."""

from collections.abc import Mapping

from tools.rehearsal.edits import (
    access,
    apps,
    cluster,
    images,
    network,
    nodes,
    observability,
    scaling,
    traffic,
)
from tools.rehearsal.edits import alarm_settings as watching
from tools.rehearsal.edits import headroom as room
from tools.rehearsal.edits import load_balancing as balancing
from tools.rehearsal.edits.edit import Config

EDITS = (
    apps.IMAGE,
    scaling.REPLICAS,
    apps.NEW_APP,
    apps.UNEXPOSED,
    apps.APP_GONE,
    apps.A_FILE,
    apps.OTHER_TEXT,
    apps.VOLUME,
    apps.TALKS,
    apps.RIGHTS,
    access.LET_IN,
    cluster.PINNED,
    *watching.EVERY,
    nodes.HIGHER_MINIMUM,
    nodes.BIGGER_POOL,
    scaling.DESCHEDULER_OFF,
    scaling.DESCHEDULER_ON,
    nodes.NEW_POOL,
    nodes.RESERVED,
    nodes.LARGER_DISK,
    nodes.LABELS,
    nodes.RELEASE,
    network.ZONE_OUT,
    network.ZONE_BACK,
    network.ONE_MORE_ZONE,
    network.ONE_ZONE_LESS,
    nodes.SPANNING_POOL,
    *network.EVERY_NAT,
    access.LET_IN_FURTHER,
    images.UPSTREAM,
    images.PULL_THROUGH,
    observability.ARCHIVE_ON,
    observability.SILENT,
    observability.JOINED,
    observability.ARCHIVE_OFF,
    observability.UNTRACED,
    observability.TRACED,
    room.CAPACITY_BUFFERS,
    room.PROPORTIONAL_HEADROOM,
    scaling.QUERY,
    scaling.QUERY_GONE,
    balancing.SLOW_START,
    balancing.UNPROTECTED,
    balancing.LOGS_OFF,
    balancing.LOGS_ON,
    balancing.FIREWALL,
    traffic.OTHER_DOMAIN,
    traffic.CRITICAL,
    balancing.THEIR_FIREWALL,
    traffic.DRAINED,
)
"""In this order, each on top of those before."""


def words(before: Config, now: Config) -> Mapping[str, str]:
    """What APP and ZONE stand for in operations that follow from an edit."""
    said = {"APP": apps.main_app(now)}
    zones = network.zones_in(before) ^ network.zones_in(now)
    if zones:
        [said["ZONE"]] = zones
    return said
