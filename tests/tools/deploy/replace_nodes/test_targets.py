"""What is brought up with the successor of a node group."""

from tools.deploy.replace_nodes.node_groups import units_of
from tools.recording import Recording


def test_the_successor_comes_with_what_it_draws_on_and_its_tags_and_watchers(
    recording: Recording,
) -> None:
    for unit in units_of(recording):
        beside = sorted(recording.get(urn).name for urn in unit.beside)
        pool = recording.settings.pools[unit.pool]
        zones = pool.node_groups(recording.settings.network.zones)[unit.zone]
        reserved = [f"nodes-{unit.pool}-{zone}" for zone in zones if pool.per_zone.reserved]
        tags = [f"{unit.name}-cell", f"{unit.name}-name"]
        alarms = {f"alarms-nodes-{unit.pool}-{each}" for each in (unit.zone, "at-max")}
        watching = {each for each in beside if each.startswith("alarms-")}
        assert watching <= alarms
        own = [f"nodes-{unit.pool}", *reserved, *tags, *watching, "dashboard"]
        assert beside == sorted(own)
