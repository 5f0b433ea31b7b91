"""Writes the reports that `make test-report` opens: `python -m tests.browser.pages FOLDER`."""

import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests.settings.stack_files import HEADROOM, NETWORK, WEB, changed
from tools.preview.report.page import page
from tools.preview.results import preview_of
from tools.recording import manifests, record
from tools.recording.garbage_collector import run_and_exit
from tools.recording.record import ROOT
from tools.wide_stack import write_wide

HOSTILE = "</pre><script>window.owned = true</script>"


def stacks() -> Iterator[tuple[str, str, str]]:
    """Yields the name of each page, the name of its stack, and the text of its stack file."""
    for stack in ("dev", "prod"):
        yield stack, stack, changed(stack)
    for stack in ("workloads", "platform", "internal"):
        file = ROOT / "examples" / f"Pulumi.{stack}.yaml"
        yield stack, stack, file.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        yield "wide", "wide", write_wide(Path(folder), apps=40).read_text(encoding="utf-8")
    yield "hostile", "prod", changed("prod", ((*WEB, "env", "GREETING"), HOSTILE))
    yield "one-zone", "prod", changed("prod", ((NETWORK, "zonesOut"), ["us-east-1b", "us-east-1c"]))
    yield "pending", "prod", changed("prod", ((HEADROOM,), {"size": "none"}))


def main() -> int:
    """Writes one page for each stack."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, stack, text in stacks():
        with tempfile.TemporaryDirectory() as root:
            file = Path(root) / f"Pulumi.{stack}.yaml"
            file.write_text(text, encoding="utf-8")
            recording = record(stack, root=Path(root))
        preview = preview_of(recording, file, date.today())
        text = page(preview, manifests(recording))
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    run_and_exit(main)
