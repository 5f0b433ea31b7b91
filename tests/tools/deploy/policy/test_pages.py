"""The documentation names the permissions of the deployer."""

import re

from tools.deploy.policy.tables import calls, scopes
from tools.recording.record import ROOT


def test_the_page_about_state_names_the_actions_of_the_deployer() -> None:
    page = (ROOT / "docs" / "state.md").read_text(encoding="utf-8")
    [table] = [part for part in page.split("\n\n") if part.startswith("| Resource | Actions |")]
    named = set(re.findall(r"`(\w+:\w+)`", table))
    assert named == {name for actions in calls()["pulumi state"].row.values() for name in actions}


def test_the_page_about_permissions_describes_every_document() -> None:
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(\w+)` \| ", page, re.MULTILINE)) - {
        "ACCOUNT", "APP", "PRINCIPAL", "REPOSITORY",
    }  # fmt: skip
    assert described == {each.group for each in scopes().values()}
