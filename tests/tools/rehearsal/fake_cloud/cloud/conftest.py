import pytest

from tests.tools.rehearsal.clouds import empty_cloud
from tools.rehearsal.fake_cloud.cloud import FakeCloud


@pytest.fixture
def cloud() -> FakeCloud:
    return empty_cloud()
