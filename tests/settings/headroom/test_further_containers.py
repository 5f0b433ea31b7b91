"""Pods that are too large because of their init containers or sidecars."""

import pytest

from tests.settings.stack_files import WEB, further, problems_of

LARGE = {"cpu": "64", "memory": "64Mi"}


@pytest.mark.parametrize(
    ("field", "noun"), [("initContainers", "init containers"), ("sidecars", "sidecars")]
)
def test_the_message_names_the_containers_that_count(field: str, noun: str) -> None:
    containers = [further("large", requests=LARGE)]
    [problem] = problems_of(((*WEB, field), containers))
    assert problem.message.startswith(f"web with its {noun} requests 64")
