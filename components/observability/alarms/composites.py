"""An alarm over all alarms of a kind: what experiments, rollouts and people ask of a cell."""

from collections.abc import Iterator, Mapping, Sequence

import pulumi
from pulumi_aws import cloudwatch

from components.observability.alarms.alarm import AlarmTarget

_MOST = 100
"""Alarms that one may be over.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""
_LONGEST = 10_240
"""Characters of its rule, at most."""

_OR = " OR "


def composite(
    name: str,
    key: str,
    says: str,
    alarms: Mapping[str, pulumi.Output[str]],
    told: AlarmTarget,
) -> cloudwatch.CompositeAlarm:
    """In alarm while one of some alarms is, these by key; in parts, if they are too many for one.

    Only the whole tells anybody.
    """
    parts = [*chunks(told, [*alarms])]
    if len(parts) == 1:
        return _over(name, key, [*alarms.values()], told, says)
    made = [
        _over(f"{name}-{number}", f"{key}/{number}", [alarms[each] for each in part], told)
        for number, part in enumerate(parts, 1)
    ]
    return _over(name, key, [each.alarm_name for each in made], told, says)


def chunks(told: AlarmTarget, keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Keys of alarms, as many at a time as one can be over."""
    part, length = list[str](), 0
    for key in keys:
        more = len(_in_alarm(told.name(key)) + _OR)
        if len(part) == _MOST or length + more > _LONGEST:
            yield part
            part, length = [], 0
        part.append(key)
        length += more
    yield part


def _over(
    name: str,
    key: str,
    names: Sequence[pulumi.Output[str]],
    told: AlarmTarget,
    says: str | None = None,
) -> cloudwatch.CompositeAlarm:
    """Of what says nothing, only others hear."""
    tells = [] if says is None else [told.topic_arn]
    section = key.partition("/")[0]
    return cloudwatch.CompositeAlarm(
        name,
        cloudwatch.CompositeAlarmArgs(
            alarm_name=told.name(key),
            alarm_description=told.description(says or f"A part of {section}.", section),
            alarm_rule=pulumi.Output.all(*names).apply(_rule),
            alarm_actions=tells,
            ok_actions=tells,
            region=told.region,
        ),
        opts=told.opts,
    )


def _rule(names: Sequence[str]) -> str:
    return _OR.join(map(_in_alarm, names))


def _in_alarm(name: str) -> str:
    return f'ALARM("{name}")'
