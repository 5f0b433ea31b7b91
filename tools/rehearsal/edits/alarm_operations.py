"""Operations on alarms that follow from edits of something else."""

OVER_ALL = "update CompositeAlarm alarms-*"
"""An alarm comes or goes, and those over all are over others."""


def alarms(verb: str, *keys: str) -> tuple[str, ...]:
    """Of alarms that have some keys, as their names have them: with - for /."""
    return tuple(f"{verb} MetricAlarm alarms-{key}" for key in keys)
