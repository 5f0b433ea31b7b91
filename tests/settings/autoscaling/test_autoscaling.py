"""Tests of ha-eks:autoscaling, and of pool sizes while zones are out of service."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    AUTOSCALING,
    NETWORK,
    PER_ZONE,
    POOLS,
    Case,
    Change,
    accepted,
    assert_problem,
    cautions_of,
    changed,
    every_stack,
    pool,
    put_in,
    refused,
    unknown_key,
)

PROVISION = "nodeProvisionMinutes"
RELEASE = "must be a release of the Cluster Autoscaler, such as v1.36.1"

ONE_CHANGE: dict[str, Case] = {
    "a node provision time of 3 minutes": put_in(
        (AUTOSCALING,), PROVISION, 3, "must be between 4 and 14, not 3"
    ),
    "a node provision time of 15 minutes": put_in(
        (AUTOSCALING,), PROVISION, 15, "must be between 4 and 14, not 15"
    ),
    "an unknown expander": put_in(
        (AUTOSCALING,), "expander", "price", 'must be one of least-waste, priority; found "price"'
    ),
    "the priority expander without spot pools": put_in(
        (AUTOSCALING,), "expander", "priority",
        "priority prefers spot pools, but no pool has capacityType: SPOT; write least-waste",
    ),
    "a descheduler in quotes": put_in(
        (AUTOSCALING,), "descheduler", "true", 'must be true or false, not "true"'
    ),
    "a misspelled key": put_in(
        (AUTOSCALING,), "expandr", 1, unknown_key(AUTOSCALING, "expander")
    ),
    "headroom, which is another section": put_in(
        (AUTOSCALING,), "headroom", True,
        "unknown key. All keys: docs/settings.md#ha-eks-autoscaling",
    ),
    "an autoscaler version without v": put_in(
        (AUTOSCALING,), "version", "1.36.1", RELEASE
    ),
    "an autoscaler of another minor version": put_in(
        (AUTOSCALING,), "version", "v1.35.2",
        "v1.35.2 simulates the scheduler of another Kubernetes version than cluster.version, 1.36; "
        "write a release of v1.36",
    ),
    "an autoscaler of a minor version that begins alike": put_in(
        (AUTOSCALING,), "version", "v1.361.0",
        "v1.361.0 simulates the scheduler of another Kubernetes version than cluster.version, "
        "1.36; write a release of v1.36",
    ),
}  # fmt: skip


@every_stack
@pytest.mark.parametrize("case", ONE_CHANGE)
def test_a_wrong_value_is_one_problem_with_key_value_and_message(
    tmp_path: Path, stack: str, case: str
) -> None:
    path, new, key, value, message = ONE_CHANGE[case]
    assert_problem(refused(tmp_path, stack, changed(stack, (path, new))), key, value, message)


@every_stack
@pytest.mark.parametrize(
    "autoscaling", [{PROVISION: 4}, {PROVISION: 14, "descheduler": False}], ids=str
)
def test_limits_of_the_node_provision_time_are_accepted(
    tmp_path: Path, stack: str, autoscaling: object
) -> None:
    accepted(tmp_path, stack, ((AUTOSCALING,), autoscaling))


def test_the_priority_expander_is_accepted_with_a_spot_pool(tmp_path: Path) -> None:
    cheap: Change = ((POOLS, "cheap"), pool(4, capacityType="SPOT"))
    accepted(tmp_path, "dev", cheap, ((AUTOSCALING,), {"expander": "priority"}))


def test_minimum_nodes_that_do_not_fit_into_the_remaining_zones_are_refused(
    tmp_path: Path,
) -> None:
    text = changed("dev", ((NETWORK, "zonesOut"), ["us-east-1a"]), ((*PER_ZONE, "min"), 3))
    assert_problem(
        refused(tmp_path, "dev", text),
        f"{POOLS}.general.perZone.max",
        4,
        "with zonesOut, 1 zone must run the minimum nodes of 2 zones: 3 × 2 / 1 = 6 nodes in each "
        "zone (rounded up), but max is 4; write 6 or more",
    )


def test_a_cell_without_a_descheduler_is_a_caution() -> None:
    off: Change = ((AUTOSCALING,), {"descheduler": False})
    assert cautions_of(off) == {
        f"{AUTOSCALING}.descheduler": "after a burst, a rollout or the return of a zone, pods can "
        "stay spread unevenly until the next rollout, and the failure of the fullest zone can then "
        "leave fewer than replicas.needed pods; write true"
    }


def test_a_cell_in_one_zone_needs_no_descheduler() -> None:
    off: Change = ((AUTOSCALING,), {"descheduler": False})
    one: Change = ((NETWORK, "zonesOut"), ["us-east-1b", "us-east-1c"])
    assert f"{AUTOSCALING}.descheduler" not in cautions_of(off, one, stack="prod")
