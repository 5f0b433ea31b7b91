"""Rules over several cells: one test breaks each rule, and the shipped cells keep all."""

from typing import Any

import pytest

from settings import check
from tests.settings.stack_files import (
    CLUSTER,
    LOAD_BALANCING,
    NETWORK,
    POOLS,
    TRAFFIC,
    WEB,
    config_of,
    put_at,
)
from tools.preview.cells import cell_findings
from tools.rules.cells.cells import Cells

Changes = dict[tuple[str, ...], Any]
BOTH = ("prod", "prod-standby")
LATENCY = {"domain": "app.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ"}


def cells(standby: Changes | None = None, primary: Changes | None = None) -> Cells:
    """Returns the shipped cells with valid changes."""
    found: dict[str, Any] = {}
    for stack, changes in zip(BOTH, (primary or {}, standby or {}), strict=True):
        config = config_of(stack)
        for path, value in changes.items():
            put_at(config, path, value)
        settings, problems = check(config)
        assert problems == []
        found[stack] = settings
    return Cells(settings=found)


def findings(standby: Changes | None = None, primary: Changes | None = None) -> list[str]:
    return [f"{each.severity} {each}" for each in cell_findings(cells(standby, primary))]


def traffic(**values: object) -> Changes:
    return {(TRAFFIC,): {**LATENCY, **values}}


def test_the_shipped_cells_keep_all_rules() -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            {(TRAFFIC, "domain"): "api.example.com"},
            "error MC101 prod-standby: ha-eks:traffic.domain: api.example.com, but app.example.com "
            "in prod; write one domain, or preview cells of one domain only",
        ),
        (
            {(TRAFFIC, "hostedZoneId"): "Z1"},
            "error MC102 prod-standby: ha-eks:traffic.hostedZoneId: Z1, but Z0123456789ABCDEFGHIJ "
            "in prod; write the ID of one hosted zone",
        ),
        (
            traffic(policy="latency"),
            "error MC103 prod-standby: ha-eks:traffic.policy: latency, but failover in prod; Route "
            "53 refuses records of one name with different policies",
        ),
        (
            {(*WEB, "expose"): {"routes": [{"path": "/"}, {"host": "www.example.com"}],
             "keepAliveSeconds": 60}, (TRAFFIC, "zones"): {"example.com": "Z1"}},
            "warning MC106 prod-standby: ha-eks:apps: www.example.com, but no further host in prod;"
            " clients of a host reach only cells with a record of this host; write the same routes",
        ),
        (
            {(*WEB, "expose", "internal"): True,
             (TRAFFIC,): {"policy": "failover", "role": "secondary", "internal": {
                 "domain": "app.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ"}}},
            "error MC107 prod-standby: ha-eks:loadBalancing.certificate: HTTP without a "
            "certificate, but HTTPS in prod; clients fail after a failover; give each cell a "
            "certificate in its own region",
        ),
        (
            {("aws:region",): "us-east-1", (NETWORK, "zones"): ["us-east-1a", "us-east-1b"],
             (NETWORK, "controlPlaneZones"): ["us-east-1a", "us-east-1b"],
             ("ha-eks:images",): {"source": "upstream"}},
            "warning MC201 prod-standby: ha-eks:traffic.policy: us-east-1 is also the region of "
            "prod: if the region fails, both cells fail; move a cell to another region",
        ),
        (
            {(*WEB, "env"): {"DATABASE": "db.cluster-x.us-east-1.rds.amazonaws.com"}},
            "warning MC202 prod-standby: ha-eks:apps.web.env.DATABASE: "
            "db.cluster-x.us-east-1.rds.amazonaws.com is in us-east-1, the region of prod: if this "
            "region fails, prod-standby may fail too; write a resource of us-west-2",
        ),
        (
            {(CLUSTER, "version"): "1.34"},
            "warning MC203 prod-standby: ha-eks:cluster.version: 1.34, but prod runs 1.36; upgrade "
            "this cell, so that the versions are at most one minor version apart",
        ),
        (
            {(*WEB, "image"): "public.ecr.aws/x/web:2"},
            "caution MC204 prod-standby: ha-eks:apps.web.image: public.ecr.aws/x/web:2, but "
            "ghcr.io/stefanprodan/podinfo:6.14.1 in prod; a rollout is in progress; complete it, "
            "or roll back",
        ),
        (
            {(*WEB, "replicas", "max"): 17},
            "warning MC302 prod-standby: ha-eks:apps.web.replicas.max: 17, but 18 in prod, whose "
            "load this cell takes; write 18",
        ),
        (
            {(*WEB, "replicas", "needed"): 3},
            "warning MC302 prod-standby: ha-eks:apps.web.replicas.needed: 3, but 4 in prod, whose "
            "load this cell takes; write 4",
        ),
        (
            {(POOLS, "general", "perZone", "max"): 11},
            "warning MC303 prod-standby: ha-eks:pools.general.perZone.max: at most 33 nodes in 3 "
            "zones, but 36 in prod, whose load this cell takes; write 12",
        ),
    ],
)  # fmt: skip
def test_a_difference_of_the_secondary_cell_is_found(changes: Changes, finding: str) -> None:
    assert finding in findings(changes)


def test_a_higher_tier_of_the_primary_is_found() -> None:
    tier: Changes = {(CLUSTER, "controlPlaneTier"): "tier-xl"}
    assert findings(primary=tier) == [
        "warning MC304 prod-standby: ha-eks:cluster.controlPlaneTier: standard, but tier-xl in "
        "prod, whose load this cell takes; write tier-xl"
    ]
    assert findings(tier) == []


def test_a_workload_that_only_the_primary_has_is_found() -> None:
    worker: Changes = {
        ("ha-eks:workers",): {
            "jobs": {
                "image": "public.ecr.aws/x/jobs:1",
                "requests": {"cpu": "100m", "memory": "64Mi"},
                "replicas": {"needed": 2, "max": 4},
            }
        }
    }
    assert findings(primary=worker) == [
        "warning MC301 prod-standby: ha-eks:workers.jobs: missing, but prod has it; users miss it "
        "after a failover"
    ]
    assert findings(worker) == []


def test_two_cells_of_one_role_are_found() -> None:
    assert findings({(TRAFFIC, "role"): "primary"}) == [
        "error MC104 prod-standby: ha-eks:traffic.role: primary, like prod; Route 53 accepts one "
        "primary cell of a domain",
        "error MC104 prod: ha-eks:traffic.role: no cell is secondary; preview all cells of the "
        "domain, or write role: secondary",
    ]


def test_weights_of_zero_in_all_cells_are_found() -> None:
    zero = traffic(policy="weighted", weight=0)
    assert findings(zero, zero) == [
        "warning MC105 prod: ha-eks:traffic.weight: 0 in every cell, so that Route 53 sends "
        "requests to all cells equally; write a weight above 0 for the cells that receive requests"
    ]
    assert findings(zero, traffic(policy="weighted", weight=1)) == []


def test_versions_one_minor_apart_and_zones_of_the_own_region_are_accepted() -> None:
    assert findings({(CLUSTER, "version"): "1.35"}) == []
    assert findings({(*WEB, "env"): {"ZONE": "us-west-2a", "OTHER": "us-east-10"}}) == []


def test_a_higher_reservation_of_the_primary_is_found() -> None:
    units: Changes = {(LOAD_BALANCING,): {"minimumCapacityUnits": 500}}
    assert findings(primary=units) == [
        "warning MC305 prod-standby: ha-eks:loadBalancing.minimumCapacityUnits: 0, but 500 in "
        "prod, whose requests this cell receives at once; write 500"
    ]
    assert findings(units) == []
