"""Tests of the endpoints that KEDA and the CloudWatch agent need without NAT."""

from typing import Any

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings import Problem, check
from tests.settings.stack_files import IMAGES, NETWORK, WEB, assert_problem, config_of, put_at

QUERY = {"requests": {"query": "sum(rate(requests_total[2m]))", "targetPerPod": 50.0}}
QUEUE = {"queue": "arn:aws:sqs:us-east-1:123456789012:jobs", "messagesPerPod": 20}
NEEDED = [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/copies"
MESSAGE = "with nat: none, nodes and system pods reach AWS services only through endpoints; add "


def problems(endpoints: list[str], *, queries: bool = True, traced: bool = True) -> list[Problem]:
    config: Any = config_of("dev")
    put_at(config, (*WEB, "traced"), traced)
    put_at(config, (*WEB, "args"), [])
    config[NETWORK] |= {"nat": "none", "endpoints": endpoints}
    config[IMAGES] = {"source": "copies", "registry": ECR}
    if queries:
        put_at(config, (*WEB, "metrics"), {})
        put_at(config, (*WEB, "scaling"), {"prometheus": QUERY})
    return check(config)[1]


def test_an_app_that_scales_on_a_query_needs_the_prometheus_endpoint() -> None:
    assert_problem(problems(NEEDED), f"{NETWORK}.endpoints", NEEDED, f"{MESSAGE}aps-workspaces")
    assert problems([*NEEDED, "aps-workspaces"]) == []


def test_without_a_query_the_prometheus_endpoint_is_not_needed() -> None:
    assert problems(NEEDED, queries=False) == []


def test_an_app_that_scales_on_a_queue_needs_the_sqs_endpoint() -> None:
    config: Any = config_of("dev")
    put_at(config, (*WEB, "scaling"), {"queues": {"jobs": QUEUE}})
    config[IMAGES] = {"source": "copies", "registry": ECR}
    for endpoints, missing in (([*NEEDED, "sqs"], False), (NEEDED, True)):
        config[NETWORK] |= {"nat": "none", "endpoints": endpoints}
        found = check(config)[1]
        if missing:
            assert_problem(found, f"{NETWORK}.endpoints", NEEDED, f"{MESSAGE}sqs")
        else:
            assert found == []


def test_secrets_of_secrets_manager_need_their_endpoint_but_parameters_do_not() -> None:
    config: Any = config_of("dev")
    config[IMAGES] = {"source": "copies", "registry": ECR}
    for service, resource in (("ssm", "parameter/db"), ("secretsmanager", "secret:db-AbCdEf")):
        arn = f"arn:aws:{service}:us-east-1:123456789012:{resource}"
        put_at(config, (*WEB, "awsSecrets"), {"/mnt/s/db": arn})
        config[NETWORK] |= {"nat": "none", "endpoints": NEEDED}
        found = check(config)[1]
        if service == "ssm":
            assert found == []
    assert_problem(found, f"{NETWORK}.endpoints", NEEDED, f"{MESSAGE}secretsmanager")
    config[NETWORK] |= {"endpoints": [*NEEDED, "secretsmanager"]}
    assert check(config)[1] == []


def test_a_traced_app_needs_the_x_ray_endpoint() -> None:
    endpoints = [*NEEDED_WITHOUT_NAT]
    found = problems(endpoints, queries=False)
    assert_problem(found, f"{NETWORK}.endpoints", endpoints, f"{MESSAGE}xray")
    assert problems(endpoints, queries=False, traced=False) == []


def test_with_nat_no_endpoint_is_needed() -> None:
    config: Any = config_of("dev")
    put_at(config, (*WEB, "metrics"), {})
    put_at(config, (*WEB, "scaling"), {"prometheus": QUERY})
    assert check(config)[1] == []
