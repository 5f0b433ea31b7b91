"""Capacity for the rollouts of workers."""

from pathlib import Path

from tests.settings.stack_files import (
    HEADROOM,
    PER_ZONE,
    POOLS,
    WORKERS,
    Change,
    changed,
    pool,
    refused,
    workers,
)

ALONE = pool(1, taints=[{"key": "own", "effect": "NO_SCHEDULE"}])
CHANGES: list[Change] = [
    ((HEADROOM,), {"size": "none"}),
    ((POOLS, "own"), ALONE),
    ((*PER_ZONE, "max"), 8),
]
LARGE = {"pool": "own", "requests": {"cpu": "1300m", "memory": "64Mi"}}


def test_a_worker_without_capacity_for_one_more_pod_is_refused_by_its_own_key(
    tmp_path: Path,
) -> None:
    mailer = workers(mailer={**LARGE, "replicas": {"needed": 1, "max": 2}})
    [problem] = refused(tmp_path, "dev", changed("dev", *CHANGES, mailer))
    assert problem.key == f"{WORKERS}.mailer.replicas"
    assert problem.message.startswith("a rollout starts a new pod before an old pod terminates")
