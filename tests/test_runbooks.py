"""The runbooks lead from every alarm to a page, and quote what alarms and checks really print."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.alarm_evaluation import alarms
from tests.conftest import recording_of
from tests.documented_commands import aws_actions
from tests.runbook_pages import FOLDER, PAGES, TREE, is_key, rows_of_the_tree
from tests.tools.deploy.check.test_faults import FAULTS
from tests.tools.deploy.policy.test_documents import all_statements
from tests.tools.deploy.policy.test_tables import PREFIXES
from tools.deploy.check.__main__ import CHECKS
from tools.recording import Recording, Resource

PARTS = ["How it shows", "What to do", "How to know that it is over", "Afterwards"]
ALARMS = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")


def keys(recording: Recording) -> set[str]:
    """Returns the names of all alarms without that of the cell, and without parts of composites."""
    names = (each.inputs.get("name") or each.inputs["alarmName"] for each in _alarms(recording))
    found = {str(name).removeprefix(f"{recording.stack}/") for name in names}
    return {each for each in found if not re.search(r"/\d+$", each)}


def _alarms(recording: Recording) -> Sequence[Resource]:
    return recording.of_type(*ALARMS)


def row_of(key: str) -> str:
    """Returns the row of the tree for an alarm: the one with the fewest words in capitals."""
    rows = [row for row in rows_of_the_tree() if is_key(key, row)]
    return min(rows, key=lambda row: sum(map(str.isupper, row.split("/"))), default="")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_runbook_has_the_parts_in_their_order(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert "\n**In short:** " in text.partition("## ")[0], "begin with the remedy"
    assert f"]({page.name}" in TREE.read_text(encoding="utf-8"), "no question leads to this page"


def test_the_tree_leads_from_every_alarm_to_its_runbook(recording: Recording) -> None:
    for key in keys(recording):
        assert row_of(key), f"{key} is not in the table of all alarms"
    for key, alarm in alarms(recording).items():
        link = str(alarm.inputs["alarmDescription"]).rpartition("docs/")[2]
        target = rows_of_the_tree()[row_of(key)]
        assert link.partition("#")[0] == target.partition("#")[0], f"{key}: the email has {link}"


def test_every_row_of_the_tree_is_an_alarm_of_a_cell() -> None:
    existing = keys(recording_of("prod")) | keys(recording_of("wide"))
    rows = {row for row in rows_of_the_tree() if not any(is_key(key, row) for key in existing)}
    assert rows == set()


@pytest.mark.parametrize("page", [TREE, *PAGES], ids=lambda page: page.name)
def test_every_alarm_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"`(prod(?:-standby)?/[^` ]+)`", page.read_text(encoding="utf-8")))
    existing = {
        f"{stack}/{key}" for stack in ("prod", "prod-standby") for key in keys(recording_of(stack))
    }
    missing = [each for each in named if not any(is_key(key, each) for key in existing)]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_quotes_what_make_check_prints(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    table = text.partition("| Check | Subject | Found |\n|---|---|---|\n")[2].partition("\n\n")[0]
    quoted = re.findall(r"^\| (.+) \| `(.+)` \| `(.+)` \|$", table, re.MULTILINE)
    titles = {check: title for title, check in CHECKS.items()}
    printed = {(titles[each.check], *each.line[:2]) for each in FAULTS}
    assert len(quoted) == len(table.splitlines())
    assert [row for row in quoted if row not in printed] == []


def test_the_runbooks_name_the_actions_that_the_deployer_may_not_use() -> None:
    statements = all_statements(recording_of("prod"))
    allowed = {action for each in statements for action in each["Action"]}
    used = {
        f"{PREFIXES.get(service, service)}:{operation}"
        for page in [TREE, *PAGES]
        for action in aws_actions(page.read_text(encoding="utf-8"))
        for service, _, operation in [action.partition(":")]
    }
    used = {each.replace("resourcegroupstaggingapi:", "tag:") for each in used}
    page = FOLDER.parent / "commands-in-an-outage.md"
    part = page.read_text(encoding="utf-8").partition("## Permissions")[2]
    assert re.findall(r"`(\w[\w-]+:\w+)`", part) == sorted(used - allowed)


def test_there_are_runbooks() -> None:
    assert len(PAGES) >= 10
    assert FOLDER.joinpath("zone-lost.md") in PAGES
