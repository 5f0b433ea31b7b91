"""Choice of the alarms that stop an experiment.

Stop conditions are metric alarms: AWS does not document composite alarms as stop conditions.
https://docs.aws.amazon.com/fis/latest/userguide/stop-conditions.html
"""

from collections.abc import Iterable, Sequence

from core.experiments.alarm_keys import key_pattern
from core.facts.fis_actions import MAX_STOP_CONDITIONS

_ORDER = ("apps-below-need", "balancer/errors", "app/*/errors", "app/*/hosts", "app/*/ready")
"""Keys of the alarms by which failing requests or jobs show, in order of preference: those that
cover the whole cell first."""


def stop_alarms(keys: Iterable[str]) -> Sequence[str]:
    """Returns the keys of the alarms that stop an experiment, at most as many as FIS allows."""
    known = [*keys]
    found = [key for each in _ORDER for key in known if key_pattern(each).fullmatch(key)]
    return found[:MAX_STOP_CONDITIONS]
