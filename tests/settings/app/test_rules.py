"""What must hold among an app's fields, the other apps, the pools and the load balancer."""

from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from tests.settings.stack_files import (
    ABSENT,
    APPS,
    CACHE,
    NETWORK,
    POOLS,
    WEB,
    Change,
    accepted,
    app,
    assert_one,
    changed,
    config_of,
    every_stack,
    fragment,
    pool,
    refused,
)


def zones_of(stack: str) -> int:
    return len(config_of(stack)[NETWORK]["zones"])


def nodes_of(stack: str) -> int:
    """Nodes that the shipped pool has at most, in all zones."""
    return zones_of(stack) * int(config_of(stack)[POOLS]["general"]["perZone"]["max"])


def exposed(path: str, **changes: object) -> dict[str, object]:
    return app(probes={"readiness": {"path": "/ready"}}, expose={"path": path}, **changes)


# Ports and references.


@every_stack
@pytest.mark.parametrize(
    ("ports", "repeated"),
    [({"admin": 9898}, "admin"), ({"admin": 81, "http": 82, "more": 81}, "more")],
    ids=["the main port again", "another port again"],
)
def test_a_port_is_named_once(tmp_path: Path, stack: str, ports: dict[str, int], repeated: str):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "otherPorts"), ports)))

    key = f"{APPS}.web.otherPorts.{repeated}"
    assert_one(problems, key, ports[repeated], fragment("has not named already"))


@every_stack
def test_two_apps_may_have_the_same_ports(tmp_path: Path, stack: str):
    other = {"admin": 81}

    accepted(
        tmp_path,
        stack,
        ((*WEB, "otherPorts"), other),
        ((*CACHE, "port"), 9898),
        ((*CACHE, "otherPorts"), other),
    )


@every_stack
@pytest.mark.parametrize("near", ["nobody", "web"], ids=["nobody", "itself"])
def test_an_app_is_near_to_another_that_there_is(tmp_path: Path, stack: str, near: str):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "near"), near)))

    assert_one(problems, f"{APPS}.web.near", near, fragment("another app: cache"))


@every_stack
def test_a_single_app_is_near_to_none(tmp_path: Path, stack: str):
    alone: list[Change] = [(CACHE, ABSENT), ((*WEB, "talksTo"), [])]
    text = changed(stack, *alone, ((*WEB, "near"), "web"))

    assert_one(refused(tmp_path, stack, text), f"{APPS}.web.near", "web", fragment("there is none"))


@every_stack
def test_apps_are_not_near_to_each_other_in_a_circle(tmp_path: Path, stack: str):
    text = changed(stack, ((*WEB, "near"), "cache"), ((*CACHE, "near"), "web"))

    problems = refused(tmp_path, stack, text)
    assert_one(
        problems, f"{APPS}.web.near", "cache", fragment("web is near cache, cache is near web")
    )


@every_stack
def test_a_longer_circle_is_told_once_and_those_beside_it_are_not(tmp_path: Path, stack: str):
    circle = {"one": "two", "two": "three", "three": "one", "beside": "one"}
    apps: list[Change] = [((APPS, name), app(near=near)) for name, near in circle.items()]

    problems = refused(tmp_path, stack, changed(stack, *apps))

    words = "one is near two, two is near three, three is near one"
    assert_one(problems, f"{APPS}.one.near", "two", fragment(words))
    accepted(tmp_path, stack, *apps, ((APPS, "three", "near"), "cache"))


@every_stack
@pytest.mark.parametrize("other", ["nobody", "web"], ids=["nobody", "itself"])
def test_an_app_talks_to_others_that_there_are(tmp_path: Path, stack: str, other: str):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "talksTo"), ["cache", other])))

    assert_one(problems, f"{APPS}.web.talksTo[1]", other, fragment("another app: cache"))


@every_stack
def test_an_app_runs_on_a_pool_that_there_is(tmp_path: Path, stack: str):
    text = changed(stack, ((*WEB, "pool"), "gpu"), ((POOLS, "batch"), pool(1, "NO_SCHEDULE")))

    assert_one(
        refused(tmp_path, stack, text),
        f"{APPS}.web.pool",
        "gpu",
        fragment("a pool: batch, general"),
    )


# Replicas.


@pytest.mark.parametrize(
    ("stack", "needed", "minimum"),
    [
        ("dev", 1, 2),
        ("dev", 3, 6),
        ("prod", 1, 2),
        ("prod", 2, 3),
        ("prod", 3, 5),
        ("prod", 4, 6),
        ("prod-standby", 6, 9),
    ],
)
def test_max_is_at_least_what_leaves_the_needed_when_a_zone_is_lost(
    tmp_path: Path, stack: str, needed: int, minimum: int
):
    text = changed(stack, ((*WEB, "replicas"), {"needed": needed, "max": minimum - 1}))

    key = f"{APPS}.web.replicas.max"
    lost = f"{needed} needed with one of {zones_of(stack)} zones lost"
    assert_one(
        refused(tmp_path, stack, text), key, minimum - 1, fragment(f"{minimum} or more", lost)
    )
    accepted(tmp_path, stack, ((*WEB, "replicas"), {"needed": needed, "max": minimum}))


def test_the_zones_with_nodes_count_and_not_those_of_the_control_plane(tmp_path: Path):
    third: Change = ((NETWORK, "zones"), ["us-east-1a", "us-east-1b", "us-east-1c"])
    replicas = (*WEB, "replicas")

    text = changed("dev", third, (replicas, {"needed": 3, "max": 4}))

    key = f"{APPS}.web.replicas.max"
    assert_one(refused(tmp_path, "dev", text), key, 4, fragment("5 or more", "one of 3 zones"))
    accepted(tmp_path, "dev", third, (replicas, {"needed": 3, "max": 5}))


@every_stack
def test_one_per_node_are_at_most_as_many_as_there_can_be_nodes(tmp_path: Path, stack: str):
    most, nodes = (*CACHE, "replicas", "max"), nodes_of(stack)

    problems = refused(tmp_path, stack, changed(stack, (most, nodes + 1)))

    assert_one(problems, f"{APPS}.cache.replicas.max", nodes + 1, fragment(f"at most {nodes}:"))
    accepted(tmp_path, stack, (most, nodes))
    accepted(tmp_path, stack, (most, nodes + 1), ((*CACHE, "spread"), {}))


@every_stack
@pytest.mark.parametrize("effect", ["NO_SCHEDULE", "NO_EXECUTE"])
def test_nodes_that_repel_do_not_count_for_an_app_that_names_no_pool(
    tmp_path: Path, stack: str, effect: str
):
    nodes = nodes_of(stack)
    text = changed(
        stack,
        ((POOLS, "batch"), pool(5, effect, "PREFER_NO_SCHEDULE")),
        ((*CACHE, "replicas", "max"), nodes + 1),
    )

    key = f"{APPS}.cache.replicas.max"
    assert_one(refused(tmp_path, stack, text), key, nodes + 1, fragment(f"at most {nodes}:"))


@every_stack
@pytest.mark.parametrize("effects", [(), ("PREFER_NO_SCHEDULE",)], ids=["no taint", "a mild one"])
def test_the_nodes_of_all_pools_that_do_not_repel_count_together(
    tmp_path: Path, stack: str, effects: tuple[str, ...]
):
    nodes = nodes_of(stack) + zones_of(stack) * 5
    batch: Change = ((POOLS, "batch"), pool(5, *effects))
    most = (*CACHE, "replicas", "max")

    accepted(tmp_path, stack, batch, (most, nodes))
    problems = refused(tmp_path, stack, changed(stack, batch, (most, nodes + 1)))

    assert_one(problems, f"{APPS}.cache.replicas.max", nodes + 1, fragment(f"at most {nodes}:"))


@every_stack
@pytest.mark.parametrize("effects", [(), ("NO_SCHEDULE",)], ids=["no taint", "a taint"])
def test_the_pool_that_an_app_names_counts_alone(
    tmp_path: Path, stack: str, effects: tuple[str, ...]
):
    nodes = zones_of(stack) * 2
    changes: list[Change] = [((POOLS, "batch"), pool(2, *effects)), ((*CACHE, "pool"), "batch")]
    most = (*CACHE, "replicas", "max")

    accepted(tmp_path, stack, *changes, (most, nodes))
    problems = refused(tmp_path, stack, changed(stack, *changes, (most, nodes + 1)))

    assert_one(problems, f"{APPS}.cache.replicas.max", nodes + 1, fragment(f"at most {nodes}:"))


# What the load balancer sends.


@every_stack
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/api", "/api"),
        ("/api", "/api/v2"),
        ("/api/v2", "/api"),
        ("/api", "/api/v2/users"),
    ],
)
def test_no_path_of_an_app_lies_within_that_of_another(
    tmp_path: Path, stack: str, one: str, other: str
):
    text = changed(
        stack,
        ((APPS, "third"), exposed("/third")),
        ((APPS, "first"), exposed(one)),
        ((APPS, "second"), exposed(other)),
    )

    key = f"{APPS}.second.expose.path"
    assert_one(
        refused(tmp_path, stack, text), key, other, fragment(f"apart from {one}, which first has")
    )


@every_stack
def test_only_one_app_gets_what_no_other_does(tmp_path: Path, stack: str):
    text = changed(stack, ((APPS, "api"), exposed("/")))

    problems = refused(tmp_path, stack, text)

    assert_one(problems, f"{APPS}.api.expose.path", "/", fragment("apart from /, which web has"))


@every_stack
def test_paths_that_only_begin_alike_are_apart(tmp_path: Path, stack: str):
    paths = {"first": "/api", "second": "/apis", "third": "/api-v2", "fourth": "/v1/api"}
    changes: list[Change] = [((APPS, name), exposed(path)) for name, path in paths.items()]

    accepted(tmp_path, stack, *changes)


@every_stack
@pytest.mark.parametrize("expose", [{"path": "/web"}, None], ids=["elsewhere", "nowhere"])
def test_one_app_gets_what_no_other_does(tmp_path: Path, stack: str, expose: Any):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "expose"), expose)))

    assert_one(problems, APPS, ANY, fragment('path: "/"'))


@every_stack
@pytest.mark.parametrize("path", ["/web", "/api"])
def test_who_decides_on_the_cell_s_health_is_asked_where_it_answers(
    tmp_path: Path, stack: str, path: str
):
    """The shipped app's readiness is /readyz, which goes to whoever has it or what is above it."""
    api: Change = ((APPS, "api"), exposed(path, critical=True))

    problems = refused(tmp_path, stack, changed(stack, api))

    key = f"{APPS}.api.probes.readiness.path"
    assert_one(problems, key, "/ready", fragment("sends to api", "web would answer"))
    there = {"readiness": {"path": f"{path}/ready"}}
    settings = accepted(tmp_path, stack, api, ((APPS, "api", "probes"), there))
    assert settings.deciding == ("api",)
    accepted(tmp_path, stack, api, ((APPS, "api", "critical"), False))


@every_stack
def test_the_app_at_the_root_is_not_asked_where_another_answers(tmp_path: Path, stack: str):
    api: Change = ((APPS, "api"), exposed("/readyz"))

    problems = refused(tmp_path, stack, changed(stack, api))

    assert_one(
        problems, f"{APPS}.web.probes.readiness.path", "/readyz", fragment("api would answer")
    )


# What an app is given.


@every_stack
def test_a_name_of_the_environment_is_given_once(tmp_path: Path, stack: str):
    secret = {"secret": "passwords", "key": "cache"}
    env: Change = ((*WEB, "env"), {"A": "1", "PASSWORD": "none"})

    problems = refused(
        tmp_path, stack, changed(stack, env, ((*WEB, "secretEnv"), {"PASSWORD": secret}))
    )

    assert_one(problems, f"{APPS}.web.secretEnv.PASSWORD", secret, fragment("env does not have"))
    accepted(tmp_path, stack, env, ((*WEB, "secretEnv"), {"B": secret}))


VOLUME = {"path": "/data", "size": "1Gi"}
ONE = {"needed": 1, "min": 1, "max": 1}


@every_stack
@pytest.mark.parametrize(
    ("mounts", "where", "path", "by"),
    [
        ({"scratch": {"/a": "1Mi"}, "files": {"/a": "x"}}, "files./a", "x", "scratch./a"),
        ({"files": {"/data": "x"}, "volume": VOLUME}, "volume.path", "/data", "files./data"),
        ({"files": {"/a": "x", "/a/b": "z"}}, "files./a/b", "z", "files./a"),
        ({"scratch": {"/a/b": "1Mi"}, "files": {"/a": "x"}}, "scratch./a/b", "1Mi", "files./a"),
    ],
)
def test_a_path_is_taken_once_and_nothing_is_below_a_file(
    tmp_path: Path, stack: str, mounts: dict[str, object], where: str, path: str, by: str
):
    text = changed(stack, ((APPS, "keeper"), app(**mounts, replicas=ONE)))

    problems = [each for each in refused(tmp_path, stack, text) if ".replicas" not in each.key]

    assert_one(problems, f"{APPS}.keeper.{where}", path, fragment(f"that {by} does not take"))


@every_stack
def test_a_file_may_be_in_a_scratch_directory(tmp_path: Path, stack: str):
    accepted(
        tmp_path,
        stack,
        ((*WEB, "scratch"), {"/etc/app": "1Mi"}),
        ((*WEB, "files"), {"/etc/app/a.yaml": "a: 1", "/etc/app/b.yaml": "b: 2"}),
    )


@every_stack
def test_files_fit_into_one_object(tmp_path: Path, stack: str):
    most = {"/a": "x" * 450_000, "/b": "ü" * 225_000}
    files = (*WEB, "files")

    problems = refused(tmp_path, stack, changed(stack, (files, {**most, "/c": "z"})))

    assert_one(problems, f"{APPS}.web.files", {**most, "/c": "z"}, fragment("at most 900000 bytes"))
    accepted(tmp_path, stack, (files, most))


# Volumes.


def keeper(**changes: object) -> Change:
    return (APPS, "keeper"), app(**{"volume": VOLUME, "replicas": ONE, **changes})


@every_stack
def test_an_app_may_keep_a_volume_with_one_pod(tmp_path: Path, stack: str):
    settings = accepted(tmp_path, stack, keeper())

    own = settings.apps["keeper"]
    assert (own.minimum_replicas(3), own.disruption_budget(3)) == (1, 1)


@every_stack
@pytest.mark.parametrize(
    ("changes", "field", "value", "word"),
    [
        (
            {"replicas": {"needed": 2, "max": 6}}, "replicas", {"needed": 2, "max": 6},
            fragment("{needed: 1, min: 1, max: 1}"),
        ),
        (
            {"replicas": {"needed": 1, "min": 1, "max": 2}}, "replicas",
            {"needed": 1, "min": 1, "max": 2}, fragment("one pod writes"),
        ),
        (
            {"scaling": {"cpuPercent": 40}}, "scaling", {"cpuPercent": 40},
            fragment("nothing to scale"),
        ),
        ({"critical": True}, "critical", True, fragment("with the zone of its volume")),
    ],
)  # fmt: skip
def test_what_a_volume_does_not_allow_is_refused(
    tmp_path: Path, stack: str, changes: dict[str, object], field: str, value: object, word: str
):
    problems = refused(tmp_path, stack, changed(stack, keeper(**changes)))

    assert_one(problems, f"{APPS}.keeper.{field}", value, word)


@every_stack
def test_there_is_no_room_for_a_volume_elsewhere(tmp_path: Path, stack: str):
    room: Change = (("ha-eks:headroom",), {"pods": {"keeper": 1}})

    problems = refused(tmp_path, stack, changed(stack, keeper(), room))

    assert_one(problems, "ha-eks:headroom.pods.keeper", 1, fragment("no zone but its volume's"))


def reaching(count: int) -> list[dict[str, object]]:
    """That many ports of one network."""
    return [{"cidr": "192.0.2.0/24", "port": 1000 + number} for number in range(count)]


def test_an_app_reaches_no_more_ports_than_a_node_keeps_of_an_address(tmp_path: Path):
    accepted(tmp_path, "prod", ((*WEB, "reaches"), reaching(19)))
    problems = refused(tmp_path, "prod", changed("prod", ((*WEB, "reaches"), reaching(20))))
    assert_one(
        problems, f"{APPS}.web.reaches", reaching(20), fragment("at most 23", "1 are of an app")
    )


def test_an_app_has_no_more_ports_than_a_node_keeps_of_an_address(tmp_path: Path):
    def ports(count: int) -> dict[str, int]:
        return {f"p-{number}": 1000 + number for number in range(count)}

    alone: Change = ((*WEB, "talksTo"), ABSENT)
    accepted(tmp_path, "prod", alone, ((*WEB, "otherPorts"), ports(19)))
    problems = refused(tmp_path, "prod", changed("prod", alone, ((*WEB, "otherPorts"), ports(20))))
    assert_one(problems, f"{APPS}.web.otherPorts", ports(20), fragment("at most 20"))


# Who is sent where.


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ([], True),
        ([((*WEB, "replicas", "needed"), 3)], False),
        ([((*WEB, "replicas", "needed"), 3), ((*WEB, "talksTo"), [])], True),
        ([((*CACHE, "replicas", "needed"), 3)], False),
        ([((*CACHE, "prefersSameZone"), False)], False),
        ([((*WEB, "replicas", "needed"), 3), ((*CACHE, "prefersSameZone"), True)], True),
    ],
    ids=[
        "all even", "a caller that is uneven", "and calls nobody", "itself uneven", "by hand: no",
        "by hand: yes",
    ],
)  # fmt: skip
def test_pods_of_the_same_zone_are_preferred_where_no_zone_has_fewer(
    tmp_path: Path, changes: list[Change], same: bool
):
    assert accepted(tmp_path, "prod", *changes).prefers_same_zone("cache") is same
