"""Each edit results in a valid stack file, and causes the operations that it expects."""

import fnmatch
import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any, cast

import pytest

from core.facts.replacements import replacing_inputs
from core.facts.versions.kubernetes import KUBERNETES
from settings import Settings, check, read_stack_file
from tests.conftest import STACKS
from tests.shared_recordings import recorded_config
from tests.tools.rehearsal.clouds import created_by
from tools.recording import Recording, Resource
from tools.recording.record import ROOT
from tools.rehearsal.checks import check_operations
from tools.rehearsal.edits import (
    EDITS,
    access,
    apps,
    cluster,
    images,
    load_balancing,
    network,
    nodes,
    placeholders_of,
    protection,
    scaling,
    traffic,
)
from tools.rehearsal.edits.cluster import UPGRADE
from tools.rehearsal.edits.edit import Edit
from tools.rehearsal.fake_cloud.cloud_resource import Operation

ALL_EDITS = (*EDITS, UPGRADE)
PATTERN = re.compile(r"(create|update|delete) [A-Za-z*]+ [A-Za-z0-9.*-]+")
PATTERNS = Counter((e.name, each) for e in ALL_EDITS for each in (*e.expected, *e.optional))
"""Number of each pattern of each edit."""

every_stack = pytest.mark.parametrize("stack", STACKS)


def config_of(stack: str) -> dict[str, Any]:
    return deepcopy(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"))


def valid(config: dict[str, Any], state: str) -> Settings:
    """Returns the settings of a configuration, which must be valid."""
    settings, problems = check(deepcopy(config))
    assert problems == [], f"{state}: the rehearsal would end here"
    assert settings is not None
    return settings


@cache
def state_after(stack: str, edits: int) -> tuple[dict[str, Any], Settings]:
    """Returns configuration and settings of a stack after the first edits, all of them valid."""
    if not edits:
        config = config_of(stack)
        return config, valid(config, "shipped")
    config, edit = deepcopy(state_after(stack, edits - 1)[0]), EDITS[edits - 1]
    edit.change(config)
    return config, valid(config, edit.name)


def around(stack: str, edit: Edit) -> tuple[Settings, Settings]:
    """Returns the settings before and after an edit, with all edits before it applied."""
    edits = EDITS.index(edit)
    return state_after(stack, edits)[1], state_after(stack, edits + 1)[1]


# All edits.


@every_stack
def test_every_edit_gives_a_valid_stack_file(stack: str) -> None:
    config = config_of(stack)
    applied: list[Edit] = []
    for edit in EDITS:
        if not edit.applies(config):
            continue
        applied.append(edit)
        before = deepcopy(config)
        edit.change(config)
        assert config != before, f"the edit changes nothing: {edit.name}"
        valid(config, edit.name)
    settings = valid(config, "after all edits")
    editors = {name for name, principals in settings.cluster.editors.items() if principals}
    assert editors == {"web", "cache"}
    assert settings.traffic is None or settings.traffic.drained is True
    assert settings.autoscaling.descheduler

    shipped = valid(config_of(stack), "shipped")
    not_applied = [load_balancing.USE_HTTPS, load_balancing.USE_HTTP]
    if shipped.traffic is None:
        not_applied = [traffic.CHANGE_DOMAIN, traffic.ADD_CRITICAL_APP, traffic.DRAIN_CELL]
    if shipped.images.source == "upstream":
        not_applied.append(images.USE_UPSTREAM)
    if not shipped.autoscaling.descheduler:
        not_applied.append(scaling.DISABLE_DESCHEDULER)
    if not shipped.protected:
        not_applied.append(protection.DISABLE_PROTECTION)
    if not shipped.load_balancing.access_log_days:
        not_applied.append(load_balancing.DISABLE_ACCESS_LOGS)
    assert {edit.name for edit in EDITS} - {edit.name for edit in applied} == {
        edit.name for edit in not_applied
    }


def test_the_names_of_edits_are_unique() -> None:
    assert len({edit.name for edit in ALL_EDITS}) == len(ALL_EDITS)


def test_some_shipped_stack_has_a_domain_so_that_traffic_edits_are_tested() -> None:
    assert [stack for stack in STACKS if "ha-eks:traffic" in config_of(stack)]


def test_patterns_have_the_form_of_operations() -> None:
    without = [edit.name for edit in ALL_EDITS if not edit.expected]
    assert not without, f"no operation of these edits would ever be missing: {without}"
    wrong = [
        each for each, count in PATTERNS.items() if count > 1 or not PATTERN.fullmatch(each[1])
    ]
    assert not wrong


def test_patterns_name_types_that_a_recording_contains(previewed: Any) -> None:
    recordings: list[Recording] = [previewed(stack) for stack in (*STACKS, "wide")]
    types = {
        each.type.rpartition(":")[2] for recording in recordings for each in created_by(recording)
    }
    types |= {"ListenerRule", "CapacityReservation"}  # of a second app, of reserved capacity
    types |= {"CustomResourceDefinition", "PodTemplate", "CapacityBuffer"}  # of CapacityBuffers
    wrong = [each for each in PATTERNS if not fnmatch.filter(types, each[1].split()[1])]
    assert not wrong, f"no operation can match these patterns: {wrong}"


# Apps.


@every_stack
def test_a_changed_image_has_another_tag(stack: str) -> None:
    before, after = around(stack, apps.CHANGE_IMAGE)
    old, new = before.apps["web"].image, after.apps["web"].image
    assert new != old
    assert new.rpartition(":")[0] == old.rpartition(":")[0]


@pytest.mark.parametrize("image", ["a/b:1", "a/b@sha256:" + "0" * 64, "a/b:1@sha256:" + "0" * 64])
def test_a_changed_image_is_valid_for_tags_and_digests(image: str) -> None:
    config = config_of("dev")
    config["ha-eks:apps"]["web"]["image"] = image
    apps.CHANGE_IMAGE.change(config)
    assert config["ha-eks:apps"]["web"]["image"] != image
    assert check(config)[1] == []


@every_stack
def test_raised_replicas_are_higher_in_needed_and_maximum(stack: str) -> None:
    before, after = around(stack, scaling.RAISE_REPLICAS)
    for key in ("needed", "max"):
        old, new = (getattr(each.apps["web"].replicas, key) for each in (before, after))
        assert new > old
    assert after.apps["cache"] == before.apps["cache"]


@every_stack
def test_the_new_app_is_exposed_at_another_path_and_port(stack: str) -> None:
    before, after = around(stack, apps.ADD_APP)
    assert set(after.apps) - set(before.apps) == {"extra"}
    assert {name: after.apps[name] for name in before.apps} == dict(before.apps)
    extra = after.apps["extra"]
    assert extra.expose
    exposed = [app for app in before.apps.values() if app.expose]
    assert extra.expose.path not in {app.expose.path for app in exposed if app.expose}
    ports = {app.port for app in before.apps.values()}
    assert extra.port not in ports, "the edit would create no security group rule"
    later = around(stack, apps.REMOVE_APP)[1]
    assert set(later.apps) == set(before.apps)


def test_the_main_app_has_the_root_path() -> None:
    sections: dict[str, Any] = {
        "cache": {"port": 1},
        "shop": {"expose": {}},
        "api": {"expose": {"path": "/api"}},
    }
    assert apps.main_app({"ha-eks:apps": sections}) == "shop"


# Cluster.


@every_stack
def test_an_upgrade_of_the_previous_minor_sets_the_shipped_one(stack: str) -> None:
    config = config_of(stack)
    shipped = valid(config, "shipped").cluster.version
    cluster.set_previous_minor(config)
    previous = valid(config, "previous minor").cluster.version
    minors = list(KUBERNETES)
    assert minors.index(previous) == minors.index(shipped) - 1, "EKS upgrades one minor at a time"
    UPGRADE.change(config)
    assert valid(config, UPGRADE.name).cluster.version == shipped
    assert config == config_of(stack)


def test_only_the_oldest_minor_has_no_previous_minor() -> None:
    versions = list(KUBERNETES)
    expected = [False, *([True] * (len(versions) - 1))]
    assert [cluster.has_previous_minor(each) for each in versions] == expected


@every_stack
def test_the_new_viewer_and_editor_are_added_to_the_existing_ones(stack: str) -> None:
    before, after = (each.cluster for each in around(stack, access.ADD_VIEWER_AND_EDITOR))
    assert after.viewers[:-1] == before.viewers
    assert [*after.editors] == ["web"]
    assert (after.admins, after.add_ons) == (before.admins, before.add_ons)


@every_stack
def test_one_add_on_is_pinned_to_a_version_of_the_cluster_s_minor(stack: str) -> None:
    before, after = (each.cluster for each in around(stack, cluster.PIN_ADD_ON))
    assert set(after.add_ons) - set(before.add_ons) == {"kube-proxy"}
    version = after.add_ons["kube-proxy"].version
    assert version is not None
    assert version.startswith(f"v{after.version}."), "the version of kube-proxy follows the cluster"


def test_the_descheduler_is_turned_off_in_some_stack_and_on_in_all() -> None:
    off, on = scaling.DISABLE_DESCHEDULER, scaling.ENABLE_DESCHEDULER
    turned_off = 0
    for stack in STACKS:
        config = config_of(stack)
        if off.applies(config):
            off.change(config)
            turned_off += 1
        assert on.applies(config)
        on.change(config)
        assert off.applies(config)
    assert turned_off


# Pools.


@every_stack
def test_the_raised_maximum_leaves_the_minimum(stack: str) -> None:
    before, after = around(stack, nodes.RAISE_MAXIMUM)
    for name, pool in before.pools.items():
        raised = after.pools[name].per_zone
        assert (raised.min, raised.max) == (pool.per_zone.min, pool.per_zone.max + 2)


@every_stack
def test_a_new_pool_leaves_the_others(stack: str) -> None:
    before, after = around(stack, nodes.ADD_POOL)
    assert set(after.pools) - set(before.pools) == {"extra"}
    assert {name: after.pools[name] for name in before.pools} == dict(before.pools)


@every_stack
def test_the_ami_release_has_the_minor_version_of_the_cluster(stack: str) -> None:
    before, after = around(stack, nodes.CHANGE_AMI_RELEASE)
    releases = [each.release_version for each in after.pools.values() if each.release_version]
    assert not [each for each in before.pools.values() if each.release_version]
    assert len(releases) == 1
    assert releases[0].startswith(f"{after.cluster.version}."), "EKS refuses another minor"


@every_stack
def test_a_layout_can_be_changed_and_changed_back(stack: str) -> None:
    config = config_of(stack)
    layouts: list[str] = []
    for _ in range(3):
        layouts.append(next(iter(valid(config, "layout").pools.values())).layout)
        nodes.change_layout(config)
    assert layouts == ["perZone", "spanning", "perZone"]


# Network.


@every_stack
def test_a_new_zone_is_added_after_the_existing_ones(stack: str) -> None:
    before, after = around(stack, network.ADD_ZONE)
    *old, new = after.network.zones
    assert tuple(old) == tuple(before.network.zones)
    assert new not in old
    assert new[:-1] == after.aws.region
    control_plane_zones = after.network.control_plane_zones
    assert control_plane_zones == before.network.control_plane_zones, "they cannot change"


@every_stack
def test_the_added_zone_is_removed_again(stack: str) -> None:
    shipped, added = around(stack, network.ADD_ZONE)
    before, after = around(stack, network.REMOVE_ZONE)
    assert before.network.zones == added.network.zones, "another edit changed the zones"
    assert after == shipped


def test_zones_can_be_added_and_removed_only_if_vpc_and_pools_allow() -> None:
    def can_add_and_remove(
        zones: int, layout: str = "perZone", **more: object
    ) -> tuple[bool, bool]:
        config = {
            "ha-eks:network": {"zones": ["us-east-1a"] * zones, **more},
            "ha-eks:pools": {"general": {}, "other": {"layout": layout}},
        }
        return network.can_add_zone(config), network.can_remove_zone(config)

    assert [can_add_and_remove(zones) for zones in (2, 3, 5, 6)] == [
        (True, False), (True, True), (True, True), (False, True),
    ]  # fmt: skip
    assert can_add_and_remove(3, "spanning") == (False, False), "its node group is replaced"
    assert can_add_and_remove(3, existing={}) == (False, False), "the new zone has no subnet"


def test_the_nat_mode_changes_only_in_a_new_vpc_with_nat() -> None:
    assert network.has_nat({"ha-eks:network": {}})
    modes = (*network.NAT_MODES, "none")
    assert [network.has_nat({"ha-eks:network": {"nat": nat}}) for nat in modes] == [
        True, True, True, False,
    ]  # fmt: skip
    assert not network.has_nat({"ha-eks:network": {"existing": {}}})


@every_stack
def test_the_nat_edits_set_every_mode_and_end_with_the_first(stack: str) -> None:
    changes = [around(stack, edit) for edit in network.CHANGE_NAT_MODES]
    assert {after.network.nat for _, after in changes} == {"perZone", "regional", "single"}
    assert changes[0][0].network.nat == changes[-1][1].network.nat


@every_stack
def test_other_control_plane_zones_are_valid_in_a_stack_file(stack: str) -> None:
    config = config_of(stack)
    before = valid(config, "shipped").network
    network.change_control_plane_zones(config)
    after = valid(config, "other control-plane zones").network
    assert after.zones == before.zones
    assert len(after.control_plane_zones) == len(before.control_plane_zones)
    assert len({*after.control_plane_zones} - {*before.control_plane_zones}) == 1


def test_placeholders_are_the_main_app_and_the_zone_that_is_added_removed_or_out() -> None:
    config, with_zone, with_zone_out = (config_of("dev") for _ in range(3))
    with_zone["ha-eks:network"]["zones"].append("us-east-1c")
    with_zone_out["ha-eks:network"]["zonesOut"] = ["us-east-1b"]
    assert placeholders_of(config, config) == {"APP": "web"}
    for other, zone in ((with_zone, "us-east-1c"), (with_zone_out, "us-east-1b")):
        expected = {"APP": "web", "ZONE": zone}
        assert placeholders_of(config, other) == placeholders_of(other, config) == expected


# Operations between two recordings.


def has_new_template(
    before: dict[str, Resource], after: dict[str, Resource], group: Resource
) -> bool:
    """True if the launch template of a node group changes, and with it the version in AWS."""
    return "launchTemplate" in group.inputs and any(
        urn in before and before[urn].inputs != after[urn].inputs
        for urn in group.dependencies
        if urn in after and after[urn].type == "aws:ec2/launchTemplate:LaunchTemplate"
    )


def compared(resource: Resource, options_of: Resource) -> dict[str, Any]:
    """Returns the inputs of a resource without those whose changes the engine ignores."""
    ignored = cast("list[str]", options_of.options.get("ignoreChanges", []))
    inputs: dict[str, Any] = {**resource.inputs}
    if ignored:
        inputs = deepcopy(inputs)
    for path in ignored:
        *parents, last = path.split(".")
        at = inputs
        for part in parents:
            at = at.get(part, {})
        at.pop(last, None)
    return inputs


def between(before: Recording, after: Recording) -> list[Operation]:
    """Returns the operations of an `up`, as far as two recordings show them."""
    old, new = ({each.urn: each for each in created_by(each)} for each in (before, after))
    retained = {urn for urn, each in old.items() if each.options.get("retainOnDelete")}
    verbs: list[tuple[str, str]] = [("delete", urn) for urn in old.keys() - new.keys() - retained]
    verbs += [("create", urn) for urn in new.keys() - old.keys()]
    for urn in old.keys() & new.keys():
        resource = new[urn]
        inputs = [compared(each, resource) for each in (old[urn], resource)]
        if replacing_inputs(resource.type, *inputs):
            verbs += [("create", urn), *([("delete", urn)] if urn not in retained else [])]
        elif inputs[0] != inputs[1] or has_new_template(old, new, resource):
            verbs.append(("update", urn))
    types = {urn: each.type for urn, each in {**old, **new}.items()}
    return [
        Operation(verb=verb, type=types[urn], urn=urn, started=0, ended=0, error=None)
        for verb, urn in verbs
    ]


def edits_of(stack: str) -> Iterator[tuple[str, Edit, dict[str, Any], dict[str, Any]]]:
    """Yields each edit that applies to a stack file, with the configuration before and after it.

    The edits are applied one after another.
    """
    config = config_of(stack)
    for edit in EDITS:
        if edit.applies(config):
            before = deepcopy(config)
            edit.change(config)
            yield stack, edit, before, deepcopy(config)


@pytest.mark.parametrize(
    ("stack", "edit", "before", "after"),
    [pytest.param(*each, id=f"{each[0]}-{each[1].name}")
     for stack in ("dev", "prod")  # dev has no domain
     for each in edits_of(stack)],
)  # fmt: skip
def test_an_edit_changes_the_recording_as_expected(
    stack: str, edit: Edit, before: dict[str, Any], after: dict[str, Any]
) -> None:
    operations = between(recorded_config(stack, before), recorded_config(stack, after))
    check_operations(edit, operations, placeholders_of(before, after))


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_an_upgrade_changes_the_recording_as_expected(stack: str) -> None:
    config = config_of(stack)
    cluster.set_previous_minor(config)
    before = recorded_config(stack, config)
    UPGRADE.change(config)
    operations = between(before, recorded_config(stack, config))
    check_operations(UPGRADE, operations, placeholders_of(config, config))


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), ("false", False)])
def test_the_cli_may_write_the_protection_of_a_cell_as_text(value: object, expected: bool) -> None:
    assert protection.is_protected({"ha-eks:protected": value}) is expected
    assert protection.is_protected({})
