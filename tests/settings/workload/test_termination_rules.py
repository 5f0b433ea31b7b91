"""Tests of the rules for the termination of pods: accepted settings drop no request."""

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
    assert_problem,
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
"""Changes after which every app can run on spot nodes and on other nodes."""


def idle(stack: str, seconds: int) -> Change:
    """Returns a change of the idle timeout."""
    shipped = config_of(stack).get(LOAD_BALANCING, {})
    return (LOAD_BALANCING,), {**shipped, "idleTimeoutSeconds": seconds}


UPDATE = (
    "from deletion to KILL, but at most 840s are possible because EKS drains a node within 15 "
    "minutes during an update"
)
NOTICE = (
    "from deletion to KILL, but at most 100s are possible because spot instances of pool {} "
    "terminate 2 minutes after their notice"
)


@every_stack
def test_a_shutdown_is_at_least_as_long_as_the_longest_request(tmp_path: Path, stack: str):
    path = (*WEB, "shutdownSeconds")

    problems = refused(tmp_path, stack, changed(stack, (path, 14)))

    assert_problem(
        problems,
        f"{APPS}.web.shutdownSeconds",
        14,
        "must be at least longestRequestSeconds, 15: a request that arrives right before TERM "
        "takes up to 15s, but the program exits 14s after TERM",
    )
    accepted(tmp_path, stack, (path, 15))


@every_stack
def test_a_shutdown_takes_as_long_as_the_longest_request_by_default(tmp_path: Path, stack: str):
    web = accepted(
        tmp_path,
        stack,
        ((*WEB, "shutdownSeconds"), ABSENT),
        ((*WEB, "longestRequestSeconds"), 45),
    ).apps["web"]

    end = web.termination
    assert (web.shutdown, end.grace, end.deregistration_delay) == (45, 70, 50)


@every_stack
@pytest.mark.parametrize(
    ("name", "shutdown", "total"),
    [
        ("web", 75, "preStop 20s + shutdown 76s + 5s = 101s"),
        ("cache", 90, "preStop 5s + shutdown 91s + 5s = 101s"),
    ],
    ids=["exposed", "unexposed"],
)
def test_on_spot_nodes_a_pod_terminates_within_the_notice(
    tmp_path: Path, stack: str, name: str, shutdown: int, total: str
):
    path = (APPS, name, "shutdownSeconds")

    problems = refused(tmp_path, stack, changed(stack, *SPOT, (path, shutdown + 1)))

    message = f"must be at most {shutdown}: {total} {NOTICE.format('general')}"
    assert_problem(problems, f"{APPS}.{name}.shutdownSeconds", shutdown + 1, message)
    settings = accepted(tmp_path, stack, *SPOT, (path, shutdown))
    assert settings.apps[name].termination.grace == 100
    accepted(tmp_path, stack, (path, 800))  # on demand


def test_a_request_too_long_for_spot_nodes_is_refused_where_it_is_written(tmp_path: Path):
    path = (*CACHE, "longestRequestSeconds")
    total = f"preStop 5s + shutdown 91s + 5s = 101s {NOTICE.format('general')}"

    problems = refused(tmp_path, "dev", changed("dev", *SPOT, (path, 91)))
    assert_problem(
        problems, f"{APPS}.cache.longestRequestSeconds", 91, f"must be at most 90: {total}"
    )

    both = ((*CACHE, "shutdownSeconds"), 91)
    problems = refused(tmp_path, "dev", changed("dev", *SPOT, (path, 91), both))
    assert_problem(
        problems,
        f"{APPS}.cache.longestRequestSeconds",
        91,
        f"must be at most 90, and so must shutdownSeconds: {total}",
    )


def test_a_default_longest_request_too_long_for_spot_nodes_is_not_quoted(tmp_path: Path):
    pre_stop: Change = ((*CACHE, "preStop"), {"command": ["/leave"], "seconds": 70})
    total = f"preStop 70s + shutdown 30s + 5s = 105s {NOTICE.format('general')}"

    problems = refused(tmp_path, "dev", changed("dev", *SPOT, pre_stop))

    key = f"{APPS}.cache.longestRequestSeconds"
    assert_problem(problems, key, None, f"must be at most 25: {total}")


@pytest.mark.parametrize(
    ("field", "value", "seconds"),
    [
        ("preStop.seconds", {"command": ["/leave"], "seconds": 95}, 95),
        ("expose.deregistrationSeconds", {"deregistrationSeconds": 95}, 95),
    ],
)
def test_a_wait_before_term_too_long_for_spot_nodes_is_refused_where_it_is_written(
    tmp_path: Path, field: str, value: object, seconds: int
):
    change: Change = ((*WEB, field.split(".")[0]), value)

    problems = refused(tmp_path, "dev", changed("dev", *SPOT, change))

    total = f"preStop {seconds}s + shutdown 20s + 5s = {seconds + 25}s {NOTICE.format('general')}"
    message = f"must be at most 95 together with shutdownSeconds: {total}"
    assert_problem(problems, f"{APPS}.web.{field}", seconds, message)


@every_stack
def test_spot_nodes_that_an_app_cannot_run_on_do_not_limit_its_grace_period(
    tmp_path: Path, stack: str
):
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
    ids=["any pool", "the pool of the app"],
)
def test_spot_nodes_that_an_app_can_run_on_limit_its_grace_period(
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
    total = f"preStop 20s + shutdown 600s + 5s = 625s {NOTICE.format('cheap')}"
    assert_problem(first, f"{APPS}.web.shutdownSeconds", 600, f"must be at most 75: {total}")


@every_stack
def test_a_request_ends_before_the_idle_timeout_of_the_load_balancer(tmp_path: Path, stack: str):
    longest = (*WEB, "longestRequestSeconds")

    problems = refused(tmp_path, stack, changed(stack, idle(stack, 15)))

    assert_problem(
        problems,
        f"{APPS}.web.longestRequestSeconds",
        15,
        "must be less than loadBalancing.idleTimeoutSeconds, 15: the load balancer closes a "
        "connection on which no data was sent for 15s",
    )
    accepted(tmp_path, stack, idle(stack, 16))
    accepted(tmp_path, stack, idle(stack, 15), (longest, 14))


@every_stack
def test_requests_of_an_app_that_is_not_exposed_may_exceed_the_idle_timeout(
    tmp_path: Path, stack: str
):
    accepted(tmp_path, stack, ((*CACHE, "longestRequestSeconds"), 800))


def test_the_idle_timeout_follows_the_longest_request(tmp_path: Path):
    path: Change = ((LOAD_BALANCING,), {})
    expose: Change = ((*WEB, "expose"), {"path": "/", "keepAliveSeconds": 600})
    assert (
        accepted(tmp_path, "prod", path, expose).load_balancer("public").idle_timeout_seconds == 50
    )
    longest: Change = ((*WEB, "longestRequestSeconds"), 46)
    shutdown: Change = ((*WEB, "shutdownSeconds"), 60)
    changes = (path, expose, longest, shutdown)
    assert accepted(tmp_path, "prod", *changes).load_balancer("public").idle_timeout_seconds == 51
    own: Change = ((LOAD_BALANCING,), {"idleTimeoutSeconds": 120})
    assert (
        accepted(tmp_path, "prod", *changes[1:], own).load_balancer("public").idle_timeout_seconds
        == 120
    )


def test_the_keep_alive_time_follows_the_idle_timeout(tmp_path: Path):
    changes: list[Change] = [
        ((*WEB, "longestRequestSeconds"), 70), ((*WEB, "shutdownSeconds"), 70),
    ]  # fmt: skip
    problems = refused(tmp_path, "prod", changed("prod", *changes))
    assert_problem(problems, f"{APPS}.web.expose.keepAliveSeconds", 60, keep_alive(75))


def keep_alive(idle: int) -> str:
    """Returns the message for a keep-alive time that is too short."""
    return (
        f"must be more than loadBalancing.idleTimeoutSeconds, {idle}: if the app closes an idle "
        "connection before the load balancer does, requests fail with status 502; raise the "
        "keep-alive time of the app and write it here"
    )


@every_stack
def test_an_app_keeps_idle_connections_open_longer_than_the_load_balancer(
    tmp_path: Path, stack: str
):
    expose = (*WEB, "expose")

    problems = refused(
        tmp_path, stack, changed(stack, (expose, {"path": "/", "keepAliveSeconds": 50}))
    )

    assert_problem(problems, f"{APPS}.web.expose.keepAliveSeconds", 50, keep_alive(50))
    accepted(tmp_path, stack, (expose, {"path": "/", "keepAliveSeconds": 51}))


@every_stack
def test_the_idle_timeout_is_less_than_the_default_keep_alive_time(tmp_path: Path, stack: str):
    default = ((*WEB, "expose"), {"path": "/"})
    problems = refused(tmp_path, stack, changed(stack, default, idle(stack, 60)))

    assert_problem(problems, f"{APPS}.web.expose.keepAliveSeconds", None, keep_alive(60))
    accepted(tmp_path, stack, default, idle(stack, 59))


@every_stack
@pytest.mark.parametrize(("name", "shutdown", "before"), [("web", 815, 20), ("cache", 830, 5)])
def test_a_pod_terminates_while_eks_drains_its_node_for_an_update(
    tmp_path: Path, stack: str, name: str, shutdown: int, before: int
):
    path = (APPS, name, "shutdownSeconds")

    problems = refused(tmp_path, stack, changed(stack, (path, shutdown + 1)))

    total = f"preStop {before}s + shutdown {shutdown + 1}s + 5s = 841s"
    key = f"{APPS}.{name}.shutdownSeconds"
    assert_problem(problems, key, shutdown + 1, f"must be at most {shutdown}: {total} {UPDATE}")
    accepted(tmp_path, stack, (path, shutdown))


@every_stack
@pytest.mark.parametrize(("name", "least"), [("web", 20), ("cache", 5)])
def test_a_pre_stop_command_lasts_until_the_pod_is_deregistered(
    tmp_path: Path, stack: str, name: str, least: int
):
    def pre_stop(seconds: int) -> Change:
        return (APPS, name, "preStop"), {"command": ["/leave"], "seconds": seconds}

    problems = refused(tmp_path, stack, changed(stack, pre_stop(least - 1)))

    assert_problem(
        problems,
        f"{APPS}.{name}.preStop.seconds",
        least - 1,
        f"must be at least {least}: a deleted pod receives new requests for {least}s, but TERM "
        f"comes after {least - 1}s",
    )
    accepted(tmp_path, stack, pre_stop(least))


@every_stack
def test_the_grace_period_allows_for_a_slower_load_balancer(tmp_path: Path, stack: str):
    expose = {"path": "/", "deregistrationSeconds": 33}

    web = accepted(tmp_path, stack, ((*WEB, "expose"), expose)).apps["web"]

    assert (web.termination.pre_stop, web.termination.grace) == (33, 58)


@every_stack
def test_slow_start_needs_round_robin(tmp_path: Path, stack: str):
    def expose(algorithm: str) -> Change:
        return (*WEB, "expose"), {"slowStartSeconds": 30, "algorithm": algorithm}

    problems = refused(tmp_path, stack, changed(stack, expose("leastOutstandingRequests")))

    assert_problem(
        problems,
        f"{APPS}.web.expose.slowStartSeconds",
        30,
        "the load balancer supports slow start only with algorithm: roundRobin; write algorithm: "
        "roundRobin or remove slowStartSeconds",
    )
    accepted(tmp_path, stack, expose("roundRobin"))


seconds = st.integers(1, 1200)


@profile(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    stack=st.sampled_from(STACKS),
    longest=seconds,
    shutdown=st.none() | seconds,
    command=st.none() | st.integers(1, 120),
    deregistration=st.integers(5, 300),
    exposed=st.booleans(),
    spot=st.booleans(),
)
def test_accepted_settings_drop_no_request_and_a_problem_states_the_sum(
    stack: str,
    longest: int,
    shutdown: int | None,
    command: int | None,
    deregistration: int,
    exposed: bool,
    spot: bool,
):
    name = "web" if exposed else "cache"
    config: Any = config_of(stack)
    app: dict[str, Any] = config[APPS][name]
    app |= {"longestRequestSeconds": longest, "shutdownSeconds": shutdown}
    if command is not None:
        app["preStop"] = {"command": ["/leave"], "seconds": command}
    if exposed:
        app["expose"] = {
            "path": "/", "deregistrationSeconds": deregistration, "keepAliveSeconds": 3600
        }  # fmt: skip
        config[LOAD_BALANCING] = {"idleTimeoutSeconds": 3599}
    for path, value in SPOT if spot else ():
        put_at(config, path, value)
    deregistered = deregistration if exposed else 5
    pre_stop = deregistered if command is None else command
    ends = longest if shutdown is None else shutdown
    grace = pre_stop + ends + 5

    settings, problems = check(config)

    if settings is not None:
        end = settings.apps[name].termination
        assert end.grace == grace <= (100 if spot else 840)
        assert deregistered <= pre_stop
        assert deregistered + longest <= pre_stop + ends
        return
    [problem] = problems
    field = problem.key.removeprefix(f"{APPS}.{name}.")
    if pre_stop < deregistered:
        assert field == "preStop.seconds"
        assert problem.message == (
            f"must be at least {deregistered}: a deleted pod receives new requests for "
            f"{deregistered}s, but TERM comes after {pre_stop}s"
        )
    elif ends < longest:
        assert field == "shutdownSeconds"
        assert problem.message == (
            f"must be at least longestRequestSeconds, {longest}: a request that arrives right "
            f"before TERM takes up to {longest}s, but the program exits {ends}s after TERM"
        )
    else:
        reason = NOTICE.format("general") if spot else UPDATE
        total = f"preStop {pre_stop}s + shutdown {ends}s + 5s = {grace}s {reason}"
        left = (100 if spot else 840) - 5 - pre_stop
        if left >= longest:
            assert (field, problem.message) == (
                "shutdownSeconds", f"must be at most {left}: {total}"
            )  # fmt: skip
        elif left >= 1:
            also = "" if shutdown is None else ", and so must shutdownSeconds"
            assert field == "longestRequestSeconds"
            assert problem.message == f"must be at most {left}{also}: {total}"
        else:
            assert field == (
                "expose.deregistrationSeconds" if command is None else "preStop.seconds"
            )
            other = "longestRequestSeconds" if shutdown is None else "shutdownSeconds"
            most = 95 if spot else 835
            assert problem.message == f"must be at most {most} together with {other}: {total}"
