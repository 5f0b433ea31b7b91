"""Edits of which apps there are, of their images, files and volumes, and of whom they talk to."""

from tools.rehearsal.edits.alarm_operations import OVER_ALL, alarms
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.headroom import ROOM


def main_app(config: Config) -> str:
    """Name of the app at "/", which edits are made to."""
    apps: Config = config["ha-eks:apps"]
    return next(
        name
        for name, app in apps.items()
        if app.get("expose") is not None and app["expose"].get("path", "/") == "/"
    )


def app_at_root(config: Config) -> Config:
    """The app at "/"."""
    return config["ha-eks:apps"][main_app(config)]


def image(config: Config) -> None:
    """Another image of the app at "/"."""
    app = app_at_root(config)
    image = app["image"].partition("@")[0]
    app["image"] = f"{image}-edited" if ":" in image else f"{image}:edited"


IMAGE = Edit(name="a new image", change=image, may=("update Deployment APP",))


def new_app(config: Config) -> None:
    """A small app `extra` on a path and a port of its own."""
    config["ha-eks:apps"]["extra"] = {
        **app_at_root(config),
        "port": 8080,
        "expose": {"path": "/extra"},
        "requests": {"cpu": "50m", "memory": "32Mi"},
        "replicas": {"needed": 1, "max": 6},
    }


_CALLED = ("update NetworkPolicy *", "update Service *")
"""Of apps that it talks to: they let it in, and may send it to another zone."""

NEW_APP = Edit(
    name="a new app, exposed",
    change=new_app,
    may=(
        "create TargetGroup lb-extra",
        "create ListenerRule lb-extra",
        "create SecurityGroup*Rule lb-*-pods-8080",
        "create * extra",
        *alarms("create", "app-extra-*"),
        OVER_ALL,
        "update Dashboard dashboard",
        "update QueryDefinition dashboard-ready-pods-by-zone",
    ),
    might=(
        *_CALLED,
        "update Record traffic",
        "update Group tracing",
        "create * overprovisioner-extra-*",
        *alarms("create", "headroom-extra"),
        f"update {ROOM}",
    ),
)


def unexposed(config: Config) -> None:
    """The load balancer sends the app `extra` nothing more."""
    del config["ha-eks:apps"]["extra"]["expose"]


UNEXPOSED = Edit(
    name="that app no longer exposed",
    change=unexposed,
    may=(
        "delete TargetGroupBinding extra",
        "delete TargetGroup lb-extra",
        "delete ListenerRule lb-extra",
        "delete SecurityGroup*Rule lb-*-pods-8080",
        "update Deployment extra",
        "update NetworkPolicy extra",
        "update Namespace extra",
        *alarms("delete", "app-extra-*"),
        OVER_ALL,
    ),
    might=("update Record traffic",),
)


def app_gone(config: Config) -> None:
    """The app `extra` goes."""
    del config["ha-eks:apps"]["extra"]


APP_GONE = Edit(
    name="that app gone",
    change=app_gone,
    may=(
        "delete * extra",
        *alarms("delete", "app-extra-*"),
        OVER_ALL,
    ),
    might=(
        *_CALLED,
        "update Group tracing",
        "delete * overprovisioner-extra-*",
        *alarms("delete", "headroom-extra"),
        f"update {ROOM}",
    ),
)


_KEPT = "kept"
"""Name of an app that keeps a volume."""


def a_file(config: Config) -> None:
    """The app at "/" reads a file."""
    app_at_root(config)["files"] = {"/etc/edited/edited.conf": "edited = once\n"}


A_FILE = Edit(
    name="an app that reads a file",
    change=a_file,
    may=("create ConfigMap APP-*", "update Deployment APP"),
)


def other_text(config: Config) -> None:
    """That file has another text."""
    app_at_root(config)["files"] = {"/etc/edited/edited.conf": "edited = twice\n"}


OTHER_TEXT = Edit(
    name="another text of that file",
    change=other_text,
    may=("create ConfigMap APP-*", "update Deployment APP", "delete ConfigMap APP-*"),
)


def volume(config: Config) -> None:
    """A small app `kept` that keeps a volume."""
    app = app_at_root(config)
    config["ha-eks:apps"][_KEPT] = {
        "image": app["image"],
        "port": 8081,
        "requests": {"cpu": "50m", "memory": "32Mi"},
        "replicas": {"needed": 1, "min": 1, "max": 1},
        "volume": {"path": "/kept", "size": "1Gi"},
    }


VOLUME = Edit(
    name="an app that keeps a volume",
    change=volume,
    may=(
        "create PersistentVolumeClaim kept",
        "create * kept",
        *alarms("create", "app-kept-pending"),
        OVER_ALL,
    ),
    might=(f"update {ROOM}",),
)


def talks(config: Config) -> None:
    """The app at "/" talks to that app."""
    app = app_at_root(config)
    app["talksTo"] = [*app.get("talksTo", []), _KEPT]


TALKS = Edit(
    name="an app that talks to that one",
    change=talks,
    may=("update NetworkPolicy APP", "update NetworkPolicy kept"),
    might=("update Service kept",),
)


def rights(config: Config) -> None:
    """The app at "/" may do something in AWS."""
    app_at_root(config)["policies"] = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]


RIGHTS = Edit(
    name="an app with rights in AWS",
    change=rights,
    may=(
        "create Role APP",
        "create RolePolicyAttachment APP*",
        "create PodIdentityAssociation APP",
        "update NetworkPolicy APP",
        "update Deployment APP",
    ),
)


def unprotected(config: Config) -> None:
    """Volumes may be deleted, as docs/teardown.md has people say first."""
    for app in config["ha-eks:apps"].values():
        if "volume" in app:
            app["volume"]["deletionProtection"] = False
