"""The report of a stack: a page to be read by people who did not run preview."""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from core.availability.termination import Drain
from settings.cautions import cautions
from tools.preview.tree import headlines
from tools.recording import Recording

_STYLE = """
body{font:15px/1.5 -apple-system,"Segoe UI",Helvetica,Arial,sans-serif;color:#1f2933;
background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem} h2{font-size:1.1rem;margin-top:2rem} li{margin:.25rem 0}
svg{width:100%;height:auto}
"""
_DRAWN = """
text{font:12px -apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1f2933} .note{fill:#52606d}
.serves{fill:#b7dfc9} .ends{fill:#d3e7fb} .margin{fill:#fbdcdc} .sends{fill:#e8def8}
.open{fill:#f4effb;stroke:#7f5fc0} .axis{stroke:#9aa5b1} .mark{stroke:#52606d;stroke-dasharray:3 2}
"""
_LEFT, _RIGHT, _WIDTH, _ROW = 120, 20, 960, 92


def report(recording: Recording, today: date) -> str:
    """The page, as HTML that needs nothing else."""
    choices = "".join(f"<li>{escape(line)}</li>" for line in headlines(recording))
    careful = "".join(
        f"<li>{escape(str(caution))}</li>" for caution in cautions(recording.settings, today)
    )
    drains = {name: app.drain for name, app in recording.settings.apps.items()}
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(recording.stack)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(recording.stack)}</h1>\n"
        f"<h2>Choices</h2><ul>{choices}</ul>\n"
        f"<h2>How pods go, in seconds from their deletion</h2>\n{timelines(drains)}\n"
        + (f"<h2>Cautions</h2><ul>{careful}</ul>\n" if careful else "")
        + "</body></html>\n"
    )


def timelines(drains: dict[str, Drain]) -> str:
    """A row for each app, on one scale: above what the pod does, below what it is sent."""
    longest = max(drain.grace for drain in drains.values())
    height = len(drains) * _ROW + 30
    rows = "".join(
        "".join(_row(name, drain, number * _ROW, longest))
        for number, (name, drain) in enumerate(drains.items())
    )
    axis = "".join(_axis(longest, height - 22))
    said = escape("; ".join(f"{name}: {drain}" for name, drain in drains.items()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{said}"><style>{_DRAWN}</style>{rows}{axis}</svg>'
    )


def _row(name: str, drain: Drain, top: int, longest: int) -> Iterator[str]:
    term, gone = drain.pre_stop, drain.pre_stop + drain.shutdown
    yield _text(0, top + 32, name)
    yield _bar("serves", 0, term, top + 18, longest, f"serves on {term} s")
    yield _bar("ends", term, gone, top + 18, longest, f"TERM, ends within {drain.shutdown} s")
    yield _bar("margin", gone, drain.grace, top + 18, longest, "")
    yield _text(_x(drain.grace, longest) - 4, top + 13, f"KILL {drain.grace} s", anchor="end")
    yield _bar("sends", 0, drain.let_go, top + 44, longest, "is sent requests")
    answered = drain.let_go + drain.longest_request
    closes = drain.let_go + (drain.deregistration_delay or drain.longest_request)
    yield _bar("open", drain.let_go, closes, top + 44, longest, "what is open is answered")
    at = _x(answered, longest)
    yield f'<line class="mark" x1="{at}" x2="{at}" y1="{top + 18}" y2="{top + 66}"/>'
    yield _text(at, top + 79, f"last answer {answered} s", anchor="middle", note=True)


def _bar(kind: str, start: int, end: int, top: int, longest: int, text: str) -> str:
    """A span of time, with its text if that fits."""
    left, right = _x(start, longest), _x(end, longest)
    bar = f'<rect class="{kind}" x="{left}" y="{top}" width="{right - left}" height="20"/>'
    fits = len(text) * 6.5 < right - left
    return bar + (_text(left + 5, top + 14, text) if text and fits else "")


def _axis(longest: int, top: int) -> Iterator[str]:
    yield f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{top}" y2="{top}"/>'
    for at in _ticks(longest):
        x = _x(at, longest)
        yield f'<line class="axis" x1="{x}" x2="{x}" y1="{top}" y2="{top + 4}"/>'
        yield _text(x, top + 17, f"{at} s", anchor="middle", note=True)


def _ticks(longest: int) -> Sequence[int]:
    step = next(each for each in (5, 10, 30, 60, 120, 300) if longest // each <= 12)
    return range(0, longest + 1, step)


def _x(at: int, longest: int) -> int:
    return _LEFT + round(at * (_WIDTH - _LEFT - _RIGHT) / longest)


def _text(x: int, y: int, text: str, *, anchor: str = "start", note: bool = False) -> str:
    kind = ' class="note"' if note else ""
    return f'<text{kind} x="{x}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
