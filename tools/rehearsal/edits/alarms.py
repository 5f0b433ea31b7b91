"""Edits of alarms: `observability.alarms` and `expose.objective`."""

from tools.rehearsal.edits.alarm_operations import UPDATE_COMPOSITE_ALARMS, metric_alarms
from tools.rehearsal.edits.apps import main_app_section
from tools.rehearsal.edits.edit import Config, Edit

_QUEUE = {"protocol": "sqs", "endpoint": "arn:aws:sqs:us-east-1:210987654321:alarms"}
"""A subscriber in an account other than that of the rehearsal."""


def alarms_section(config: Config) -> Config:
    """Returns the section `observability.alarms`."""
    return config.setdefault("ha-eks:observability", {}).setdefault("alarms", {})


def add_subscriber(config: Config) -> None:
    """Adds a queue as the first subscriber of alarms."""
    section = alarms_section(config)
    section["subscriptions"] = [_QUEUE, *section.get("subscriptions", [])]


ADD_SUBSCRIBER = Edit(
    name="add an alarm subscriber",
    change=add_subscriber,
    expected=("create TopicSubscription alarms-*",),
)
"""The new subscriber is the first, but the existing subscriptions do not change."""


def has_subscriber(config: Config) -> bool:
    """True if the queue is a subscriber of alarms."""
    return _QUEUE in alarms_section(config).get("subscriptions", [])


def remove_subscriber(config: Config) -> None:
    """Removes the queue from the subscribers."""
    alarms_section(config)["subscriptions"].remove(_QUEUE)


REMOVE_SUBSCRIBER = Edit(
    name="remove the alarm subscriber",
    change=remove_subscriber,
    applies=has_subscriber,
    expected=("delete TopicSubscription alarms-*",),
)


def change_objective(config: Config) -> None:
    """Changes error and latency objective of the main app."""
    main_app_section(config)["expose"]["objective"] = {"errorPercent": 2.5, "p99Milliseconds": 900}


CHANGE_OBJECTIVE = Edit(
    name="change the objective of an app",
    change=change_objective,
    expected=metric_alarms("update", "app-APP-errors", "app-APP-latency", "app-APP-slow"),
    # The alarm on the load balancer uses the strictest objective.
    optional=metric_alarms("update", "balancer-errors"),
)


def change_runbooks(config: Config) -> None:
    """Changes the URL of the runbooks."""
    alarms_section(config)["runbooks"] = "https://runbooks.example.com"


CHANGE_RUNBOOKS = Edit(
    name="change the URL of the runbooks",
    change=change_runbooks,
    expected=(*metric_alarms("update", "*"), UPDATE_COMPOSITE_ALARMS),
)
