"""The anchors of documentation pages."""

import re
from functools import cache
from pathlib import Path


@cache
def anchors(page: Path) -> frozenset[str]:
    """Returns the anchors of the headings of a page, as GitHub generates them, and others."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE
    )
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", each) for each in headings]
    return frozenset(
        {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in plain}
    ) | frozenset(re.findall(r'<a id="([^"]+)"', text))
