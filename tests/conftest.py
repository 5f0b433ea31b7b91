import functools
from collections.abc import Callable

import pytest

from plan import Plan, record

STACKS = ("dev", "prod", "prod-standby")


@functools.cache
def plan_of(stack: str) -> Plan:
    return record(stack)


@pytest.fixture(params=STACKS)
def plan(request: pytest.FixtureRequest) -> Plan:
    """The recorded plan of each shipped stack."""
    return plan_of(request.param)


@pytest.fixture
def previewed() -> Callable[[str], Plan]:
    """The recorded plan of a shipped stack, by name."""
    return plan_of
