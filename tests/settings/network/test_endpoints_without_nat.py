"""Without NAT, KEDA reaches Prometheus, and the agent X-Ray, by an endpoint only."""

from typing import Any

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings import Problem, check
from tests.settings.stack_files import IMAGES, NETWORK, WEB, config_of, put_at

QUERY = {"requests": {"query": "sum(rate(requests_total[2m]))", "targetPerPod": 50.0}}
NEEDED = [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/copies"


def problems(endpoints: list[str], *, queries: bool = True, traced: bool = True) -> list[Problem]:
    config: Any = config_of("dev")
    put_at(config, (*WEB, "traced"), traced)
    put_at(config, (*WEB, "args"), [])
    config[NETWORK] |= {"nat": "none", "endpoints": endpoints}
    config[IMAGES] = {"source": "copies", "registry": ECR}
    if queries:
        put_at(config, (*WEB, "metrics"), {})
        put_at(config, (*WEB, "scaling"), {"prometheus": QUERY})
    found = check(config)[1]
    return [each for each in found if each.key.endswith("network.endpoints")]


def test_a_query_needs_the_endpoint_of_prometheus() -> None:
    [problem] = problems(NEEDED)
    assert problem.message.startswith("aps-workspaces as well")
    assert problems([*NEEDED, "aps-workspaces"]) == []


def test_without_a_query_nobody_asks_it() -> None:
    assert problems(NEEDED, queries=False) == []


def test_a_traced_app_needs_the_endpoint_of_x_ray() -> None:
    [problem] = problems([*NEEDED_WITHOUT_NAT], queries=False)
    assert problem.message.startswith("xray as well")
    assert problems([*NEEDED_WITHOUT_NAT], queries=False, traced=False) == []


def test_with_nat_no_endpoint_is_needed() -> None:
    config: Any = config_of("dev")
    put_at(config, (*WEB, "metrics"), {})
    put_at(config, (*WEB, "scaling"), {"prometheus": QUERY})
    assert check(config)[1] == []
