"""Patterns of operations on alarms, for edits of other sections."""

UPDATE_COMPOSITE_ALARMS = "update CompositeAlarm alarms-*"
"""The composite alarms list all metric alarms, so they change when one is added or removed."""


UPDATE_PRACTICE_RUNS = (
    "update MetricAlarm alarms-apps-below-need*",
    "update ZonalAutoshiftConfiguration resilience-autoshift-*",
)
"""Updates of practice runs, whose alarms list the exposed apps and the needed pods."""


def metric_alarms(verb: str, *keys: str) -> tuple[str, ...]:
    """Returns patterns for metric alarms; a key is the name of an alarm with - instead of /."""
    return tuple(f"{verb} MetricAlarm alarms-{key}" for key in keys)
