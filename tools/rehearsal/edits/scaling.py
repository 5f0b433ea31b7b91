"""Edits of autoscaling: replicas, Prometheus queries, SQS queues, and the descheduler."""

from tools.rehearsal.edits.alarm_operations import (
    UPDATE_COMPOSITE_ALARMS,
    UPDATE_PRACTICE_RUNS,
    metric_alarms,
)
from tools.rehearsal.edits.apps import main_app_section
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.headroom import OVERPROVISIONER
from tools.rehearsal.edits.images import cached_images


def raise_replicas(config: Config) -> None:
    """Raises the needed replicas of the main app by one, and doubles its maximum."""
    replicas = main_app_section(config)["replicas"]
    replicas["needed"], replicas["max"] = replicas["needed"] + 1, replicas["max"] * 2


RAISE_REPLICAS = Edit(
    name="raise the replicas of an app",
    change=raise_replicas,
    expected=(
        "update HorizontalPodAutoscaler APP",
        "update PodDisruptionBudget APP",
        *metric_alarms("update", "app-APP-hosts", "app-APP-at-max", "app-APP-not-ready"),
        "update Dashboard dashboard",
    ),
    optional=(
        f"update {OVERPROVISIONER}",
        *UPDATE_PRACTICE_RUNS,
        # Only with the same number of pods in each zone does a Service prefer its own zone.
        "update Service *",
        UPDATE_COMPOSITE_ALARMS,
        *metric_alarms("create", "app-APP-hosts-*"),
        *metric_alarms("update", "app-APP-hosts-*"),
        "update HealthCheck internal-traffic*",  # with the threshold of its alarm
    ),
)


def _descheduler(verb: str) -> tuple[str, ...]:
    types = ("Namespace", "Release", "PodDisruptionBudget")
    resources = tuple(f"{verb} {type_} autoscaling-descheduler" for type_ in types)
    return (*resources, *metric_alarms("update", "system-pending"))


def has_descheduler(config: Config) -> bool:
    """True if the descheduler is on."""
    return config.get("ha-eks:autoscaling", {}).get("descheduler", True)


def disable_descheduler(config: Config) -> None:
    """Turns off the descheduler."""
    config.setdefault("ha-eks:autoscaling", {})["descheduler"] = False


DISABLE_DESCHEDULER = Edit(
    name="turn off the descheduler",
    change=disable_descheduler,
    applies=has_descheduler,
    expected=_descheduler("delete"),
    optional=(f"update {OVERPROVISIONER}", *cached_images("delete")),
)


def has_no_descheduler(config: Config) -> bool:
    """True if the descheduler is off."""
    return not has_descheduler(config)


def enable_descheduler(config: Config) -> None:
    """Turns on the descheduler."""
    config.setdefault("ha-eks:autoscaling", {})["descheduler"] = True


ENABLE_DESCHEDULER = Edit(
    name="turn on the descheduler",
    change=enable_descheduler,
    applies=has_no_descheduler,
    expected=_descheduler("create"),
    optional=(f"update {OVERPROVISIONER}", *cached_images("create")),
)

_METRIC = "edited"
"""Name of the query and of the queue; no shipped stack has one of this name."""
_KEDA_TYPES = ("Namespace", "Role", "RolePolicy", "PodIdentityAssociation", "Release")


def _keda(verb: str, autoscaler_verb: str) -> tuple[str, ...]:
    """Returns patterns for KEDA, which replaces the HorizontalPodAutoscaler."""
    return (
        *(f"{verb} {type_} keda" for type_ in _KEDA_TYPES),
        f"{verb} TriggerAuthentication APP",
        f"{verb} ScaledObject APP",
        *metric_alarms("update", "system-pending"),
        f"{autoscaler_verb} HorizontalPodAutoscaler APP",
    )


def _prometheus(verb: str) -> tuple[str, ...]:
    """Returns patterns for the workspace and its scraper."""
    resources = (f"{verb} Workspace prometheus", f"{verb} Scraper prometheus")
    return (*resources, "update NetworkPolicy APP")


_TRIGGERS = ("update RolePolicy keda", "update ScaledObject APP")
"""Updates of a running KEDA, and of what it scales."""


def can_add_query(config: Config) -> bool:
    """True if no app has a query or queue, and KEDA could reach AWS through NAT."""
    return config["ha-eks:network"].get("nat") != "none" and not any(
        {"prometheus", "queues"} & {*app.get("scaling", {})}
        for app in config["ha-eks:apps"].values()
    )


def add_query(config: Config) -> None:
    """Scales the main app on a Prometheus query in addition to CPU."""
    app = main_app_section(config)
    app["metrics"] = {}
    app.setdefault("scaling", {})["prometheus"] = {
        _METRIC: {"query": "sum(rate(http_requests_total[2m]))", "targetPerPod": 50.5}
    }


ADD_QUERY = Edit(
    name="scale an app on a Prometheus query",
    change=add_query,
    applies=can_add_query,
    expected=(*_prometheus("create"), *_keda("create", "delete")),
    optional=("update Deployment overprovisioner-*", *cached_images("create")),
)


def has_query(config: Config) -> bool:
    """True if the main app has the query."""
    return _METRIC in main_app_section(config).get("scaling", {}).get("prometheus", {})


def add_queue(config: Config) -> None:
    """Scales the main app on an SQS queue too."""
    arn = f"arn:aws:sqs:{config['aws:region']}:210987654321:edited.fifo"
    scaling = main_app_section(config)["scaling"]
    scaling["queues"] = {f"{_METRIC}-queue": {"queue": arn, "messagesPerPod": 20}}


ADD_QUEUE = Edit(
    name="scale an app on an SQS queue too",
    change=add_queue,
    applies=has_query,
    expected=_TRIGGERS,
)


def has_queue(config: Config) -> bool:
    """True if the main app has a queue."""
    return "queues" in main_app_section(config).get("scaling", {})


def remove_query(config: Config) -> None:
    """Removes the query, and with it Prometheus; KEDA stays for the queue."""
    app = main_app_section(config)
    del app["metrics"], app["scaling"]["prometheus"]


REMOVE_QUERY = Edit(
    name="remove the Prometheus query",
    change=remove_query,
    applies=has_queue,
    expected=(*_prometheus("delete"), *_TRIGGERS),
)


def remove_queue(config: Config) -> None:
    """Removes the queue, and with it KEDA."""
    del main_app_section(config)["scaling"]["queues"]


REMOVE_QUEUE = Edit(
    name="remove the SQS queue",
    change=remove_queue,
    applies=has_queue,
    expected=_keda("delete", "create"),
    optional=("update Deployment overprovisioner-*", *cached_images("delete")),
)
