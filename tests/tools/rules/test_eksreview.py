"""Table of the checks of sample-eksreview: complete, current, and its references exist."""

import re
from collections import Counter

from tools.recording.record import ROOT
from tools.rules.catalog import entries
from tools.rules.eksreview import Check, checks, page, share_decided

FOUND = checks()


def test_the_table_has_each_of_the_131_checks_once() -> None:
    assert Counter(each.area.split(",")[0] for each in FOUND) == {
        "cluster autoscaler": 14,
        "karpenter": 10,
        "networking": 9,
        "observability": 5,
        "resiliency": 29,
        "security": 26,
        "upgrade": 38,
    }
    assert len({(each.area, each.id) for each in FOUND}) == 131


def test_at_least_95_percent_of_the_checks_on_a_configuration_are_decided_offline() -> None:
    assert share_decided(FOUND) >= 95


def test_the_share_counts_checks_without_a_rule() -> None:
    def check(answer: str) -> Check:
        return Check(area="a", id="1", subject="s", answer=answer, reason="r")

    answers = ("decided", "decided", "decided", "open", "running", "other")
    assert share_decided([check(each) for each in answers]) == 75


def test_each_answer_has_a_reason_and_a_decided_check_a_reference() -> None:
    assert {each.answer for each in FOUND} == {"decided", "running", "open", "other"}
    for each in FOUND:
        assert each.subject, each.id
        assert each.reason, each.id
        if each.answer == "decided":
            assert re.search(r"HA\d{3}|CKV_K8S_\d+|test_\w+", each.reason), each


def test_rules_and_tests_in_the_table_exist() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    tests = {*re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
    rules = {each.id for each in entries()}
    for each in FOUND:
        assert {*re.findall(r"HA\d{3}", each.reason)} <= rules, each
        assert {*re.findall(r"test_\w+", each.reason)} <= tests, each


def test_the_page_is_current() -> None:
    written = (ROOT / "docs" / "eksreview.md").read_text(encoding="utf-8")
    assert written == page(), "run make reference"
