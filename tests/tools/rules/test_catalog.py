"""All rules: IDs, texts, groups and tests."""

import re
from pathlib import Path

from settings.cautions import CAUTIONS
from tools.preview.rule_list import rule_list
from tools.rules.aws.all_rules import AWS_RULES
from tools.rules.catalog import GROUPS, entries
from tools.rules.cells.all_rules import CELL_RULES
from tools.rules.kubernetes.all_rules import KUBERNETES_RULES

RULES = (*KUBERNETES_RULES, *AWS_RULES, *CELL_RULES)


def test_ids_are_unique_and_belong_to_a_group() -> None:
    ids = [each.id for each in entries()]
    assert len({*ids}) == len(ids)
    assert [each for each in ids if not re.fullmatch(r"(HA|MC)\d{3}", each)] == []
    assert {each[:3] for each in ids} == {*GROUPS}
    assert [each.id for each in CAUTIONS if not each.id.startswith("HA9")] == []


def test_every_rule_has_a_claim_of_one_sentence_and_cases_that_it_does_not_flag() -> None:
    for each in entries():
        assert re.fullmatch(r"[A-Z][^.]*\.", each.claim), each.id
    for rule in RULES:
        assert rule.not_flagged, rule.id
        assert re.search(r"\.$|://\S+$", rule.why), rule.id


def test_every_rule_has_a_test_with_its_whole_message() -> None:
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    for rule in RULES:
        assert re.search(rf'"{rule.severity} {rule.id} ', text), rule.id


def test_the_list_has_a_line_for_each_rule_below_its_group() -> None:
    lines = rule_list().splitlines()
    assert len(lines) == len(GROUPS) + len(entries())
    place = lines.index("AWS resources")
    claim = "The egress of a zone does not depend on another zone."
    assert lines[place + 1] == f"  HA801 warning {claim}"
