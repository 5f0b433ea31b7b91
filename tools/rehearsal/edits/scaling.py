"""Edits of how many pods there are, of what they follow, and of what spreads them anew."""

from tools.rehearsal.edits.alarm_operations import OVER_ALL, alarms
from tools.rehearsal.edits.apps import app_at_root
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.headroom import ROOM
from tools.rehearsal.edits.images import of_images


def replicas(config: Config) -> None:
    """One more pod of the app at "/" is needed."""
    replicas = app_at_root(config)["replicas"]
    replicas["needed"], replicas["max"] = replicas["needed"] + 1, replicas["max"] * 2


REPLICAS = Edit(
    name="more replicas",
    change=replicas,
    may=(
        "update HorizontalPodAutoscaler APP",
        "update PodDisruptionBudget APP",
        *alarms("update", "app-APP-hosts", "app-APP-at-max"),
        "update Dashboard dashboard",
    ),
    # As many in each zone, or no more: callers are sent to their own zone, or to any.
    might=(
        f"update {ROOM}",
        "update Service *",
        OVER_ALL,
        *alarms("create", "app-APP-hosts-*"),
        *alarms("update", "app-APP-hosts-*"),
    ),
)


def _descheduler(verb: str) -> tuple[str, ...]:
    kinds = ("Namespace", "Release", "PodDisruptionBudget")
    own = tuple(f"{verb} {kind} autoscaling-descheduler" for kind in kinds)
    return (*own, *alarms("update", "system-pending"))


def has_descheduler(config: Config) -> bool:
    """Whether the descheduler is on."""
    return config.get("ha-eks:autoscaling", {}).get("descheduler", True)


def descheduler_off(config: Config) -> None:
    """The descheduler goes."""
    config.setdefault("ha-eks:autoscaling", {})["descheduler"] = False


DESCHEDULER_OFF = Edit(
    name="the descheduler off",
    change=descheduler_off,
    fits=has_descheduler,
    may=_descheduler("delete"),
    might=(f"update {ROOM}", *of_images("delete")),
)


def has_no_descheduler(config: Config) -> bool:
    """Whether the descheduler is off."""
    return not has_descheduler(config)


def descheduler_on(config: Config) -> None:
    """The descheduler comes."""
    config.setdefault("ha-eks:autoscaling", {})["descheduler"] = True


DESCHEDULER_ON = Edit(
    name="the descheduler on",
    change=descheduler_on,
    fits=has_no_descheduler,
    may=_descheduler("create"),
    might=(f"update {ROOM}", *of_images("create")),
)

_QUERY = "edited"
"""Name of a query that nobody else has."""
_KEDA = ("Namespace", "Role", "RolePolicy", "PodIdentityAssociation", "Release")


def _for_queries(verb: str, back: str) -> tuple[str, ...]:
    """What comes or goes with the first query, and instead of an autoscaler."""
    return (
        f"{verb} Workspace queries",
        f"{verb} Scraper queries",
        *(f"{verb} {type_} queries-keda" for type_ in _KEDA),
        f"{verb} TriggerAuthentication APP",
        f"{verb} ScaledObject APP",
        "update NetworkPolicy APP",
        *alarms("update", "system-pending"),
        f"{back} HorizontalPodAutoscaler APP",
    )


def takes_query(config: Config) -> bool:
    """Whether no app follows a query yet, and whoever asks Prometheus would reach it."""
    return config["ha-eks:network"].get("nat") != "none" and not any(
        app.get("scaling", {}).get("prometheus") for app in config["ha-eks:apps"].values()
    )


def query(config: Config) -> None:
    """The app at "/" scales on a metric of its own, as well as on CPU."""
    app = app_at_root(config)
    app["metrics"] = {}
    app.setdefault("scaling", {})["prometheus"] = {
        _QUERY: {"query": "sum(rate(http_requests_total[2m]))", "targetPerPod": 50.5}
    }


QUERY = Edit(
    name="an app that scales on a query",
    change=query,
    fits=takes_query,
    may=_for_queries("create", "delete"),
    might=("update Deployment overprovisioner-*", *of_images("create")),
)


def follows_query(config: Config) -> bool:
    """Whether the app at "/" follows that query."""
    return _QUERY in app_at_root(config).get("scaling", {}).get("prometheus", {})


def query_gone(config: Config) -> None:
    """That query goes, and with it all that answered."""
    app = app_at_root(config)
    del app["metrics"], app["scaling"]["prometheus"]


QUERY_GONE = Edit(
    name="that query gone",
    change=query_gone,
    fits=follows_query,
    may=_for_queries("delete", "create"),
    might=("update Deployment overprovisioner-*", *of_images("delete")),
)
