"""The zone-loss proof of a stack: lines of the screen, tables of --verbose, data of --json."""

import json
from pathlib import Path

from tests.settings.stack_files import (
    APPS,
    HEADROOM,
    NETWORK,
    POOLS,
    WEB,
    Change,
    accepted,
    app,
    cron_jobs,
    pool,
    singletons,
    workers,
)
from tests.shared_recordings import recorded
from tools.preview.zone_loss import HEADER, loss_lines, proof_of
from tools.preview.zone_loss_details import loss_data, loss_details
from tools.recording.record import ROOT

REPLICAS: Change = ((*WEB, "replicas"), {"needed": 8, "max": 30})


def lines(folder: Path, stack: str, *changes: Change) -> list[str]:
    return [*loss_lines(proof_of(accepted(folder, stack, *changes)))]


def details(folder: Path, stack: str, *changes: Change) -> list[str]:
    settings = accepted(folder, stack, *changes)
    return [*loss_details(proof_of(settings), settings)]


def test_each_failure_of_prod_has_a_line(tmp_path: Path) -> None:
    printed = lines(tmp_path, "prod")
    assert printed == [
        "us-east-1a       web 4/4, cache 2/2           10 of 10",
        "us-east-1b       web 4/4, cache 2/2           10 of 10",
        "us-east-1c       web 4/4, cache 2/2           10 of 10",
        "largest node     web 5/4, cache 3/2           6 of 6",
        "60% of a zone    web 4/4, cache 2/2           9 of 10, 1 web waits: CPU",
        "two zones        web 2/4, cache 1/2           14 of 17, 3 web wait: CPU",
    ]
    docs = (ROOT / "docs" / "zone-loss.md").read_text(encoding="utf-8")
    assert "\n".join([HEADER, *printed]) in docs, "docs/zone-loss.md shows other figures"


def test_the_table_of_docs_zone_loss_is_the_real_one(tmp_path: Path) -> None:
    docs = (ROOT / "docs" / "zone-loss.md").read_text(encoding="utf-8")
    assert "\n".join(details(tmp_path, "prod")[:7]) in docs


def test_a_single_nat_gateway_is_an_effect_of_its_zone(tmp_path: Path) -> None:
    assert lines(tmp_path, "dev")[:3] == [
        "us-east-1a       web 1/1, cache 1/1           9 of 9",
        "  the only NAT gateway fails: no zone reaches the internet",
        "us-east-1b       web 1/1, cache 1/1           9 of 9",
    ]
    effect = "  us-east-1a: the only NAT gateway fails: no zone reaches the internet"
    assert effect in details(tmp_path, "dev")
    other = lines(tmp_path, "dev", ((NETWORK, "nat"), "perZone"))
    assert not [each for each in other if "NAT" in each]


def test_pods_that_wait_are_named_as_long_as_they_fit(tmp_path: Path) -> None:
    none: Change = ((HEADROOM,), {"size": "none"})
    assert lines(tmp_path, "prod", none)[0].endswith(" 8 of 10, 2 web wait: CPU")
    more = [small_app("catalog", cpu="700m"), small_app("basket", cpu="700m")]
    assert lines(tmp_path, "prod", none, *more)[0].endswith(" 10 of 12, 2 web wait: CPU")


def small_app(name: str, **requests: str) -> Change:
    return (APPS, name), app(requests={"cpu": "100m", "memory": "64Mi", **requests})


def test_many_workloads_are_counted(tmp_path: Path) -> None:
    further = [small_app(name) for name in ("catalog", "basket", "orders")]
    assert " all 5 have enough " in lines(tmp_path, "prod", *further)[0]


def test_singletons_and_volumes_are_named(tmp_path: Path) -> None:
    one = singletons(scheduler={}, database={"volume": {"path": "/data", "size": "8Gi"}})
    assert " all 2 have enough, 2 down " in lines(tmp_path, "prod", one)[0]
    table = details(tmp_path, "prod", one)
    assert "    1 pod pending: its volume in the failed zone" in table
    assert [each for each in table if each.startswith("  scheduler ")]


def test_jobs_are_said_apart(tmp_path: Path) -> None:
    changes = [cron_jobs(report={}), ((*WEB, "migration"), {"command": ["/migrate"]})]
    printed = details(tmp_path, "prod", *changes)
    assert printed[-2].startswith("cron jobs report: a run in the failed zone starts again ")
    assert printed[-1].startswith("migrations of web: they run during a rollout only; ")
    assert not [each for each in details(tmp_path, "prod") if "cron" in each or "migr" in each]


def test_peers_that_lose_their_majority_are_named(tmp_path: Path) -> None:
    peers: list[Change] = [
        ((*WEB, "otherPorts"), {"gossip": 7946}), ((*WEB, "peers"), {"ports": ["gossip"]}),
    ]  # fmt: skip
    message = "    its peers lose their majority until evicted pods start"
    assert message in details(tmp_path, "dev", *peers), "one of two pods is no majority"
    zone = details(tmp_path, "prod", *peers)
    assert message not in zone[: zone.index(next(e for e in zone if e.startswith("loss of larg")))]


def test_a_spot_pool_is_one_of_the_failures() -> None:
    settings = recorded("spot", ROOT / "examples").settings
    assert "spot: spot       api 6/4                      10 of 12, 2 coredns wait: CPU" in [
        *loss_lines(proof_of(settings))
    ]


def test_a_long_name_of_a_spot_pool_is_left_out(tmp_path: Path) -> None:
    spot = pool(3, instanceTypes=["m7i.large", "m6i.large"], capacityType="SPOT",
                perZone={"min": 1, "max": 3})  # fmt: skip
    printed = lines(tmp_path, "prod", ((POOLS, "a-long-name-of-a-pool"[:20]), spot))
    assert [each for each in printed if each.startswith("a spot pool ")]


def test_a_worker_is_a_workload_like_an_app(tmp_path: Path) -> None:
    worker = workers(mailer={"replicas": {"needed": 1, "max": 4}})
    assert " all 3 have enough " in lines(tmp_path, "dev", worker)[0]
    [row] = [each for each in details(tmp_path, "dev", worker)[:20] if "mailer" in each]
    assert row.split() == ["mailer", "worker", "2", "1", "1", "2"]


def test_a_single_zone_in_service_has_no_loss_of_a_zone(tmp_path: Path) -> None:
    out: Change = ((NETWORK, "zonesOut"), ["us-east-1b"])
    assert [each[:13] for each in lines(tmp_path, "dev", out)] == ["largest node ", "60% of a zone"]


def test_the_data_has_zones_nodes_and_capacity_of_each_start(tmp_path: Path) -> None:
    data = json.loads(json.dumps(loss_data(proof_of(accepted(tmp_path, "prod")))))
    assert (data["holds"], data["complete"]) == (True, True)
    assert [each["lostZones"] for each in data["zones"]] == [
        ["us-east-1a"], ["us-east-1b"], ["us-east-1c"],
    ]  # fmt: skip
    second = data["zones"][1]
    [web] = [each for each in second["workloads"] if each["name"] == "web"]
    assert web == {
        "name": "web", "kind": "app", "peers": False, "needed": 4,
        "before": {"us-east-1b": 2, "us-east-1a": 2, "us-east-1c": 2},
        "left": {"us-east-1b": 0, "us-east-1a": 2, "us-east-1c": 2},
        "after": {"us-east-1b": 0, "us-east-1a": 3, "us-east-1c": 3},
        "onOwnHeadroom": 2, "pending": 0, "shortages": [],
    }  # fmt: skip
    starts = [each for each in second["starts"] if each["workload"] == "web"]
    assert {each["capacity"] for each in starts} == {"own headroom"}
    assert sorted(each["node"].split("/")[0] for each in starts) == ["us-east-1a", "us-east-1c"]
    assert {each["node"].split("/")[1] for each in starts} == {"general"}


def test_too_little_headroom_is_visible_in_the_data(tmp_path: Path) -> None:
    small: Change = ((HEADROOM,), {"pods": {"web": 1}})
    data = loss_data(proof_of(accepted(tmp_path, "prod", REPLICAS, small)))
    assert data["holds"]
    assert not data["complete"]
