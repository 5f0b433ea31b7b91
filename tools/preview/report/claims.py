"""Claims about availability that apply to a stack, and what shows each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from settings import Settings
from settings.reading.wording import listed
from tools.proof.claim import Level
from tools.proof.summary import claims_of

_SHOWS: dict[Level, str] = {
    "rule": "rules",
    "arithmetic": "arithmetic",
    "test": "tests",
    "rehearsal": "rehearsal",
    "drill": "drill",
}
"""Words for the levels that show a claim before a deployment."""


@dataclass(frozen=True, kw_only=True)
class ClaimView:
    """A claim, what shows it, and what reports that it does not hold."""

    text: str
    shown_by: str
    experiments: str
    """Names of AWS experiments; empty without one."""
    alarms: str
    """Names of alarms without that of the cell; empty without one."""


def claims_view(settings: Settings) -> Sequence[ClaimView]:
    """Returns the claims that apply to a stack, in the order of the proof table."""
    return [
        ClaimView(
            text=each.text,
            shown_by=listed([word for level, word in _SHOWS.items() if each.shown_by(level)]),
            experiments=", ".join(each.experiments),
            alarms=", ".join(each.alarms),
        )
        for each in claims_of(settings)
    ]
