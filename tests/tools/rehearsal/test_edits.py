"""The edits of stack files: each gives a file that is taken, and writes operations as they are."""

import fnmatch
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from core.facts.versions import KUBERNETES
from settings import Settings, check, read_stack_file
from tests.conftest import STACKS
from tests.shared_recordings import recorded_config
from tests.tools.rehearsal.clouds import created_by
from tools.recording import Recording, Resource
from tools.recording.record import ROOT
from tools.rehearsal.checks import check_touched
from tools.rehearsal.edits import EDITS, words
from tools.rehearsal.edits.apps import NEW_APP, main_app
from tools.rehearsal.edits.cluster import UPGRADE, former_minor, has_former_minor
from tools.rehearsal.edits.edit import Edit
from tools.rehearsal.edits.network import (
    NAT,
    goes_out,
    other_control_plane_zones,
    spares_zone,
    takes_zone,
)
from tools.rehearsal.edits.nodes import other_layout
from tools.rehearsal.fake_cloud.cloud import Operation
from tools.rehearsal.fake_cloud.replaces import replaced_by

EVERY = (*EDITS, UPGRADE)
PATTERN = re.compile(r"(create|update|delete) [A-Za-z*]+ [A-Za-z0-9*-]+")

every_stack = pytest.mark.parametrize("stack", STACKS)


def config_of(stack: str) -> dict[str, Any]:
    return deepcopy(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"))


def taken(config: dict[str, Any], what: str) -> Settings:
    settings, problems = check(deepcopy(config))
    assert problems == [], f"{what}: the rehearsal would end there"
    assert settings is not None
    return settings


def after(stack: str, until: str) -> tuple[Settings, Settings]:
    """What is set before an edit and after it, each edit on top of those before."""
    config = config_of(stack)
    for edit in EDITS:
        before = taken(config, edit.name)
        edit.change(config)
        if edit.name == until:
            return before, taken(config, edit.name)
    raise LookupError(until)


@every_stack
def test_every_edit_gives_a_file_that_is_taken(stack: str) -> None:
    config = config_of(stack)
    played: list[str] = []
    for edit in EDITS:
        if not edit.fits(config):
            continue
        played.append(edit.name)
        before = deepcopy(config)
        edit.change(config)
        assert config != before, f"{edit.name} edits nothing"
        taken(config, edit.name)
    settings = taken(config, "all of them")
    assert {name for name, who in settings.cluster.editors.items() if who} == {"web", "cache"}
    assert settings.traffic is None or settings.traffic.drained is True
    given = taken(config_of(stack), "as it is")
    of_a_domain = {"drained: true", "another domain", "a critical app more"}
    left_out = of_a_domain if settings.traffic is None else set[str]()
    if given.images.source == "upstream":
        left_out.add("images from upstream")
    if not given.autoscaling.descheduler:
        left_out.add("the descheduler off")
    if not given.load_balancing.deletion_protection:
        left_out.add("the load balancer's protection off")
    if not given.load_balancing.access_log_days:
        left_out.add("access logs off")
    assert {edit.name for edit in EDITS} - {*played} == left_out
    assert settings.autoscaling.descheduler


def test_some_stack_has_people_to_drain() -> None:
    assert [stack for stack in STACKS if "ha-eks:traffic" in config_of(stack)]


@every_stack
def test_an_upgrade_leads_back_to_the_shipped_minor(stack: str) -> None:
    config = config_of(stack)
    shipped = taken(config, "as it is").cluster.version
    former_minor(config)
    before = taken(config, "one minor back").cluster.version
    minors = list(KUBERNETES)
    assert minors.index(before) == minors.index(shipped) - 1, "EKS goes one minor at a time"
    UPGRADE.change(config)
    assert taken(config, UPGRADE.name).cluster.version == shipped
    assert config == config_of(stack)


@every_stack
def test_more_replicas_are_more(stack: str) -> None:
    before, now = after(stack, "more replicas")
    for of in ("needed", "max"):
        was, is_ = (getattr(each.apps["web"].replicas, of) for each in (before, now))
        assert is_ > was
    assert now.apps["cache"] == before.apps["cache"]


@every_stack
def test_a_new_image_is_another_tag_of_the_same(stack: str) -> None:
    before, now = after(stack, "a new image")
    was, is_ = before.apps["web"].image, now.apps["web"].image
    assert is_ != was
    assert is_.rpartition(":")[0] == was.rpartition(":")[0]


@every_stack
def test_a_new_app_is_exposed_on_a_path_and_a_port_of_its_own(stack: str) -> None:
    before, now = after(stack, NEW_APP.name)
    assert set(now.apps) - set(before.apps) == {"extra"}
    assert {name: now.apps[name] for name in before.apps} == dict(before.apps)
    extra = now.apps["extra"]
    assert extra.expose
    others = [app for app in before.apps.values() if app.expose]
    assert extra.expose.path not in {app.expose.path for app in others if app.expose}
    assert extra.port not in {app.port for app in before.apps.values()}, "no rule to see made"
    later = after(stack, "that app gone")[1]
    assert set(later.apps) == set(before.apps)


@every_stack
def test_a_bigger_pool_grows_by_what_the_scene_counts_on(stack: str) -> None:
    before, now = after(stack, "a bigger pool")
    for name, pool in before.pools.items():
        grown = now.pools[name].per_zone
        assert (grown.min, grown.max - pool.per_zone.max) == (pool.per_zone.min, 2)


@every_stack
def test_a_new_pool_stands_beside_the_others(stack: str) -> None:
    before, now = after(stack, "a new pool")
    assert set(now.pools) - set(before.pools) == {"extra"}
    assert {name: now.pools[name] for name in before.pools} == dict(before.pools)


@every_stack
def test_another_release_is_of_the_cluster_s_minor(stack: str) -> None:
    before, now = after(stack, "another AMI release")
    released = [each.release_version for each in now.pools.values() if each.release_version]
    assert not [each for each in before.pools.values() if each.release_version]
    assert len(released) == 1
    assert released[0].startswith(f"{now.cluster.version}."), "EKS would refuse it"


@every_stack
def test_one_more_zone_comes_after_those_that_are_there(stack: str) -> None:
    before, now = after(stack, "one more zone")
    *old, new = now.network.zones
    assert tuple(old) == tuple(before.network.zones)
    assert new not in old
    assert new[:-1] == now.aws.region
    assert now.network.control_plane_zones == before.network.control_plane_zones, "a cluster's stay"


@every_stack
def test_one_zone_less_takes_the_one_that_came_and_leaves_the_file_as_it_was(stack: str) -> None:
    was, more = after(stack, "one more zone")
    before, now = after(stack, "one zone less")
    assert before.network.zones == more.network.zones, "something came in between"
    assert now == was


def test_a_zone_comes_and_goes_where_vpc_and_pools_let_it() -> None:
    def fits(zones: int, layout: str = "perZone", **more: object) -> tuple[bool, bool]:
        config = {
            "ha-eks:network": {"zones": ["us-east-1a"] * zones, **more},
            "ha-eks:pools": {"general": {}, "other": {"layout": layout}},
        }
        return takes_zone(config), spares_zone(config)

    assert [fits(zones) for zones in (2, 3, 5, 6)] == [
        (True, False), (True, True), (True, True), (False, True),
    ]  # fmt: skip
    assert fits(3, "spanning") == (False, False), "its node group would have to be replaced"
    assert fits(3, existing={}) == (False, False), "there is no subnet for it"


def test_nat_goes_from_mode_to_mode_where_there_is_some() -> None:
    assert goes_out({"ha-eks:network": {}})
    assert [goes_out({"ha-eks:network": {"nat": nat}}) for nat in (*NAT, "none")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert not goes_out({"ha-eks:network": {"existing": {}}})


@every_stack
def test_other_control_plane_zones_are_a_file_that_is_taken(stack: str) -> None:
    config = config_of(stack)
    before = taken(config, "as it is").network
    other_control_plane_zones(config)
    now = taken(config, "edited").network
    assert now.zones == before.zones
    assert len(now.control_plane_zones) == len(before.control_plane_zones)
    assert len({*now.control_plane_zones} - {*before.control_plane_zones}) == 1


@every_stack
def test_another_layout_and_back_are_files_that_are_taken(stack: str) -> None:
    config = config_of(stack)
    layouts: list[str] = []
    for _ in range(3):
        layouts.append(next(iter(taken(config, "a layout").pools.values())).layout)
        other_layout(config)
    assert layouts == ["perZone", "spanning", "perZone"]


def test_words_are_those_of_the_file_and_of_what_came_or_went() -> None:
    config = config_of("dev")
    more = config_of("dev")
    more["ha-eks:network"]["zones"].append("us-east-1c")
    assert words(config, config) == {"APP": "web"}
    assert words(config, more) == words(more, config) == {"APP": "web", "ZONE": "us-east-1c"}
    out = config_of("dev")
    out["ha-eks:network"]["zonesOut"] = ["us-east-1b"]
    assert words(config, out) == words(out, config) == {"APP": "web", "ZONE": "us-east-1b"}


@every_stack
def test_whoever_is_let_in_comes_beside_those_who_are(stack: str) -> None:
    before, now = (each.cluster for each in after(stack, "a viewer and an editor more"))
    assert now.viewers[:-1] == before.viewers
    assert [*now.editors] == ["web"]
    assert (now.admins, now.add_ons) == (before.admins, before.add_ons)


@every_stack
def test_a_pinned_version_is_of_one_add_on(stack: str) -> None:
    before, now = (each.cluster for each in after(stack, "an add-on's version pinned"))
    assert set(now.add_ons) - set(before.add_ons) == {"kube-proxy"}
    version = now.add_ons["kube-proxy"].version
    assert version is not None
    assert version.startswith(f"v{now.version}."), "kube-proxy is of the cluster's minor"


@every_stack
def test_every_nat_mode_with_a_way_out_leads_to_another_and_back(stack: str) -> None:
    modes = [after(stack, f"another NAT mode, {number} of 3") for number in (1, 2, 3)]
    assert {now.network.nat for _, now in modes} == {"perZone", "regional", "single"}
    first, last = modes[0][0].network.nat, modes[-1][1].network.nat
    assert first == last


@pytest.mark.parametrize("edit", EVERY, ids=lambda edit: edit.name)
def test_what_an_edit_may_is_written_as_operations_are(edit: Edit) -> None:
    assert edit.may, "whatever happened, nothing would be missing"
    for pattern in (*edit.may, *edit.might):
        assert PATTERN.fullmatch(pattern), pattern
    assert len({*edit.may, *edit.might}) == len(edit.may) + len(edit.might)


def test_the_descheduler_goes_in_some_stack_and_comes_in_every_one() -> None:
    [off, on] = [edit for edit in EDITS if "descheduler" in edit.name]
    went = 0
    for stack in STACKS:
        config = config_of(stack)
        if off.fits(config):
            off.change(config)
            went += 1
        assert on.fits(config)
        on.change(config)
        assert off.fits(config)
    assert went


def test_edits_have_names_of_their_own() -> None:
    assert len({edit.name for edit in EVERY}) == len(EVERY)


@pytest.mark.parametrize("edit", EVERY, ids=lambda edit: edit.name)
def test_what_an_edit_may_touch_exists_in_some_plan(edit: Edit, previewed: Any) -> None:
    recordings: list[Recording] = [previewed(stack) for stack in (*STACKS, "wide")]
    types = {
        each.type.rpartition(":")[2] for recording in recordings for each in created_by(recording)
    }
    types |= {"ListenerRule", "CapacityReservation"}  # of a second app, of a reserving pool
    types |= {"CustomResourceDefinition", "PodTemplate", "CapacityBuffer"}  # of other headroom
    for pattern in (*edit.may, *edit.might):
        _, type_, _ = pattern.split()
        assert fnmatch.filter(types, type_), f"{pattern} allows nothing, or can never be seen"


def _newer_template(olds: dict[str, Resource], news: dict[str, Resource], group: Resource) -> bool:
    """Whether a node group's launch template has another version then, which a plan cannot tell."""
    return "launchTemplate" in group.inputs and any(
        urn in olds and olds[urn].inputs != news[urn].inputs
        for urn in group.dependencies
        if urn in news and news[urn].type == "aws:ec2/launchTemplate:LaunchTemplate"
    )


def between(before: Recording, now: Recording) -> list[Operation]:
    """What an `up` would do, as far as two plans tell."""
    olds, news = ({each.urn: each for each in created_by(recording)} for recording in (before, now))
    kept = {urn for urn, each in olds.items() if each.options.get("retainOnDelete")}
    verbs: list[tuple[str, str]] = [("delete", urn) for urn in olds.keys() - news.keys() - kept]
    verbs += [("create", urn) for urn in news.keys() - olds.keys()]
    for urn in olds.keys() & news.keys():
        old, new = olds[urn], news[urn]
        if replaced_by(new.type, old.inputs, new.inputs):
            verbs += [("create", urn), *([("delete", urn)] if urn not in kept else [])]
        elif old.inputs != new.inputs or _newer_template(olds, news, new):
            verbs.append(("update", urn))
    return [
        Operation(
            verb=verb, type={**olds, **news}[urn].type, urn=urn, began=0, ended=0, refused=None
        )
        for verb, urn in verbs
    ]


def edits_of(stack: str) -> Iterator[tuple[str, Edit, dict[str, Any], dict[str, Any]]]:
    """Each edit that a stack's file takes, with the file before and after it, one after another."""
    config = config_of(stack)
    for edit in EDITS:
        if edit.fits(config):
            before = deepcopy(config)
            edit.change(config)
            yield stack, edit, before, deepcopy(config)


@pytest.mark.parametrize(
    ("stack", "edit", "before", "now"),
    [pytest.param(*each, id=f"{each[0]}-{each[1].name}")
     for stack in ("dev", "prod")  # the first has no domain
     for each in edits_of(stack)],
)  # fmt: skip
def test_an_edit_plans_what_it_may_and_replaces_nothing_that_serves(
    stack: str, edit: Edit, before: dict[str, Any], now: dict[str, Any]
) -> None:
    done = between(recorded_config(stack, before), recorded_config(stack, now))
    check_touched(edit, done, words(before, now))


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_an_upgrade_plans_what_it_may(stack: str) -> None:
    config = config_of(stack)
    former_minor(config)
    before = recorded_config(stack, config)
    UPGRADE.change(config)
    done = between(before, recorded_config(stack, config))
    check_touched(UPGRADE, done, words(config, config))


def test_the_oldest_minor_has_none_before_it() -> None:
    versions = list(KUBERNETES)
    assert [has_former_minor(each) for each in versions] == [False, *([True] * (len(versions) - 1))]


def test_edits_are_made_to_the_app_at_the_root_whatever_its_name() -> None:
    apps = {"cache": {"port": 1}, "shop": {"expose": {}}, "api": {"expose": {"path": "/api"}}}
    assert main_app({"ha-eks:apps": apps}) == "shop"


@pytest.mark.parametrize("image", ["a/b:1", "a/b@sha256:" + "0" * 64, "a/b:1@sha256:" + "0" * 64])
def test_a_new_image_is_one_that_settings_take(image: str) -> None:
    config = config_of("dev")
    config["ha-eks:apps"]["web"]["image"] = image
    EDITS[0].change(config)
    assert config["ha-eks:apps"]["web"]["image"] != image
    assert check(config)[1] == []
