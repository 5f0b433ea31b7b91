"""The runbooks, and the alarms that they name."""

import re
from collections.abc import Mapping
from pathlib import Path

from tools.recording.record import ROOT

FOLDER = ROOT / "docs" / "runbooks"
TREE = FOLDER / "README.md"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page != TREE)


def is_key(key: str, documented: str) -> bool:
    """True if a page means the alarm `key` by a key with words in capitals, such as app/APP/errors.

    Alarms of the internal load balancer have the same section as those of the public one.
    """
    parts = [
        "[^/]+" if part.isupper() else re.escape(part).replace(r"\*", "[^/]+")
        for part in documented.split("/")
    ]
    return re.fullmatch("/".join(parts) + "(-internal)?", key) is not None


def rows_of_the_tree() -> Mapping[str, str]:
    """Returns the target in docs/ for each key of the table of all alarms; "" without a link."""
    part = TREE.read_text(encoding="utf-8").partition("## All alarms")[2].partition("\n## ")[0]
    rows: dict[str, str] = {}
    for cell, target in re.findall(r"^\| (`.+?) \|.*\| (.+) \|$", part, re.MULTILINE):
        link = re.search(r"\]\(([^)#]*)(#[^)]*)?\)", target)
        page = (FOLDER / link[1]).resolve().relative_to(ROOT / "docs") if link else Path()
        for key in re.findall(r"`([^`]+)`", cell):
            rows[key] = f"{page}{link[2] or ''}" if link else ""
    return rows
