import pytest

from tests.settings.stack_files import POOLS, WEB, Change, app, cautions_of

GENERAL = (POOLS, "general")


@pytest.mark.parametrize(
    ("of", "word"), [("zones", "one zone has no room"), ("nodes", "one node that is full")]
)
def test_what_a_strict_spread_risks_is_told(of: str, word: str) -> None:
    found = cautions_of(((*WEB, "spread"), {of: "strict"}))
    assert list(found) == [f"ha-eks:apps.web.spread.{of}"]
    assert word in found[f"ha-eks:apps.web.spread.{of}"]


def test_rights_in_aws_without_a_way_to_it_are_told() -> None:
    policies: Change = ((*WEB, "policies"), ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"])
    found = cautions_of(policies, ((*WEB, "reaches"), [{"cidr": "10.0.0.0/8", "port": 5432}]))
    assert list(found) == ["ha-eks:apps.web.policies"]
    assert cautions_of(policies, ((*WEB, "reaches"), [{"cidr": "0.0.0.0/0", "port": 443}])) == {}


def test_what_an_app_that_keeps_a_volume_gives_up_is_told() -> None:
    volume = {"path": "/data", "size": "1Gi"}
    one = {"needed": 1, "min": 1, "max": 1}
    keeper = app(volume=volume, replicas=one)
    found = cautions_of((("ha-eks:apps", "keeper"), keeper))
    assert list(found) == ["ha-eks:apps.keeper.volume"]
    assert "with its zone until that is back" in found["ha-eks:apps.keeper.volume"]


@pytest.mark.parametrize(
    ("shutdown", "kubelet", "more"),
    [
        (95, {}, False),
        (96, {}, True),
        (96, {"shutdownGraceCriticalSeconds": 10}, False),
        (20, {"shutdownGraceSeconds": 74}, True),
    ],
)
def test_a_grace_that_a_nodes_shutdown_cuts_off_is_told(
    shutdown: int, kubelet: dict[str, int], more: bool
) -> None:
    found = cautions_of(((*WEB, "shutdownSeconds"), shutdown), ((*GENERAL, "kubelet"), kubelet))
    key = "ha-eks:apps.web.shutdownSeconds"
    assert (key in found) is more
    assert not more or "a node of pool general" in found[key]


def test_bottlerocket_promises_no_grace_of_a_shutdown() -> None:
    change: Change = ((*GENERAL, "amiType"), "BOTTLEROCKET_x86_64")
    assert cautions_of(((*WEB, "shutdownSeconds"), 200), change) == {}


def test_a_maximum_of_pods_that_no_nodes_hold_is_told() -> None:
    found = cautions_of(((*WEB, "replicas", "max"), 60), stack="prod")
    assert "of 60 pods" in found["ha-eks:apps.web.replicas.max"]
    assert cautions_of(((*WEB, "replicas", "max"), 30)) == {}
