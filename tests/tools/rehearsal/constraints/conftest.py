"""Recordings and the fake cloud that the tests of constraints share."""

import pickle
from collections.abc import Callable
from functools import cache

import pytest

from tests.conftest import recording_of
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
    cloud = cloud_for(prod)
    cloud.minute, resources = _created()
    for each in pickle.loads(resources):
        cloud.resources[each.type, each.id] = each
    return cloud


@cache
def _created() -> tuple[int, bytes]:
    """Returns the time and the resources of the cloud, which are read faster than created."""
    prod = recording_of("prod")
    cloud = build(cloud_for(prod), created_by(prod))
    return cloud.minute, pickle.dumps([*cloud.resources.values()])
