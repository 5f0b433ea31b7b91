"""Notifications of zonal shifts, autoshifts and practice runs, which EventBridge receives from ARC.

https://docs.aws.amazon.com/r53recovery/latest/dg/eventbridge-zonal-autoshift.html
"""

import json

import pulumi
from pulumi_aws import arczonalshift

from components.resilience.event_rule import publish_events
from core.short_names import rule_prefix

_EVENTS = (
    "Autoshift In Progress",
    "Autoshift Completed",
    "FIS Experiment Autoshift In Progress",
    "FIS Experiment Autoshift Completed",
    "FIS Experiment Autoshift Canceled",
    "Manual Shift Started",
    "Manual Shift Updated",
    "Manual Shift Canceled",
    "Practice Run Started",
    "Practice Run Succeeded",
    "Practice Run Interrupted",
    "Practice Run Failed",
)
"""Types of the events of ARC.
https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-arc-zonal-shift.html"""

_TEXT = (
    "<event>, away from zone <zone>, at <time>. Resource: <resource>. "
    "<reason> What it means: docs/resilience.md"
)


def notify_zonal_shifts(
    name: str, cell: str, topic_arn: pulumi.Input[str], *, observer: bool, parent: pulumi.Resource
) -> None:
    """Creates a rule that publishes the events of ARC to a topic.

    The rule receives the events of all resources in the account and region: AWS does not document
    how an event names its resources. `observer`: ARC also sends autoshifts without a resource of
    the account.
    """
    child = pulumi.ResourceOptions(parent=parent)
    if observer:
        arczonalshift.AutoshiftObserverNotificationStatus(
            f"{name}-observer",
            arczonalshift.AutoshiftObserverNotificationStatusArgs(status="ENABLED"),
            opts=child,
        )
    publish_events(
        f"{name}-zonal-shifts",
        rule_name=f"{rule_prefix(cell)}-zonal-shifts",
        description=f"Zonal shifts, autoshifts and practice runs of {cell}",
        pattern=json.dumps({"source": ["aws.arc-zonal-shift"], "detail-type": _EVENTS}),
        paths={
            "event": "$.detail-type",
            "zone": "$.detail.metadata.awayFrom",
            "time": "$.time",
            "resource": "$.resources[0]",
            "reason": "$.detail.data.additionalFailureInfo",
        },
        text=_TEXT,
        topic_arn=topic_arn,
        opts=child,
    )
