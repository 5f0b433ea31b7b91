"""`python -m tools.reference`: writes the generated pages of docs/ and the schemas."""

import sys
from pathlib import Path

from tools.entry_point import status_of
from tools.reference.page import page
from tools.reference.proof import proof_page
from tools.reference.schema import schema, shared_schema
from tools.rules.eksreview import page as eksreview_page
from tools.rules.page import page as rules_page

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Writes all pages and schemas; returns the exit status."""
    (ROOT / "docs" / "settings.md").write_text(page(), encoding="utf-8")
    (ROOT / "docs" / "eksreview.md").write_text(eksreview_page(), encoding="utf-8")
    (ROOT / "docs" / "proof.md").write_text(proof_page(), encoding="utf-8")
    (ROOT / "docs" / "rules.md").write_text(rules_page(), encoding="utf-8")
    (ROOT / "settings.schema.json").write_text(schema(), encoding="utf-8")
    (ROOT / "shared.schema.json").write_text(shared_schema(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(status_of(main))
