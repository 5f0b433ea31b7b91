"""Edits of which apps there are, and of their images."""

from rehearsal.edits.edit import Config, Edit
from rehearsal.edits.room import ROOM


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


NEW_APP = Edit(
    name="a new app, exposed",
    change=new_app,
    may=(
        "create TargetGroup lb-extra",
        "create ListenerRule lb-extra",
        "create SecurityGroup*Rule lb-*-pods-8080",
        "create * extra",
    ),
    might=(
        "update Record traffic",
        "create * autoscaling-headroom-extra-*",
        f"update {ROOM}",
    ),
)


def app_gone(config: Config) -> None:
    """The app `extra` goes."""
    del config["ha-eks:apps"]["extra"]


APP_GONE = Edit(
    name="that app gone",
    change=app_gone,
    may=(
        "delete TargetGroup lb-extra",
        "delete ListenerRule lb-extra",
        "delete SecurityGroup*Rule lb-*-pods-8080",
        "delete * extra",
    ),
    might=(
        "update Record traffic",
        "delete * autoscaling-headroom-extra-*",
        f"update {ROOM}",
    ),
)
