"""Composite alarms: one for all impact alarms, one for all redundancy alarms."""

from collections.abc import Iterator, Mapping, Sequence

import pulumi
from pulumi_aws import cloudwatch

from components.observability.alarms.alarm import AlarmTarget

_MAX_MEMBERS = 100
"""Maximum number of alarms in a composite alarm.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""
_MAX_RULE_LENGTH = 10_240
"""Maximum number of characters in the rule of a composite alarm."""

_RUNBOOK = "runbooks/README.md#questions"
"""Section of the runbooks to which the descriptions of both composite alarms link."""

_OR = " OR "


def composite(
    name: str,
    key: str,
    description: str,
    members: Mapping[str, pulumi.Output[str]],
    target: AlarmTarget,
) -> cloudwatch.CompositeAlarm:
    """Creates an alarm that is in alarm while a member is; `members` are alarm names by key.

    Members that exceed the limits of one composite alarm are split over several. Only the alarm
    over all of them notifies subscribers. Without members, the alarm is never in alarm. The rule
    does not depend on the order of `members`: apps that move to another file change no alarm.
    """
    parts = [*chunks(target, sorted(members))]
    text = target.description(description, _list_alarms(target), _RUNBOOK)
    if len(parts) == 1:
        names = [members[each] for each in parts[0]]
        return _composite(name, key, names, target, text, notifies=True)
    alarms = [
        _composite(
            f"{name}-{number}",
            f"{key}/{number}",
            [members[each] for each in part],
            target,
            f"Part {number} of the composite alarm {target.name(key)}, which has too many members "
            "for one rule. This alarm sends no notifications.",
            notifies=False,
        )
        for number, part in enumerate(parts, 1)
    ]
    names = [each.alarm_name for each in alarms]
    return _composite(name, key, names, target, text, notifies=True)


def chunks(target: AlarmTarget, keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yields the keys in parts, each within the limits of one composite alarm."""
    part, length = list[str](), 0
    for key in keys:
        added = len(_in_alarm(target.name(key)) + _OR)
        if len(part) == _MAX_MEMBERS or length + added > _MAX_RULE_LENGTH:
            yield part
            part, length = [], 0
        part.append(key)
        length += added
    yield part


def _list_alarms(target: AlarmTarget) -> str:
    """Returns the command that lists the alarms of the cell that are in alarm."""
    return (
        f"aws cloudwatch describe-alarms --alarm-name-prefix {target.cell}/ --state-value ALARM "
        f"--region {target.region} --query 'MetricAlarms[].[AlarmName,StateReason]' --output table"
    )


def _composite(
    name: str,
    key: str,
    names: Sequence[pulumi.Output[str]],
    target: AlarmTarget,
    description: str,
    *,
    notifies: bool,
) -> cloudwatch.CompositeAlarm:
    actions = [target.topic_arn] if notifies else []
    return cloudwatch.CompositeAlarm(
        name,
        cloudwatch.CompositeAlarmArgs(
            alarm_name=target.name(key),
            alarm_description=description,
            alarm_rule=pulumi.Output.all(*names).apply(_rule),
            alarm_actions=actions,
            ok_actions=actions,
            region=target.region,
        ),
        opts=target.opts,
    )


def _rule(names: Sequence[str]) -> str:
    """Returns the rule; without names, the constant FALSE.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
    """
    return _OR.join(map(_in_alarm, names)) or "FALSE"


def _in_alarm(name: str) -> str:
    return f'ALARM("{name}")'
