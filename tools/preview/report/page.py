"""Renders the report as one HTML page, which loads nothing."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tools.preview.report.model import report_of
from tools.preview.results import Preview

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = Path(__file__).parent / "templates"


def page(preview: Preview, manifests: Mapping[str, str]) -> str:
    """Returns the report of a stack as an HTML page.

    The page allows its own script only, by the script's checksum.
    """
    # The first screen and the other options of preview need no templates.
    from markupsafe import Markup

    script = (_TEMPLATES / "script.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _template().render(
        report=report_of(preview, manifests),
        style=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),
        script=Markup(script),
        script_digest=digest,
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    return environment.get_template("page.html.j2")


def _number(value: float) -> str:
    """Returns a number with at most one decimal."""
    return f"{round(value, 1):g}"
