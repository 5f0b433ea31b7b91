"""Rules for the storage of an app: volumes and storage limits."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    APPS,
    Change,
    accepted,
    app,
    assert_problem,
    changed,
    every_stack,
    refused,
)

VOLUME = {"path": "/data", "size": "1Gi"}
ONE = {"needed": 1, "min": 1, "max": 1}


def index(**changes: object) -> Change:
    return (APPS, "index"), app(**{"volume": VOLUME, "replicas": ONE, **changes})


@every_stack
def test_an_app_with_a_volume_has_one_pod_which_can_be_evicted(tmp_path: Path, stack: str):
    settings = accepted(tmp_path, stack, index())

    one = settings.apps["index"]
    assert (one.minimum_replicas(3), one.disruption_budget(3)) == (1, 1)


ONE_POD = "must be {needed: 1, min: 1, max: 1}: only one pod can use the volume"


@every_stack
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("replicas", {"needed": 2, "max": 6}, ONE_POD),
        ("replicas", {"needed": 1, "min": 1, "max": 2}, ONE_POD),
        (
            "scaling",
            {"cpuPercent": 40},
            "an app with a volume has one pod and does not scale; remove scaling",
        ),
        (
            "critical",
            True,
            "must be false: if the zone of the volume fails, the app fails, and the health of the "
            "cell must not depend on one zone",
        ),
    ],
)
def test_an_app_with_a_volume_does_not_scale_and_is_not_critical(
    tmp_path: Path, stack: str, field: str, value: object, message: str
):
    problems = refused(tmp_path, stack, changed(stack, index(**{field: value})))

    assert_problem(problems, f"{APPS}.index.{field}", value, message)


@every_stack
def test_an_app_with_a_volume_has_no_headroom(tmp_path: Path, stack: str):
    headroom: Change = (("ha-eks:headroom",), {"pods": {"index": 1}})

    problems = refused(tmp_path, stack, changed(stack, index(), headroom))

    assert_problem(
        problems,
        "ha-eks:headroom.pods.index",
        1,
        "app index has a volume, and can run only in the zone of the volume, so that headroom in "
        "other zones has no effect; remove the key",
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


@every_stack
def test_a_volume_has_at_most_the_size_of_a_gp3_volume(tmp_path: Path, stack: str):
    accepted(tmp_path, stack, index(volume={**VOLUME, "size": "65536Gi"}))

    problems = refused(tmp_path, stack, changed(stack, index(volume={**VOLUME, "size": "65537Gi"})))

    assert_problem(
        problems,
        f"{APPS}.index.volume.size",
        "65537Gi",
        "must be at most 65536Gi, the largest size of a gp3 volume",
    )
