"""Edits of a stack file with the operations that they may cause; one module per section."""

from collections.abc import Mapping

from tools.rehearsal.edits import (
    access,
    alarms,
    apps,
    cluster,
    headroom,
    images,
    jobs,
    load_balancing,
    network,
    nodes,
    observability,
    protection,
    reach,
    scaling,
    storage,
    traffic,
)
from tools.rehearsal.edits.edit import Config

EDITS = (
    apps.CHANGE_IMAGE,
    scaling.RAISE_REPLICAS,
    apps.ADD_APP,
    apps.STOP_EXPOSING_APP,
    apps.REMOVE_APP,
    apps.ADD_FILE,
    apps.CHANGE_FILE,
    apps.ADD_SINGLETON_WITH_VOLUME,
    apps.CALL_APP,
    apps.ADD_IAM_POLICY,
    jobs.ADD_MIGRATION,
    jobs.RELEASE_WITH_MIGRATION,
    jobs.ROLL_BACK_WITH_MIGRATION,
    jobs.ADD_CRON_JOB,
    storage.ADD_SHARED_VOLUME,
    storage.ADD_AWS_SECRET,
    access.ADD_VIEWER_AND_EDITOR,
    cluster.PIN_ADD_ON,
    alarms.ADD_SUBSCRIBER,
    alarms.REMOVE_SUBSCRIBER,
    alarms.CHANGE_OBJECTIVE,
    alarms.CHANGE_RUNBOOKS,
    nodes.RAISE_MINIMUM,
    nodes.RAISE_MAXIMUM,
    scaling.DISABLE_DESCHEDULER,
    scaling.ENABLE_DESCHEDULER,
    nodes.ADD_POOL,
    nodes.RESERVE_CAPACITY,
    nodes.ENLARGE_DISK,
    nodes.ADD_LABEL,
    nodes.CHANGE_AMI_RELEASE,
    network.TAKE_ZONE_OUT,
    network.RETURN_ZONE,
    network.ADD_ZONE,
    network.REMOVE_ZONE,
    nodes.ADD_SPANNING_POOL,
    *network.CHANGE_NAT_MODES,
    access.ADD_EDITOR_TO_ANOTHER_APP,
    images.USE_UPSTREAM,
    images.USE_PULL_THROUGH,
    observability.ADD_ARCHIVE,
    observability.DISABLE_LOGS,
    observability.JOIN_STACK_TRACES,
    observability.REMOVE_ARCHIVE,
    observability.DISABLE_TRACING,
    observability.ENABLE_TRACING,
    headroom.USE_CAPACITY_BUFFERS,
    headroom.USE_PROPORTIONAL_SIZE,
    scaling.ADD_QUERY,
    scaling.ADD_QUEUE,
    scaling.REMOVE_QUERY,
    scaling.REMOVE_QUEUE,
    load_balancing.SET_SLOW_START,
    reach.ADD_SOURCE_RANGES,
    reach.REMOVE_SOURCE_RANGES,
    reach.USE_DUAL_STACK,
    reach.USE_IPV4,
    protection.DISABLE_PROTECTION,
    reach.ADD_INTERNAL_LOAD_BALANCER,
    reach.REMOVE_INTERNAL_LOAD_BALANCER,
    load_balancing.DISABLE_ACCESS_LOGS,
    load_balancing.ENABLE_ACCESS_LOGS,
    load_balancing.ADD_WEB_ACL,
    traffic.CHANGE_DOMAIN,
    traffic.ADD_CRITICAL_APP,
    load_balancing.USE_EXISTING_WEB_ACL,
    traffic.DRAIN_CELL,
)
"""All edits, in the order in which they are applied on top of one another."""


def placeholders_of(before: Config, after: Config) -> Mapping[str, str]:
    """Returns the values of the placeholders APP and ZONE for an edit."""
    values = {"APP": apps.main_app(after)}
    zones = network.zones_in_use(before) ^ network.zones_in_use(after)
    if zones:
        [values["ZONE"]] = zones
    return values
