"""Tests of ha-eks:resilience.experiments."""

from datetime import date
from typing import get_args

import pytest
import yaml

from core.experiments.catalog import EXPERIMENTS
from settings import Problem, check
from settings.cautions import cautions
from settings.resilience.experiment_targets import MAX_APPS, experiment_zone
from settings.resilience.experiments import ExperimentName
from tests.settings.stack_files import (
    ABSENT,
    APPS,
    CLUSTER,
    NETWORK,
    POOLS,
    ROOT,
    TRAFFIC,
    Change,
    app,
    cautions_of,
    config_of,
    exposed,
    pool,
    put_at,
    workers,
)

KEY = "ha-eks:resilience"
ROOT_NEEDED = (
    "needs root in an ephemeral container with the security context of the target pod, which pods "
    "of a cell refuse (Pod Security Standard restricted); write slow-zone or lossy-zone, which act "
    "on nodes"
)


def enabled(*names: str, **others: object) -> Change:
    """Returns the change that enables experiments."""
    return (KEY,), {"experiments": {"enabled": [*names], **others}}


CASES: dict[str, tuple[tuple[Change, ...], str, str]] = {
    "a fault in the network of pods": (
        (enabled("pod-network-latency"),),
        f"{KEY}.experiments.enabled[0]",
        f"pod-network-latency {ROOT_NEEDED}",
    ),
    "the same by the name of its action": (
        (enabled("aws:eks:pod-network-packet-loss"),),
        f"{KEY}.experiments.enabled[0]",
        f"aws:eks:pod-network-packet-loss {ROOT_NEEDED}",
    ),
    "a zone without nodes": (
        (enabled("lose-a-zone", zone="us-east-1f"),),
        f"{KEY}.experiments.zone",
        "the cell has no nodes in us-east-1f; write one of us-east-1a, us-east-1b, us-east-1c",
    ),
    "a cut without the other region": (
        (enabled("cut-cross-region"),),
        f"{KEY}.experiments.otherRegion",
        "required by cut-cross-region: the region of the partner cell",
    ),
    "a cut from the own region": (
        (enabled("cut-cross-region", otherRegion="us-east-1"),),
        f"{KEY}.experiments.otherRegion",
        "us-east-1 is the region of this cell; write that of its partner",
    ),
    "a cut from an unknown region": (
        (enabled("cut-cross-region", otherRegion="us-west"),),
        f"{KEY}.experiments.otherRegion",
        "must be an AWS region such as us-east-1",
    ),
    "another region without a cut": (
        (enabled("delete-pods", otherRegion="us-west-2"),),
        f"{KEY}.experiments.otherRegion",
        "only for the experiment cut-cross-region, which is not enabled",
    ),
    "a cut of a cell without a partner": (
        (enabled("cut-cross-region", otherRegion="us-west-2"), ((TRAFFIC,), ABSENT)),
        f"{KEY}.experiments.enabled[0]",
        "cut-cross-region is for a cell with a partner in another region, but there is no traffic "
        "section; remove it",
    ),
    "an interruption without spot nodes": (
        (enabled("delete-pods", "interrupt-spot"),),
        f"{KEY}.experiments.enabled[1]",
        "interrupt-spot interrupts spot nodes, but no pool has capacityType: SPOT; remove it",
    ),
    "a document of AL2023 on Bottlerocket": (
        (enabled("slow-zone"), ((POOLS, "general", "amiType"), "BOTTLEROCKET_x86_64")),
        f"{KEY}.experiments.enabled[0]",
        "slow-zone runs a document of AWS Systems Manager on the nodes of the zone, which AWS does "
        "not support on Bottlerocket, the system of general; remove it",
    ),
    "the loss of a zone without zonal shift": (
        (enabled("lose-a-zone"), ((CLUSTER, "zonalShift"), False)),
        f"{KEY}.experiments.enabled[0]",
        "lose-a-zone shifts the cluster away from the zone, but cluster.zonalShift is false; "
        "remove it",
    ),
    "experiments that no alarm would stop": (
        (enabled("lose-a-zone"), ((APPS,), {"cache": app()}), ((TRAFFIC,), ABSENT)),
        f"{KEY}.experiments.enabled",
        "an alarm must stop an experiment, and the cell has none: no app has expose, and there is "
        "no worker; add one of them, or remove the key",
    ),
    "a deletion of pods without an exposed app": (
        (
            enabled("delete-pods"),
            ((APPS,), {"cache": app()}),
            ((TRAFFIC,), ABSENT),
            workers(jobs={}),
        ),
        f"{KEY}.experiments.enabled[0]",
        "delete-pods deletes half of the pods of exposed apps, but no app has expose; remove it",
    ),
    "a cut of more subnets than the provider allows": (
        (
            enabled("cut-cross-region", otherRegion="us-west-2"),
            ((NETWORK, "zones"), [f"us-east-1{letter}" for letter in "abcdef"]),
        ),
        f"{KEY}.experiments.enabled[0]",
        "cut-cross-region acts on at most 5 private subnets, but the cell has more zones; remove "
        "it",
    ),
    "lost packets to no other zone": (
        (
            enabled("lossy-zone"),
            ((NETWORK, "zonesOut"), ["us-east-1b", "us-east-1c"]),
            ((POOLS, "general", "perZone", "max"), 30),
        ),
        f"{KEY}.experiments.enabled[0]",
        "lossy-zone needs a second zone, but the cell has nodes in one only; remove it",
    ),
}


def problems_of(*changes: Change) -> list[Problem]:
    """Returns the problems of the file of prod with changes."""
    config = config_of("prod")
    for path, value in changes:
        put_at(config, path, value)
    return check(config)[1]


@pytest.mark.parametrize(("changes", "key", "message"), CASES.values(), ids=CASES)
def test_an_experiment_that_cannot_work_is_refused(
    changes: tuple[Change, ...], key: str, message: str
) -> None:
    found = {each.key: each.message for each in problems_of(*changes)}
    assert found.get(key) == message


def test_every_experiment_is_accepted_where_it_can_work() -> None:
    spot: Change = ((POOLS, "cheap"), pool(4, capacityType="SPOT"))
    assert (
        problems_of(spot, enabled(*EXPERIMENTS, zone="us-east-1b", otherRegion="us-west-2")) == []
    )


def test_experiments_act_in_the_first_zone_in_service() -> None:
    config = config_of("prod")
    put_at(config, (NETWORK, "zonesOut"), ["us-east-1a"])
    settings, _ = check(config)
    assert settings
    assert experiment_zone(settings) == "us-east-1b"


def test_the_names_are_those_of_the_catalog() -> None:
    assert {*get_args(ExperimentName)} == {*EXPERIMENTS}


def test_more_nodes_than_the_quota_of_fis_are_a_caution() -> None:
    key, size = f"{KEY}.experiments.enabled", (POOLS, "general", "perZone")
    many: Change = (size, {"min": 6, "max": 9})
    text = cautions_of(many, enabled("lose-a-zone", zone="us-west-2a"))[key]
    assert text == (
        "a zone has at least 6 nodes, but lose-a-zone can act on 5, unless the quota was raised: "
        "aws service-quotas request-service-quota-increase --service-code fis --quota-code "
        "L-3F98B425 --desired-value 9 --region us-west-2"
    )
    few: Change = (size, {"min": 5, "max": 9})
    assert key not in cautions_of(few, enabled("lose-a-zone", "slow-zone"))


def test_subnets_of_an_existing_vpc_are_a_caution() -> None:
    config = yaml.safe_load((ROOT / "examples" / "Pulumi.existing-vpc.yaml").read_text())["config"]
    for names, found in ((["lose-a-zone"], True), (["terminate-nodes"], False)):
        settings, problems = check({**config, KEY: {"experiments": {"enabled": names}}})
        assert settings, problems
        texts = [each.text for each in cautions(settings, date(2026, 11, 29))]
        assert any("subnets of an existing VPC" in text for text in texts) is found


def test_the_limits_of_fis_are_cautions() -> None:
    many: list[Change] = [
        ((APPS, f"app-{number}"), exposed(f"/{number}")) for number in range(MAX_APPS)
    ]
    key = f"{KEY}.experiments.enabled"
    assert "pod actions of FIS fail" in cautions_of(enabled("delete-pods"))[key]
    text = cautions_of(enabled("delete-pods"), *many)[key]
    assert text == (
        "delete-pods acts on 9 apps, because FIS runs at most 10 actions at once; it leaves out "
        "app-8"
    )


def test_more_node_groups_than_the_quota_of_fis_are_a_caution() -> None:
    pools: list[Change] = [((POOLS, f"pool-{number}"), pool(1)) for number in range(5)]
    key = f"{KEY}.experiments.enabled"
    assert (
        "a zone has at least 6 node groups, but lose-a-zone can act on 5, unless the quota was "
        "raised: aws service-quotas request-service-quota-increase --service-code fis "
        "--quota-code L-97338E0D --desired-value 6 --region us-west-2"
    ) in cautions_of(*pools, enabled("lose-a-zone"))[key]
