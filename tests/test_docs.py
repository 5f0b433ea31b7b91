"""The targets of links and file names in the documentation and in docstrings exist."""

import re

import pytest

from core.facts.prices import alarms, logs
from tests.pages import anchors
from tools.recording.record import ROOT

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")]
SOURCES = [
    ROOT / "__main__.py",
    *(
        file
        for part in ("core", "settings", "components", "live", "extensions", "tools")
        for file in (ROOT / part).rglob("*.py")
    ),
]
_LINK = re.compile(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)")
_MESSAGE = re.compile(r"(docs/[\w./-]+\.md)#([\w-]+)")
_SECTION = re.compile(r"\]\(([^)#\s:]*)#([^)\s]+)\)")
_PATH = re.compile(r"`((?:core|settings|components|live|tools|tests|examples|docs)/[\w./-]+)`")
_FILE = re.compile(
    r"(?<![\w./-])((?:core|settings|components|live|tools|docs)/[\w./-]+\.(?:py|toml|csv|md))"
)


def test_every_link_and_file_name_of_a_page_exists() -> None:
    missing: list[str] = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        missing += [
            f"{page.relative_to(ROOT)}: {target}"
            for folder, targets in ((page.parent, _LINK), (ROOT, _PATH))
            for target in targets.findall(text)
            if not (folder / target).exists()
        ]
    assert not missing, "a reader would not find these files:\n" + "\n".join(missing)


def test_every_section_to_which_a_page_links_exists() -> None:
    missing = [
        f"{page.relative_to(ROOT)}: {file}#{section}"
        for page in PAGES
        for file, section in _SECTION.findall(page.read_text(encoding="utf-8"))
        for target in [page.parent / file if file else page]
        if target.suffix == ".md" and section not in anchors(target)
    ]
    assert not missing, "a reader would land at the top of the page:\n" + "\n".join(missing)


def test_every_file_name_in_a_docstring_exists() -> None:
    missing = {
        f"{file.relative_to(ROOT)}: {path}"
        for file in SOURCES
        for text in [file.read_text(encoding="utf-8")]
        for path in _FILE.findall(text)
        if not (ROOT / path).exists()
    }
    assert missing == set()


def test_every_section_that_a_message_names_exists() -> None:
    missing = {
        f"{file.relative_to(ROOT)}: {path}#{section}"
        for file in SOURCES
        for path, section in _MESSAGE.findall(file.read_text(encoding="utf-8"))
        if section not in anchors(ROOT / path)
    }
    assert missing == set()


@pytest.mark.parametrize(
    "row",
    [
        f"| Log ingestion | ${logs.GB:.2f} per GB |",
        f"| Log storage | ${logs.GB_MONTH:.2f} per GB and month |",
        f"| Alarm | ${alarms.METRIC_MONTH:.2f} per month for each metric in it |",
        f"| Composite alarm | ${alarms.COMPOSITE_MONTH:.2f} per month |",
        f"| Dashboard | ${alarms.DASHBOARD_MONTH:.2f} per month; the first three dashboards "
        "of an account are free |",
    ],
)
def test_the_prices_of_observability_are_those_of_the_program(row: str) -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    assert row in page.splitlines(), f"write in docs/observability.md:\n{row}"


def test_there_are_pages_and_sources() -> None:
    assert len(PAGES) > 50
    assert len(SOURCES) > 150
