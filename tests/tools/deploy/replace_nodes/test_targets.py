"""Resources that are updated together with a new node group."""

from tools.deploy.replace_nodes.node_groups import units_of
from tools.recording import Recording


def test_a_new_node_group_is_created_with_its_reservations_tags_alarms_and_dashboard(
    recording: Recording,
) -> None:
    for unit in units_of(recording):
        related = sorted(recording.get(urn).name for urn in unit.related)
        pool = recording.settings.pools[unit.pool]
        zones = pool.node_groups(recording.settings.network.zones)[unit.zone]
        reserved = [f"nodes-{unit.pool}-{zone}" for zone in zones if pool.per_zone.reserved]
        tags = [f"{unit.name}-cell", f"{unit.name}-name"]
        alarms = {f"alarms-nodes-{unit.pool}-{each}" for each in (unit.zone, "at-max")}
        related_alarms = {each for each in related if each.startswith("alarms-")}
        assert related_alarms <= alarms
        expected = [f"nodes-{unit.pool}", *reserved, *tags, *related_alarms, "dashboard"]
        assert related == sorted(expected)
