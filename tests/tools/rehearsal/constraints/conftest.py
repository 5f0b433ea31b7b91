"""Recordings and the fake cloud that the tests of constraints share."""

from collections.abc import Callable

import pytest

from tests.tools.rehearsal.clouds import build, cloud_for, created_by
from tools.recording import Recording
from tools.rehearsal.fake_cloud.cloud import FakeCloud


@pytest.fixture
def prod(previewed: Callable[[str], Recording]) -> Recording:
    return previewed("prod")


@pytest.fixture
def wide(previewed: Callable[[str], Recording]) -> Recording:
    return previewed("wide")


@pytest.fixture
def cloud(prod: Recording) -> FakeCloud:
    """The cloud with all resources of prod, created under all constraints."""
    return build(cloud_for(prod), created_by(prod))
