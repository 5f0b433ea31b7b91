"""How pods go: what is accepted drops nothing, and what is refused is told with its sum."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from settings import check
from tests.settings.stack_files import (
    ABSENT,
    APPS,
    CACHE,
    LOAD_BALANCING,
    POOLS,
    STACKS,
    WEB,
    Change,
    accepted,
    assert_one,
    changed,
    config_of,
    every_stack,
    pool,
    put_at,
    refused,
)

SPOT: list[Change] = [
    ((POOLS, "general", "capacityType"), "SPOT"),
    ((POOLS, "general", "instanceTypes"), ["m7i.large", "m6i.large"]),
    ((POOLS, "steady"), pool(8)),
]
"""Spot nodes for every app, and others beside."""


def idle(stack: str, seconds: int) -> Change:
    """The shipped load balancer with an idle timeout."""
    own = config_of(stack).get(LOAD_BALANCING, {})
    return (LOAD_BALANCING,), {**own, "idleTimeoutSeconds": seconds}


@every_stack
def test_a_shutdown_is_no_shorter_than_the_longest_request(tmp_path: Path, stack: str):
    path = (*WEB, "shutdownSeconds")

    problems = refused(tmp_path, stack, changed(stack, (path, 14)))

    sums = ("20 s + 15 s = 35 s after the deletion", "preStop 20 s + shutdown 14 s = 34 s")
    assert_one(problems, f"{APPS}.web.shutdownSeconds", 14, "15 or more", *sums)
    accepted(tmp_path, stack, (path, 15))


@every_stack
def test_a_shutdown_takes_the_longest_request_unless_it_says_more(tmp_path: Path, stack: str):
    web = accepted(
        tmp_path,
        stack,
        ((*WEB, "shutdownSeconds"), ABSENT),
        ((*WEB, "longestRequestSeconds"), 45),
    ).apps["web"]

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
    assert settings.apps[name].drain.grace == 100
    accepted(tmp_path, stack, (path, 800))  # on demand


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
    accepted(tmp_path, stack, ((*CACHE, "longestRequestSeconds"), 800))


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


@every_stack
@pytest.mark.parametrize(("name", "shutdown", "before"), [("web", 815, 20), ("cache", 830, 5)])
def test_a_node_that_is_updated_is_empty_before_eks_gives_up(
    tmp_path: Path, stack: str, name: str, shutdown: int, before: int
):
    path = (APPS, name, "shutdownSeconds")

    problems = refused(tmp_path, stack, changed(stack, (path, shutdown + 1)))

    total = f"preStop {before} s + shutdown {shutdown + 1} s + 5 s = grace 841 s"
    key = f"{APPS}.{name}.shutdownSeconds"
    assert_one(problems, key, shutdown + 1, "at most 840 s", "15 minutes", total)
    accepted(tmp_path, stack, (path, shutdown))


@every_stack
@pytest.mark.parametrize(("name", "least"), [("web", 20), ("cache", 5)])
def test_a_command_before_term_takes_as_long_as_requests_come(
    tmp_path: Path, stack: str, name: str, least: int
):
    def own(seconds: int) -> Change:
        return (APPS, name, "preStop"), {"command": ["/leave"], "seconds": seconds}

    problems = refused(tmp_path, stack, changed(stack, own(least - 1)))

    words = (f"{least} or more", f"sent requests for {least} s", f"come after {least - 1} s")
    assert_one(problems, f"{APPS}.{name}.preStop.seconds", least - 1, *words)
    accepted(tmp_path, stack, own(least))


@every_stack
def test_a_slower_load_balancer_is_waited_for(tmp_path: Path, stack: str):
    expose = {"path": "/", "deregistrationSeconds": 33}

    web = accepted(tmp_path, stack, ((*WEB, "expose"), expose)).apps["web"]

    assert (web.drain.pre_stop, web.drain.grace) == (33, 58)


@every_stack
def test_a_share_grows_with_round_robin_only(tmp_path: Path, stack: str):
    def expose(algorithm: str) -> Change:
        return (*WEB, "expose"), {"slowStartSeconds": 30, "algorithm": algorithm}

    problems = refused(tmp_path, stack, changed(stack, expose("leastOutstandingRequests")))

    key = f"{APPS}.web.expose.slowStartSeconds"
    assert_one(problems, key, 30, "nothing with algorithm leastOutstandingRequests")
    accepted(tmp_path, stack, expose("roundRobin"))


seconds = st.integers(1, 1200)


@profile(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    stack=st.sampled_from(STACKS),
    longest=seconds,
    shutdown=st.none() | seconds,
    own=st.none() | st.integers(1, 120),
    let_go=st.integers(5, 300),
    exposed=st.booleans(),
    spot=st.booleans(),
)
def test_the_sum_holds_for_all_that_is_accepted_and_is_told_of_all_that_is_not(
    stack: str,
    longest: int,
    shutdown: int | None,
    own: int | None,
    let_go: int,
    exposed: bool,
    spot: bool,
):
    name = "web" if exposed else "cache"
    config: Any = config_of(stack)
    app: dict[str, Any] = config[APPS][name]
    app |= {"longestRequestSeconds": longest, "shutdownSeconds": shutdown}
    if own is not None:
        app["preStop"] = {"command": ["/leave"], "seconds": own}
    if exposed:
        app["expose"] = {"path": "/", "deregistrationSeconds": let_go, "keepAliveSeconds": 3600}
        config[LOAD_BALANCING] = {"idleTimeoutSeconds": 3599}
    for path, value in SPOT if spot else ():
        put_at(config, path, value)
    lets_go = let_go if exposed else 5
    pre_stop = lets_go if own is None else own
    ends = longest if shutdown is None else shutdown
    grace = pre_stop + ends + 5

    settings, problems = check(config)

    if settings is not None:
        drain = settings.apps[name].drain
        assert drain.grace == grace <= (100 if spot else 840)
        assert lets_go <= pre_stop
        assert lets_go + longest <= pre_stop + ends
        return
    told = "\n".join(problem.message for problem in problems)
    keys = {problem.key.removeprefix(f"{APPS}.{name}.") for problem in problems}
    assert keys <= {"shutdownSeconds", "preStop.seconds"}
    if pre_stop < lets_go:
        assert f"sent requests for {lets_go} s, and TERM would come after {pre_stop} s" in told
    elif ends < longest:
        assert f"let go {lets_go} s + {longest} s = {lets_go + longest} s" in told
        assert f"preStop {pre_stop} s + shutdown {ends} s = {pre_stop + ends} s" in told
    else:
        assert f"preStop {pre_stop} s + shutdown {ends} s + 5 s = grace {grace} s" in told
