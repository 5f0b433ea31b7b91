"""Renders the preview of a stack as an HTML page for reviewers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape

from core.availability.termination import Termination
from tools.preview.tree import headlines
from tools.recording import Recording
from tools.rules.stack import stack_findings

_STYLE = """
body{font:15px/1.5 -apple-system,"Segoe UI",Helvetica,Arial,sans-serif;color:#1f2933;
background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem} h2{font-size:1.1rem;margin-top:2rem} li{margin:.25rem 0}
svg{width:100%;height:auto}
"""
_SVG_STYLE = """
text{font:12px -apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2933} .note{fill:#52606d}
.running{fill:#b7dfc9} .shutdown{fill:#d3e7fb} .margin{fill:#fbdcdc} .sidecars{fill:#dfe6ee}
.new{fill:#e8def8}
.in-flight{fill:#f4effb;stroke:#7f5fc0} .axis{stroke:#9aa5b1}
.mark{stroke:#52606d;stroke-dasharray:3 2}
"""
_LEFT, _RIGHT, _WIDTH, _ROW = 120, 20, 960, 92
"""Margins to the left and right of the bars, width of the image, height of a row, in pixels."""


def report(recording: Recording, today: date) -> str:
    """Returns a self-contained HTML page: summary, pod termination, and findings if any."""
    summary = "".join(f"<li>{escape(line)}</li>" for line in headlines(recording, today))
    findings = "".join(
        f"<li>{each.severity} {escape(str(each))}</li>" for each in stack_findings(recording, today)
    )
    terminations = {name: app.termination for name, app in recording.settings.deployments.items()}
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>Preview of {escape(recording.stack)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>Preview of {escape(recording.stack)}</h1>\n"
        f"<h2>Summary</h2><ul>{summary}</ul>\n"
        "<h2>Pod termination, in seconds after deletion</h2>\n"
        "<p>Upper bar: state of the pod. Lower bar: requests that the pod receives.</p>\n"
        f"{timelines(terminations)}\n"
        + (f"<h2>Audit</h2><ul>{findings}</ul>\n" if findings else "")
        + "</body></html>\n"
    )


def timelines(terminations: Mapping[str, Termination]) -> str:
    """Returns an SVG image with one row for each app, all on one time scale.

    The upper bar of a row shows the state of the pod, the lower bar its requests.
    """
    longest = max(end.grace for end in terminations.values())
    height = len(terminations) * _ROW + 30
    rows = "".join(
        "".join(_row(name, end, number * _ROW, longest))
        for number, (name, end) in enumerate(terminations.items())
    )
    axis = "".join(_axis(longest, height - 22))
    label = escape("; ".join(f"{name}: {end}" for name, end in terminations.items()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{label}"><style>{_SVG_STYLE}</style>{rows}{axis}</svg>'
    )


def _row(name: str, end: Termination, top: int, longest: int) -> Iterator[str]:
    yield _text(0, top + 32, name)
    yield _bar("running", 0, end.pre_stop, top + 18, longest, f"preStop, {end.pre_stop}s")
    shutdown = f"TERM, exits within {end.shutdown}s"
    yield _bar("shutdown", end.pre_stop, end.exit, top + 18, longest, shutdown)
    if end.sidecars:
        sidecars = f"sidecars, {end.sidecars}s"
        yield _bar("sidecars", end.exit, end.sidecars_exit, top + 18, longest, sidecars)
    yield _bar("margin", end.sidecars_exit, end.grace, top + 18, longest, "")
    yield _text(_x(end.grace, longest) - 4, top + 13, f"KILL {end.grace}s", anchor="end")
    yield _bar("new", 0, end.deregistered, top + 44, longest, "new requests")
    closed = end.connections_closed
    yield _bar("in-flight", end.deregistered, closed, top + 44, longest, "in-flight requests")
    at = _x(end.last_response, longest)
    yield f'<line class="mark" x1="{at}" x2="{at}" y1="{top + 18}" y2="{top + 66}"/>'
    last = f"last in-flight response {end.last_response}s"
    yield _text(at, top + 79, last, anchor="middle", note=True)


def _bar(kind: str, start: int, end: int, top: int, longest: int, label: str) -> str:
    """Returns a bar for a time span. The bar has a label if the label is not wider than the bar."""
    left, right = _x(start, longest), _x(end, longest)
    bar = f'<rect class="{kind}" x="{left}" y="{top}" width="{right - left}" height="20"/>'
    fits = len(label) * 6.5 < right - left
    return bar + (_text(left + 5, top + 14, label) if label and fits else "")


def _axis(longest: int, top: int) -> Iterator[str]:
    yield f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{top}" y2="{top}"/>'
    for at in _ticks(longest):
        x = _x(at, longest)
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="{top}" y2="{top + 4}"/>'
        yield _text(x, top + 17, f"{at}s", anchor="middle", note=True)


def _ticks(longest: int) -> Sequence[int]:
    step = next(each for each in (5, 10, 30, 60, 120, 300) if longest // each <= 12)
    return range(0, longest + 1, step)


def _x(at: int, longest: int) -> int:
    return _LEFT + round(at * (_WIDTH - _LEFT - _RIGHT) / longest)


def _text(x: int, y: int, text: str, *, anchor: str = "start", note: bool = False) -> str:
    kind = ' class="note"' if note else ""
    return f'<text{kind} x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
