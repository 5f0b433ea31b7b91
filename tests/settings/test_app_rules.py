"""What must hold among an app's fields, the other apps, the pools and the load balancer."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.stack_files import (
    ABSENT,
    APPS,
    CACHE,
    LOAD_BALANCING,
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
    pool,
    refused,
)

IDLE = (LOAD_BALANCING,)
SPOT: list[Change] = [
    ((POOLS, "general", "capacityType"), "SPOT"),
    ((POOLS, "general", "instanceTypes"), ["m7i.large", "m6i.large"]),
    ((POOLS, "steady"), pool(8)),
]
"""Spot nodes for every app, and others beside."""


def zones_of(stack: str) -> int:
    return len(config_of(stack)[NETWORK]["zones"])


def nodes_of(stack: str) -> int:
    """Nodes that the shipped pool has at most, in all zones."""
    return zones_of(stack) * int(config_of(stack)[POOLS]["general"]["perZone"]["max"])


def idle(stack: str, seconds: int) -> Change:
    """The shipped load balancer with an idle timeout."""
    return IDLE, {**config_of(stack)[LOAD_BALANCING], "idleTimeoutSeconds": seconds}


def exposed(path: str, **changes: object) -> dict[str, object]:
    return app(probes={"readiness": "/ready"}, expose={"path": path}, **changes)


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
    assert_one(problems, key, ports[repeated], "has not named already")


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

    assert_one(problems, f"{APPS}.web.near", near, "another app: cache")


@every_stack
def test_a_single_app_is_near_to_none(tmp_path: Path, stack: str):
    text = changed(stack, (CACHE, ABSENT), ((*WEB, "near"), "web"))

    assert_one(refused(tmp_path, stack, text), f"{APPS}.web.near", "web", "there is none")


@every_stack
def test_two_apps_may_be_near_to_each_other(tmp_path: Path, stack: str):
    accepted(tmp_path, stack, ((*WEB, "near"), "cache"), ((*CACHE, "near"), "web"))


@every_stack
def test_an_app_runs_on_a_pool_that_there_is(tmp_path: Path, stack: str):
    text = changed(stack, ((*WEB, "pool"), "gpu"), ((POOLS, "batch"), pool(1, "NO_SCHEDULE")))

    assert_one(refused(tmp_path, stack, text), f"{APPS}.web.pool", "gpu", "a pool: batch, general")


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
    assert_one(refused(tmp_path, stack, text), key, minimum - 1, f"{minimum} or more", lost)
    accepted(tmp_path, stack, ((*WEB, "replicas"), {"needed": needed, "max": minimum}))


def test_the_zones_with_nodes_count_and_not_those_of_the_control_plane(tmp_path: Path):
    third: Change = ((NETWORK, "zones"), ["us-east-1a", "us-east-1b", "us-east-1c"])
    replicas = (*WEB, "replicas")

    text = changed("dev", third, (replicas, {"needed": 3, "max": 4}))

    key = f"{APPS}.web.replicas.max"
    assert_one(refused(tmp_path, "dev", text), key, 4, "5 or more", "one of 3 zones")
    accepted(tmp_path, "dev", third, (replicas, {"needed": 3, "max": 5}))


@every_stack
def test_one_per_node_are_at_most_as_many_as_there_can_be_nodes(tmp_path: Path, stack: str):
    most, nodes = (*CACHE, "replicas", "max"), nodes_of(stack)

    problems = refused(tmp_path, stack, changed(stack, (most, nodes + 1)))

    assert_one(problems, f"{APPS}.cache.replicas.max", nodes + 1, f"at most {nodes}:")
    accepted(tmp_path, stack, (most, nodes))
    accepted(tmp_path, stack, (most, nodes + 1), ((*CACHE, "onePerNode"), False))


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
    assert_one(refused(tmp_path, stack, text), key, nodes + 1, f"at most {nodes}:")


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

    assert_one(problems, f"{APPS}.cache.replicas.max", nodes + 1, f"at most {nodes}:")


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

    assert_one(problems, f"{APPS}.cache.replicas.max", nodes + 1, f"at most {nodes}:")


# Drain.


@every_stack
def test_a_shutdown_is_no_shorter_than_the_longest_request(tmp_path: Path, stack: str):
    path = (*WEB, "shutdownSeconds")

    problems = refused(tmp_path, stack, changed(stack, (path, 14)))

    assert_one(problems, f"{APPS}.web.shutdownSeconds", 14, "15 or more", "longestRequestSeconds")
    accepted(tmp_path, stack, (path, 15))


@every_stack
def test_a_shutdown_takes_the_longest_request_unless_it_says_more(tmp_path: Path, stack: str):
    web = accepted(
        tmp_path,
        stack,
        ((*WEB, "shutdownSeconds"), ABSENT),
        ((*WEB, "longestRequestSeconds"), 45),
    ).apps.root["web"]

    assert (web.shutdown, web.drain.grace, web.drain.deregistration_delay) == (45, 70, 50)


@every_stack
@pytest.mark.parametrize(
    ("name", "shutdown", "total"),
    [
        ("web", 76, "preStop 20 s + shutdown 76 s + 5 s = grace 101 s"),
        ("cache", 91, "preStop 5 s + shutdown 91 s + 5 s = grace 101 s"),
    ],
    ids=["exposed", "unexposed"],
)
def test_on_spot_nodes_a_pod_is_gone_within_the_notice(
    tmp_path: Path, stack: str, name: str, shutdown: int, total: str
):
    path = (APPS, name, "shutdownSeconds")

    problems = refused(tmp_path, stack, changed(stack, *SPOT, (path, shutdown)))

    key = f"{APPS}.{name}.shutdownSeconds"
    assert_one(problems, key, shutdown, "at most 100 s", "spot pool general", total)
    settings = accepted(tmp_path, stack, *SPOT, (path, shutdown - 1))
    assert settings.apps.root[name].drain.grace == 100
    accepted(tmp_path, stack, (path, 3600))  # on demand


@every_stack
def test_spot_nodes_that_an_app_never_runs_on_do_not_matter_to_it(tmp_path: Path, stack: str):
    slow: Change = ((*WEB, "shutdownSeconds"), 600)
    repelling = pool(1, "NO_EXECUTE", capacityType="SPOT")

    accepted(tmp_path, stack, slow, ((POOLS, "spot"), repelling))
    accepted(
        tmp_path, stack, slow, ((POOLS, "spot"), pool(1, capacityType="SPOT")),
        ((*WEB, "pool"), "general"),
    )  # fmt: skip


@every_stack
@pytest.mark.parametrize(
    ("effects", "named"),
    [((), False), (("NO_SCHEDULE",), True)],
    ids=["one of all", "the one that it names"],
)
def test_spot_nodes_that_an_app_may_run_on_matter_to_it(
    tmp_path: Path, stack: str, effects: tuple[str, ...], named: bool
):
    text = changed(
        stack,
        ((*WEB, "shutdownSeconds"), 600),
        ((POOLS, "cheap"), pool(8, *effects, capacityType="SPOT")),
        ((*WEB, "pool"), "cheap" if named else None),
    )

    problems = refused(tmp_path, stack, text)
    first = [each for each in problems if each.key != f"{APPS}.web.pool"]
    assert_one(first, f"{APPS}.web.shutdownSeconds", 600, "spot pool cheap", "grace 625 s")


@every_stack
def test_a_request_is_answered_before_the_load_balancer_cuts_it_off(tmp_path: Path, stack: str):
    longest = (*WEB, "longestRequestSeconds")

    problems = refused(tmp_path, stack, changed(stack, idle(stack, 15)))

    assert_one(
        problems, f"{APPS}.web.longestRequestSeconds", 15, "loadBalancing.idleTimeoutSeconds, 15 s"
    )
    accepted(tmp_path, stack, idle(stack, 16))
    accepted(tmp_path, stack, idle(stack, 15), (longest, 14))


@every_stack
def test_an_app_that_is_not_exposed_may_take_longer_than_the_idle_timeout(
    tmp_path: Path, stack: str
):
    accepted(tmp_path, stack, ((*CACHE, "longestRequestSeconds"), 3500))


@every_stack
def test_an_app_keeps_its_connections_longer_than_the_load_balancer(tmp_path: Path, stack: str):
    expose = (*WEB, "expose")

    problems = refused(
        tmp_path, stack, changed(stack, (expose, {"path": "/", "keepAliveSeconds": 50}))
    )

    key = f"{APPS}.web.expose.keepAliveSeconds"
    assert_one(problems, key, 50, "more than loadBalancing.idleTimeoutSeconds, 50 s")
    accepted(tmp_path, stack, (expose, {"path": "/", "keepAliveSeconds": 51}))


@every_stack
def test_the_default_keep_alive_is_held_against_the_idle_timeout_too(tmp_path: Path, stack: str):
    problems = refused(tmp_path, stack, changed(stack, idle(stack, 60)))

    assert [p.key for p in problems] == [f"{APPS}.web.expose.keepAliveSeconds"]
    accepted(tmp_path, stack, idle(stack, 59))


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
    assert_one(refused(tmp_path, stack, text), key, other, f"apart from {one}, which first has")


@every_stack
def test_only_one_app_gets_what_no_other_does(tmp_path: Path, stack: str):
    text = changed(stack, ((APPS, "api"), exposed("/")))

    problems = refused(tmp_path, stack, text)

    assert_one(problems, f"{APPS}.api.expose.path", "/", "apart from /, which web has")


@every_stack
def test_paths_that_only_begin_alike_are_apart(tmp_path: Path, stack: str):
    paths = {"first": "/api", "second": "/apis", "third": "/api-v2", "fourth": "/v1/api"}
    changes: list[Change] = [((APPS, name), exposed(path)) for name, path in paths.items()]

    accepted(tmp_path, stack, *changes)


@every_stack
@pytest.mark.parametrize("expose", [{"path": "/web"}, None], ids=["elsewhere", "nowhere"])
def test_one_app_gets_what_no_other_does(tmp_path: Path, stack: str, expose: Any):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "expose"), expose)))

    assert_one(problems, APPS, ["cache", "web"], 'path: "/"')


@every_stack
@pytest.mark.parametrize("probes", [{}, {"liveness": "/healthz"}], ids=["no probes", "another"])
def test_an_exposed_app_tells_whether_it_can_serve(
    tmp_path: Path, stack: str, probes: dict[str, str]
):
    problems = refused(tmp_path, stack, changed(stack, ((*WEB, "probes"), probes)))

    assert_one(problems, f"{APPS}.web.probes.readiness", None, "a path: the load balancer asks")
    accepted(tmp_path, stack, ((*CACHE, "probes"), probes))


def reaching(count: int) -> list[dict[str, object]]:
    """That many ports of one network."""
    return [{"cidr": "192.0.2.0/24", "port": 1000 + number} for number in range(count)]


def test_an_app_reaches_no_more_ports_than_a_node_keeps_of_an_address(tmp_path: Path):
    accepted(tmp_path, "prod", ((*WEB, "reaches"), reaching(19)))
    problems = refused(tmp_path, "prod", changed("prod", ((*WEB, "reaches"), reaching(20))))
    told = "24 ports, DNS, 80 and 443 among them"
    assert_one(problems, f"{APPS}.web.reaches", told, "at most 23", "1 are of an app")


def test_an_app_has_no_more_ports_than_a_node_keeps_of_an_address(tmp_path: Path):
    def ports(count: int) -> dict[str, int]:
        return {f"p-{number}": 1000 + number for number in range(count)}

    alone: Change = ((*WEB, "talksTo"), ABSENT)
    accepted(tmp_path, "prod", alone, ((*WEB, "otherPorts"), ports(19)))
    problems = refused(tmp_path, "prod", changed("prod", alone, ((*WEB, "otherPorts"), ports(20))))
    assert_one(problems, f"{APPS}.web.otherPorts", "21 ports", "at most 20")
