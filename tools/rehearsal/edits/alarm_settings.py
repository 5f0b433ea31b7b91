"""Edits of who is told, and of what."""

from tools.rehearsal.edits.alarm_operations import OVER_ALL, alarms
from tools.rehearsal.edits.apps import app_at_root
from tools.rehearsal.edits.edit import Config, Edit

_QUEUE = {"protocol": "sqs", "endpoint": "arn:aws:sqs:us-east-1:210987654321:alarms"}
"""In an account where nothing of a rehearsal is."""


def of_alarms(config: Config) -> Config:
    """The alarms' section."""
    return config.setdefault("ha-eks:observability", {}).setdefault("alarms", {})


def one_more(config: Config) -> None:
    """A queue hears of alarms."""
    own = of_alarms(config)
    own["subscriptions"] = [_QUEUE, *own.get("subscriptions", [])]


ONE_MORE = Edit(
    name="somebody more who hears of alarms",
    change=one_more,
    may=("create TopicSubscription alarms-*",),
)
"""Before the others, none of whom is told anew."""


def is_told(config: Config) -> bool:
    """Whether that queue hears of alarms."""
    return _QUEUE in of_alarms(config).get("subscriptions", [])


def one_less(config: Config) -> None:
    """It does no longer."""
    of_alarms(config)["subscriptions"].remove(_QUEUE)


ONE_LESS = Edit(
    name="and no longer",
    change=one_less,
    fits=is_told,
    may=("delete TopicSubscription alarms-*",),
)


def objective(config: Config) -> None:
    """The app at "/" may fail more, and sooner counts as slow."""
    app_at_root(config)["expose"]["objective"] = {"errorPercent": 2.5, "p99Milliseconds": 900}


OBJECTIVE = Edit(
    name="another objective",
    change=objective,
    may=alarms("update", "app-APP-errors", "app-APP-latency", "app-APP-slow"),
    # It goes by the strictest.
    might=alarms("update", "balancer-errors"),
)


def runbooks(config: Config) -> None:
    """Runbooks are somewhere else."""
    of_alarms(config)["runbooks"] = "https://runbooks.example.com"


RUNBOOKS = Edit(
    name="runbooks somewhere else",
    change=runbooks,
    may=(*alarms("update", "*"), OVER_ALL),
)

EVERY = (ONE_MORE, ONE_LESS, OBJECTIVE, RUNBOOKS)
"""In this order."""
