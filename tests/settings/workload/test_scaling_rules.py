"""Tests of the rules for replicas and scaling: enough pods remain if a zone fails."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    CACHE,
    NETWORK,
    POOLS,
    WEB,
    Case,
    Change,
    accepted,
    assert_problem,
    changed,
    config_of,
    every_stack,
    pool,
    put,
    put_in,
    refused,
)

REPLICAS, SCALING = (*WEB, "replicas"), (*WEB, "scaling")
QUERY = {"query": 'sum(rate(http_requests_total{namespace="web"}[2m]))', "targetPerPod": 50}
METRICS: Change = ((*WEB, "metrics"), {})


def query(text: str) -> Case:
    key = f"{APPS}.web.scaling.prometheus.requests.query"
    message = "must be a PromQL query with one result, such as sum(rate(requests_total[1m]))"
    return SCALING, {"prometheus": {"requests": {**QUERY, "query": text}}}, key, text, message


ONE_CHANGE: dict[str, Case] = {
    "an unknown metric with a similar name": put_in(
        SCALING, "gpuPercent", 60,
        'unknown key; did you mean "cpuPercent" or "memoryPercent"? All keys: '
        "docs/settings.md#ha-eks-apps",
    ),
    "an unknown metric": put_in(
        SCALING, "qqq", 60, "unknown key. All keys: docs/settings.md#ha-eks-apps",
    ),
    "a CPU target below 10": put_in(SCALING, "cpuPercent", 9, "must be between 10 and 100, not 9"),
    "a memory target in quotes": put_in(
        SCALING, "memoryPercent", "60", 'must be a whole number, not "60"',
    ),
    "no pods added": (
        SCALING, {"up": {"pods": 0}}, f"{APPS}.web.scaling.up.pods", 0,
        "must be between 1 and 1000, not 0",
    ),
    "more than all pods removed": (
        SCALING, {"down": {"percent": 101}},
        f"{APPS}.web.scaling.down.percent", 101, "must be between 1 and 100, not 101",
    ),
    "a stabilization of more than an hour": (
        SCALING, {"down": {"stabilizationSeconds": 3601}},
        f"{APPS}.web.scaling.down.stabilizationSeconds", 3601,
        "must be between 0 and 3600, not 3601",
    ),
    "an empty query": query("  "),
    "a query with an open brace": query('sum(rate(a{b="c"[2m]))'),
    "a query with an open parenthesis": query("sum(rate(a[2m])"),
    "a name of a query in upper case": (
        SCALING, {"prometheus": {"RPS": QUERY}},
        f"{APPS}.web.scaling.prometheus.RPS", QUERY,
        "must be a name of a-z, 0-9 and -, at most 30 characters, beginning with a letter",
    ),
    "a query without the target per pod": (
        SCALING, {"prometheus": {"rps": {"query": "sum(a)"}}},
        f"{APPS}.web.scaling.prometheus.rps.targetPerPod", None, "required",
    ),
    "a target per pod of 0": (
        SCALING, {"prometheus": {"rps": {**QUERY, "targetPerPod": 0}}},
        f"{APPS}.web.scaling.prometheus.rps.targetPerPod", 0,
        "must be between 0.1 and 1000000000000.0, not 0",
    ),
    "a query without an app that has metrics": (
        SCALING, {"prometheus": {"rps": QUERY}}, f"{APPS}.web.scaling.prometheus", {"rps": QUERY},
        "Prometheus has no metrics, because no workload has a metrics section; add metrics to a "
        "workload",
    ),
    "metrics on an unknown port": (
        (*WEB, "metrics"), {"port": "admin"}, f"{APPS}.web.metrics.port", "admin",
        "must be the name of a port of the pods: app",
    ),
    "critical in words": put((*WEB, "critical"), "yes", 'must be true or false, not "yes"'),
    "a toleration of more than an hour": put_in(
        (*WEB, "tolerationSeconds"), "notReady", 3601, "must be between 0 and 3600, not 3601"
    ),
    "a toleration below 0": put_in(
        (*WEB, "tolerationSeconds"), "unreachable", -1, "must be between 0 and 3600, not -1"
    ),
    "no evictions": (
        (*REPLICAS, "maxUnavailable"), 0, f"{APPS}.web.replicas.maxUnavailable", 0,
        "must be 1: if no pod may be evicted, no node can be drained",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE_CHANGE)
def test_one_bad_value_is_one_problem(tmp_path: Path, case: str):
    path, new, key, value, message = ONE_CHANGE[case]

    assert_problem(refused(tmp_path, "dev", changed("dev", (path, new))), key, value, message)


# Replicas.


@pytest.mark.parametrize(("minimum", "pods", "remaining"), [(5, "5 pods", 3), (1, "1 pod", 0)])
def test_the_minimum_leaves_the_needed_pods_when_a_zone_fails(
    tmp_path: Path, minimum: int, pods: str, remaining: int
) -> None:
    text = changed("prod", ((*REPLICAS, "min"), minimum))

    assert_problem(
        refused(tmp_path, "prod", text),
        f"{APPS}.web.replicas.min",
        minimum,
        "must be at least 6: 4 pods must remain if one of 3 zones fails; with "
        f"{pods}, {remaining} would remain",
    )


def test_the_minimum_leaves_the_needed_pods_when_one_of_the_remaining_zones_fails(
    tmp_path: Path,
) -> None:
    text = changed("prod", ((NETWORK, "zonesOut"), ["us-east-1a"]), ((*REPLICAS, "min"), 7))

    assert_problem(
        refused(tmp_path, "prod", text),
        f"{APPS}.web.replicas.min",
        7,
        "must be at least 8: 4 pods must remain if one of 2 zones fails; with 7 pods, 3 would "
        "remain",
    )


def test_the_disruption_budget_grows_with_the_minimum(tmp_path: Path) -> None:
    web = accepted(tmp_path, "prod", ((*REPLICAS, "min"), 9)).apps["web"]

    assert (web.minimum_replicas(3), web.disruption_budget(3)) == (9, 5)


def test_the_maximum_is_at_least_the_minimum(tmp_path: Path) -> None:
    problems = refused(tmp_path, "prod", changed("prod", ((*REPLICAS, "min"), 19)))

    message = "must be at least 19: replicas.min is 19"
    assert_problem(problems, f"{APPS}.web.replicas.max", 18, message)


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (
            0,
            "must be between 1 and 2: if no pod may be evicted, no node can be drained",
        ),
        (
            3,
            "must be between 1 and 2: minimum 6 − needed 4 = 2; after 3 evictions at once, 3 pods "
            "would remain",
        ),
    ],
)
def test_a_disruption_budget_allows_drains_and_leaves_the_needed_pods(
    tmp_path: Path, budget: int, message: str
) -> None:
    problems = refused(tmp_path, "prod", changed("prod", ((*REPLICAS, "maxUnavailable"), budget)))

    assert_problem(problems, f"{APPS}.web.replicas.maxUnavailable", budget, message)


def test_a_disruption_budget_may_be_smaller_than_the_default(tmp_path: Path) -> None:
    web = accepted(tmp_path, "prod", ((*REPLICAS, "maxUnavailable"), 1)).apps["web"]

    assert web.disruption_budget(3) == 1


def test_an_app_does_not_run_only_on_a_spot_pool(tmp_path: Path) -> None:
    spot: Change = ((POOLS, "cheap"), pool(8, "NO_SCHEDULE", capacityType="SPOT"))

    problems = refused(tmp_path, "prod", changed("prod", spot, ((*WEB, "pool"), "cheap")))

    assert_problem(
        problems,
        f"{APPS}.web.pool",
        "cheap",
        "the pods run only on spot instances, which can terminate in all zones at once, but 4 of 6 "
        "pods must remain when a zone fails; write an ON_DEMAND pool",
    )


def test_an_app_without_a_pool_does_not_run_only_on_spot_pools(tmp_path: Path) -> None:
    spot: Change = ((POOLS, "general"), pool(12, capacityType="SPOT"))

    problems = refused(tmp_path, "prod", changed("prod", spot))

    assert [(each.value, each.message) for each in problems if each.key == f"{APPS}.web.pool"] == [
        (
            None,
            "the pods run only on spot instances, which can terminate in all zones at once, but 4 "
            "of 6 pods must remain when a zone fails; add an ON_DEMAND pool without taints",
        )
    ]


# Targets and metrics.


@every_stack
@pytest.mark.parametrize(("target"), ["cpuPercent", "memoryPercent"])
def test_the_failure_of_a_zone_raises_utilization_to_at_most_90_percent(
    tmp_path: Path, stack: str, target: str
) -> None:
    zones = len(config_of(stack)[NETWORK]["zones"])
    maximum = {2: 45, 3: 60}[zones]

    problems = refused(tmp_path, stack, changed(stack, (SCALING, {target: maximum + 1})))

    assert_problem(
        problems,
        f"{APPS}.web.scaling.{target}",
        maximum + 1,
        f"must be at most {maximum}: 90% × {zones - 1} / {zones}; with a target of {maximum + 1}%, "
        "a zone failure would raise the utilization in the other zones to 92%",
    )
    accepted(tmp_path, stack, (SCALING, {target: maximum}))


def test_an_app_scales_on_the_metrics_of_another_app(tmp_path: Path) -> None:
    scaling: Change = ((*CACHE, "scaling"), {"prometheus": {"rps": QUERY}})

    assert accepted(tmp_path, "prod", scaling, METRICS).scales_on_prometheus
    assert not accepted(tmp_path, "prod", METRICS).scales_on_prometheus


def test_metrics_may_be_on_another_port(tmp_path: Path) -> None:
    ports: Change = ((*WEB, "otherPorts"), {"metrics": 9797})

    accepted(tmp_path, "dev", ports, ((*WEB, "metrics"), {"port": "metrics", "path": "/m"}))
