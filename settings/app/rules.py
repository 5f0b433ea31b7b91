"""Apps: what they refer to, what they are given, and what reaches them."""

import re
from collections.abc import Iterator
from itertools import pairwise

from settings.app.apps import App
from settings.app.container import MAX_FILE_BYTES
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_OF_TRACES = re.compile(r"(?<!\$)\$\(((?:OTEL|TELEMETRY)_\w+)\)")


def _apps(settings: Settings) -> Iterator[tuple[str, str, App]]:
    """Key, name and settings of each app."""
    for name, app in settings.apps.items():
        yield f"{NAMESPACE}:apps.{name}", name, app


def _ports(settings: Settings) -> Iterator[Problem]:
    for key, _, app in _apps(settings):
        taken = {app.port}
        for name, port in app.other_ports.items():
            if port in taken:
                yield Problem(
                    key=f"{key}.otherPorts.{name}",
                    value=port,
                    message="a port that the app has not named already",
                )
            taken.add(port)


def _references(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools
    for key, name, app in _apps(settings):
        others = sorted(set(settings.apps) - {name})
        another = f"another app: {', '.join(others) or 'there is none'}"
        if app.near is not None and app.near not in others:
            yield Problem(key=f"{key}.near", value=app.near, message=another)
        for index, other in enumerate(app.talks_to):
            if other not in others:
                yield Problem(key=f"{key}.talksTo[{index}]", value=other, message=another)
        if app.pool is not None and app.pool not in pools:
            message = f"a pool: {', '.join(sorted(pools))}"
            yield Problem(key=f"{key}.pool", value=app.pool, message=message)


def _near_in_circles(settings: Settings) -> Iterator[Problem]:
    apps, told = settings.apps, set[str]()
    for name in apps:
        way = [name]
        while (near := apps[way[-1]].near) and near in apps and near not in way:
            way.append(near)
        if near == name and len(way) > 1 and not told & {*way}:
            told.update(way)
            yield Problem(
                key=f"{NAMESPACE}:apps.{name}.near",
                value=apps[name].near,
                message="an app that is not near to it in turn: "
                + ", ".join(f"{one} is near {other}" for one, other in pairwise([*way, name])),
            )


def _environment(settings: Settings) -> Iterator[Problem]:
    for key, _, app in _apps(settings):
        for name in sorted({*app.env} & {*app.secret_env}):
            yield Problem(
                key=f"{key}.secretEnv.{name}",
                value=app.secret_env[name].secret,
                message="a name that env does not have as well",
            )


def _told_of_traces(settings: Settings) -> Iterator[Problem]:
    """Kubernetes leaves a reference to what is not there as it stands."""
    for key, _, app in _apps(settings):
        own = {*app.env, *app.secret_env}
        for field, words in (("command", app.command), ("args", app.args)):
            for index, word in enumerate(words):
                if not app.traced and {*_OF_TRACES.findall(word)} - own:
                    yield Problem(
                        key=f"{key}.{field}[{index}]",
                        value=word,
                        message="traced: true beside it, or no such variable: it is told to apps "
                        "that are traced",
                    )


def _mounts(settings: Settings) -> Iterator[Problem]:
    for key, _, app in _apps(settings):
        volume = [("volume.path", app.volume.path)] if app.volume else []
        mounts = [
            *((f"scratch.{path}", path) for path in app.scratch),
            *((f"files.{path}", path) for path in app.files),
            *volume,
        ]
        taken: dict[str, str] = {}
        for where, path in mounts:
            below = [file for file in app.files if path.startswith(f"{file}/")]
            if path in taken or below:
                yield Problem(
                    key=f"{key}.{where}",
                    value=path,
                    message=f"a path that {taken.get(path) or f'files.{below[0]}'} does not take",
                )
            taken.setdefault(path, where)
        size = sum(len(text.encode()) for text in app.files.values())
        if size > MAX_FILE_BYTES:
            yield Problem(
                key=f"{key}.files",
                value=f"{size} bytes",
                message=f"at most {MAX_FILE_BYTES} bytes in all: larger ones belong into the image",
            )


def _exposed(settings: Settings) -> Iterator[Problem]:
    paths: dict[str, str] = {}
    apart = True
    for key, name, app in _apps(settings):
        if app.expose is None:
            continue
        path = app.expose.path
        clash = [other for other in paths if path != "/" != other and _within(path, other)]
        if path in paths or clash:
            apart, other = False, path if path in paths else clash[0]
            yield Problem(
                key=f"{key}.expose.path",
                value=path,
                message=f"a path apart from {other}, which {paths[other]} has",
            )
        paths.setdefault(path, name)
    if "/" not in paths:
        yield Problem(
            key=f"{NAMESPACE}:apps",
            value=sorted(settings.apps),
            message='one app with expose: {path: "/"}: it gets what no other app does',
        )
    elif apart:
        yield from _asked_from_outside(settings, paths)


def _asked_from_outside(settings: Settings, paths: dict[str, str]) -> Iterator[Problem]:
    """Whoever decides on the cell's health is asked through the load balancer."""
    for name in settings.deciding:
        readiness = settings.apps[name].probes.readiness.path
        gets = [path for path in paths if readiness and _reaches(path, readiness)]
        answers = paths[max(gets, key=len)] if gets else name
        if readiness and answers != name:
            yield Problem(
                key=f"{NAMESPACE}:apps.{name}.probes.readiness.path",
                value=readiness,
                message=f"a path that the load balancer sends to {name}: the cell's health is "
                f"asked there from outside, and {answers} would answer",
            )


def _within(one: str, other: str) -> bool:
    """Whether one path is the other, or below it."""
    return _reaches(one, other) or _reaches(other, one)


def _reaches(path: str, request: str) -> bool:
    """Whether a request is one for a path, or for what is below it."""
    return f"{request}/".startswith(f"{path.rstrip('/')}/")


RULES = (
    _ports, _references, _near_in_circles, _environment, _told_of_traces, _mounts, _exposed,
)  # fmt: skip
