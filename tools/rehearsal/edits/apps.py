"""Edits of apps: new and removed apps, images, files, volumes, calls between apps, permissions."""

from tools.rehearsal.edits.alarm_operations import (
    UPDATE_COMPOSITE_ALARMS,
    UPDATE_PRACTICE_RUNS,
    metric_alarms,
)
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.headroom import OVERPROVISIONER


def main_app(config: Config) -> str:
    """Returns the name of the main app, which is exposed at the path "/"."""
    apps: Config = config["ha-eks:apps"]
    return next(
        name
        for name, app in apps.items()
        if app.get("expose") is not None and app["expose"].get("path", "/") == "/"
    )


def main_app_section(config: Config) -> Config:
    """Returns the section of the main app."""
    return config["ha-eks:apps"][main_app(config)]


def change_image(config: Config) -> None:
    """Changes the tag of the main app's image."""
    app = main_app_section(config)
    image = app["image"].partition("@")[0]
    app["image"] = f"{image}-edited" if ":" in image else f"{image}:edited"


CHANGE_IMAGE = Edit(
    name="change the image of an app", change=change_image, expected=("update Deployment APP",)
)


def add_app(config: Config) -> None:
    """Adds a small app `extra`, exposed at another path and port than the other apps."""
    config["ha-eks:apps"]["extra"] = {
        **main_app_section(config),
        "port": 8080,
        "expose": {"path": "/extra"},
        "requests": {"cpu": "50m", "memory": "32Mi"},
        "replicas": {"needed": 1, "max": 6},
    }


_CALLED_APPS = ("update NetworkPolicy *", "update Service *")
"""Updates of apps that the new app calls: they admit its traffic."""

ADD_APP = Edit(
    name="add an exposed app",
    change=add_app,
    expected=(
        "create TargetGroup lb-extra",
        "create ListenerRule lb-rule-*",
        "create SecurityGroup*Rule lb-*-pods-8080",
        "create * extra",
        *metric_alarms("create", "app-extra-*"),
        UPDATE_COMPOSITE_ALARMS,
        "update Dashboard dashboard",
        "update QueryDefinition dashboard-ready-pods-by-zone",
    ),
    optional=(
        *_CALLED_APPS,
        *UPDATE_PRACTICE_RUNS,
        "update Record traffic",
        "update Group tracing",
        "create * overprovisioner-extra-*",
        *metric_alarms("create", "headroom-extra"),
        f"update {OVERPROVISIONER}",
    ),
)


def stop_exposing_app(config: Config) -> None:
    """Removes the app `extra` from the load balancer."""
    del config["ha-eks:apps"]["extra"]["expose"]


STOP_EXPOSING_APP = Edit(
    name="stop exposing the new app",
    change=stop_exposing_app,
    expected=(
        "delete TargetGroupBinding extra",
        "delete TargetGroup lb-extra",
        "delete ListenerRule lb-rule-*",
        "delete SecurityGroup*Rule lb-*-pods-8080",
        "update Deployment extra",
        "update NetworkPolicy extra",
        "update Namespace extra",
        *metric_alarms("delete", "app-extra-*"),
        UPDATE_COMPOSITE_ALARMS,
    ),
    # A rollout takes less time without a load balancer.
    optional=(
        "update Record traffic",
        *UPDATE_PRACTICE_RUNS,
        *metric_alarms("update", "app-extra-not-ready"),
    ),
)


def remove_app(config: Config) -> None:
    """Removes the app `extra`."""
    del config["ha-eks:apps"]["extra"]


REMOVE_APP = Edit(
    name="remove the new app",
    change=remove_app,
    expected=(
        "delete * extra",
        *metric_alarms("delete", "app-extra-*"),
        UPDATE_COMPOSITE_ALARMS,
    ),
    optional=(
        *_CALLED_APPS,
        "update Group tracing",
        "delete * overprovisioner-extra-*",
        *metric_alarms("delete", "headroom-extra"),
        f"update {OVERPROVISIONER}",
    ),
)


def add_file(config: Config) -> None:
    """Adds a file to the main app."""
    main_app_section(config)["files"] = {"/etc/edited/edited.conf": "edited = once\n"}


ADD_FILE = Edit(
    name="add a file to an app",
    change=add_file,
    expected=("create ConfigMap APP-*", "update Deployment APP"),
)


def change_file(config: Config) -> None:
    """Changes the content of the file."""
    main_app_section(config)["files"] = {"/etc/edited/edited.conf": "edited = twice\n"}


CHANGE_FILE = Edit(
    name="change the content of the file",
    change=change_file,
    expected=("create ConfigMap APP-*", "update Deployment APP", "delete ConfigMap APP-*"),
)


def add_singleton_with_volume(config: Config) -> None:
    """Adds a small singleton `stateful` with a volume."""
    config.setdefault("ha-eks:singletons", {})["stateful"] = {
        "image": main_app_section(config)["image"],
        "port": 8081,
        "requests": {"cpu": "50m", "memory": "32Mi"},
        "volume": {"path": "/data", "size": "1Gi"},
    }


ADD_SINGLETON_WITH_VOLUME = Edit(
    name="add a singleton with a volume",
    change=add_singleton_with_volume,
    expected=(
        "create PersistentVolumeClaim stateful",
        "create * stateful",
        *metric_alarms("create", "app-stateful-pending", "app-stateful-*ready"),
        UPDATE_COMPOSITE_ALARMS,
    ),
    optional=(f"update {OVERPROVISIONER}",),
)


def call_app(config: Config) -> None:
    """Adds the singleton `stateful` to the workloads that the main app calls."""
    app = main_app_section(config)
    app["talksTo"] = [*app.get("talksTo", []), "stateful"]


CALL_APP = Edit(
    name="let an app call the singleton with the volume",
    change=call_app,
    expected=("update NetworkPolicy APP", "update NetworkPolicy stateful"),
    optional=("update Service stateful",),
)


def add_iam_policy(config: Config) -> None:
    """Adds an IAM policy to the main app."""
    main_app_section(config)["policies"] = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]


ADD_IAM_POLICY = Edit(
    name="add an IAM policy to an app",
    change=add_iam_policy,
    expected=(
        "create Role APP",
        "create RolePolicyAttachment APP*",
        "create PodIdentityAssociation APP",
        "update NetworkPolicy APP",
        "update Deployment APP",
    ),
)
