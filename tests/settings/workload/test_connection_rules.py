"""Rules for the connections of an app: ports of network policies, and routing within a zone."""

from pathlib import Path

import pytest

from tests.settings.stack_files import (
    ABSENT,
    APPS,
    CACHE,
    SINGLETONS,
    WEB,
    WORKERS,
    Change,
    accepted,
    assert_problem,
    changed,
    refused,
    singletons,
    workers,
)


def reaching(count: int) -> list[dict[str, object]]:
    """Returns a number of ports of one network."""
    return [{"cidr": "192.0.2.0/24", "port": 1000 + number} for number in range(count)]


def test_an_app_reaches_no_more_ports_than_nodes_support_per_address(tmp_path: Path):
    accepted(tmp_path, "prod", ((*WEB, "reaches"), reaching(19)))

    problems = refused(tmp_path, "prod", changed("prod", ((*WEB, "reaches"), reaching(20))))

    assert_problem(
        problems,
        f"{APPS}.web.reaches",
        reaching(20),
        "network policies support 24 ports per address, but the pods need 25: DNS over UDP and "
        "TCP, 80, 443, 20 ports of reaches and 1 port of cache; remove at least 1 port",
    )


def test_an_app_without_callees_reaches_one_port_more(tmp_path: Path):
    alone: Change = ((*WEB, "talksTo"), ABSENT)
    accepted(tmp_path, "prod", alone, ((*WEB, "reaches"), reaching(20)))

    problems = refused(tmp_path, "prod", changed("prod", alone, ((*WEB, "reaches"), reaching(22))))

    assert_problem(
        problems,
        f"{APPS}.web.reaches",
        reaching(22),
        "network policies support 24 ports per address, but the pods need 26: DNS over UDP and "
        "TCP, 80, 443, 22 ports of reaches; remove at least 2 ports",
    )


def test_an_app_has_no_more_ports_than_nodes_support_per_address(tmp_path: Path):
    def ports(count: int) -> dict[str, int]:
        return {f"p-{number}": 1000 + number for number in range(count)}

    alone: Change = ((*WEB, "talksTo"), ABSENT)
    accepted(tmp_path, "prod", alone, ((*WEB, "otherPorts"), ports(19)))

    problems = refused(tmp_path, "prod", changed("prod", alone, ((*WEB, "otherPorts"), ports(20))))

    assert_problem(
        problems,
        f"{APPS}.web.otherPorts",
        ports(20),
        "must have at most 19 ports, but has 20: network policies support 24 ports per address, of "
        "which 4 are for DNS over UDP and TCP, 80 and 443, and 1 is the main port",
    )


def test_peers_use_ports_of_the_pods(tmp_path: Path):
    ports: Change = ((*WEB, "otherPorts"), {"cluster": 7800})
    accepted(tmp_path, "prod", ports, ((*WEB, "peers"), {"ports": ["cluster", "app"]}))
    unknown: Change = ((*WEB, "peers"), {"ports": ["cluster", "gossip"]})
    assert_problem(
        refused(tmp_path, "prod", changed("prod", ports, unknown)),
        f"{APPS}.web.peers.ports[1]",
        "gossip",
        "must be the name of a port of the pods: app, cluster",
    )
    assert_problem(
        refused(tmp_path, "prod", changed("prod", workers(a={"peers": {"ports": ["gossip"]}}))),
        f"{WORKERS}.a.peers.ports[0]",
        "gossip",
        "there is no port; add the port to otherPorts",
    )


def test_a_singleton_has_no_peers(tmp_path: Path):
    cache: Change = ((*CACHE, "peers"), {"ports": ["app"]})
    accepted(tmp_path, "prod", cache)
    text = changed("prod", singletons(beat={"peers": {"ports": ["app"]}}))
    assert_problem(
        refused(tmp_path, "prod", text),
        f"{SINGLETONS}.beat.peers",
        {"ports": ["app"]},
        "unknown key; a singleton has one pod; write the workload in ha-eks:apps or "
        "ha-eks:workers. All keys: "
        "docs/settings.md#ha-eks-singletons",
    )


def test_the_ports_of_peers_count_as_ports_of_an_address(tmp_path: Path):
    names = [f"p-{number}" for number in range(10)]
    ports: Change = ((*WEB, "otherPorts"), {name: 7000 + n for n, name in enumerate(names)})
    peers: Change = ((*WEB, "peers"), {"ports": names})
    accepted(tmp_path, "prod", ports, peers, ((*WEB, "reaches"), reaching(10)))
    reaches: Change = ((*WEB, "reaches"), reaching(11))
    assert_problem(
        refused(tmp_path, "prod", changed("prod", ports, peers, reaches)),
        f"{APPS}.web.reaches",
        reaching(11),
        "network policies support 24 ports per address, but the pods need 25: DNS over UDP and "
        "TCP, 80, 443, 11 ports of reaches and 10 ports of peers; remove at least 1 port",
    )


PREFERENCES: list[tuple[list[Change], bool]] = [
    ([], True),
    ([((*WEB, "replicas", "needed"), 3)], False),
    ([((*WEB, "replicas", "needed"), 3), ((*WEB, "talksTo"), [])], True),
    ([((*CACHE, "replicas", "needed"), 3)], False),
    ([((*CACHE, "prefersSameZone"), False)], False),
    ([((*WEB, "replicas", "needed"), 3), ((*CACHE, "prefersSameZone"), True)], True),
]


@pytest.mark.parametrize(
    ("changes", "same"),
    PREFERENCES,
    ids=[
        "an equal number of pods in each zone", "a caller with an uneven number",
        "an uneven app that is no caller", "an uneven number", "prefersSameZone: false",
        "prefersSameZone: true",
    ],
)  # fmt: skip
def test_callers_prefer_pods_in_their_zone_if_all_zones_have_the_same_number_of_pods(
    tmp_path: Path, changes: list[Change], same: bool
):
    assert accepted(tmp_path, "prod", *changes).prefers_same_zone("cache") is same
