"""Writes docs/report.png from the report of prod.

After `make test-report`: `.venv-browser/bin/python tests/browser/screenshot.py`.
"""
# pyright: basic, reportMissingImports=false
# Playwright is installed in .venv-browser only.

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SIZE = {"width": 1180, "height": 900}


def main() -> None:
    """Takes a picture of the diagram after the loss of a zone."""
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=options)
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto((ROOT / "build" / "browser" / "prod.html").as_uri())
        page.locator(".choices label", has_text="us-east-1b").click()
        page.locator("[name=evicted]").check()
        page.locator("#architecture .legend").evaluate("each => each.scrollIntoView()")
        page.evaluate("scrollBy(0, -80)")
        page.screenshot(path=ROOT / "docs" / "report.png")
        browser.close()


if __name__ == "__main__":
    main()
