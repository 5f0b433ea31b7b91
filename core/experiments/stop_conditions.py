"""Choice of the alarms that stop an experiment.

Stop conditions are metric alarms: AWS does not document composite alarms as stop conditions.
https://docs.aws.amazon.com/fis/latest/userguide/stop-conditions.html
"""

import re
from collections.abc import Iterable, Sequence

from core.facts.fis_actions import MAX_STOP_CONDITIONS

_ORDER = tuple(
    re.compile(pattern)
    for pattern in (
        r"apps-below-need(/[0-9]+)?",
        r"balancer/errors(/.+)?",
        r"app/[^/]+/errors(/.+)?",
        r"app/[^/]+/hosts(/internal)?",
        r"app/[^/]+/ready",
    )
)
"""Patterns of the keys of alarms by which failing requests or jobs show, in order of preference:
those that cover the whole cell first."""


def stop_alarms(keys: Iterable[str]) -> Sequence[str]:
    """Returns the keys of the alarms that stop an experiment, at most as many as FIS allows."""
    known = [*keys]
    found = [key for pattern in _ORDER for key in known if pattern.fullmatch(key)]
    return found[:MAX_STOP_CONDITIONS]
