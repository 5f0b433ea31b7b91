"""The storage limit of a pod is at least its request."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    accepted,
    app,
    assert_problem,
    changed,
    every_stack,
    refused,
)


@every_stack
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"scratch": {"/tmp": "1Gi"}},
            "1Gi is less than the request, 1088Mi (scratch and 64Mi for logs); write at least "
            "1088Mi, or no limit",
        ),
        (
            {"requests": {"cpu": "100m", "memory": "64Mi", "ephemeralStorage": "2Gi"}},
            "1Gi is less than the request, 2Gi (requests.ephemeralStorage); write at least 2Gi, "
            "or no limit",
        ),
    ],
)
def test_a_storage_limit_is_at_least_the_request(
    tmp_path: Path, stack: str, changes: dict[str, object], message: str
):
    limits = {"ephemeralStorage": "1Gi"}
    problems = refused(
        tmp_path, stack, changed(stack, ((APPS, "api"), app(limits=limits, **changes)))
    )
    assert_problem(problems, f"{APPS}.api.limits.ephemeralStorage", "1Gi", message)

    accepted(tmp_path, stack, ((APPS, "api"), app(limits=limits)))
