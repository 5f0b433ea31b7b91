"""Patterns of the keys of alarms in experiments."""

import re

from core.load_balancers import INTERNAL_SUFFIX


def key_pattern(key: str) -> re.Pattern[str]:
    """Returns the pattern of a key in which * stands for an app.

    The pattern includes the alarm of the internal load balancer, such as app/web/errors-internal,
    and further alarms with a number, such as apps-below-need/2, but not the alarms of zones.
    """
    apps = "[^/]+".join(map(re.escape, key.split("*")))
    return re.compile(f"{apps}({INTERNAL_SUFFIX}|/[0-9]+)?")
