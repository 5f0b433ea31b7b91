import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from plan import Plan, record
from tests.wide import write_wide

settings.register_profile("long")  # see tests/plan/test_random.py
STACKS = ("dev", "prod", "prod-standby")


@functools.cache
def plan_of(stack: str) -> Plan:
    if stack != "wide":
        return record(stack)
    with tempfile.TemporaryDirectory() as folder:
        write_wide(Path(folder), apps=12)
        return record(stack, root=Path(folder))


@pytest.fixture(params=(*STACKS, "wide"))
def plan(request: pytest.FixtureRequest) -> Plan:
    """The recorded plan of each shipped stack, and of one with every kind of app and pool."""
    return plan_of(request.param)


@pytest.fixture
def previewed() -> Callable[[str], Plan]:
    """The recorded plan of a shipped stack, by name."""
    return plan_of
