"""Rules for apps: ports, references to other keys, environment, mounts and exposed paths."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from settings.app.container import MAX_FILE_BYTES
from settings.app.keys import app_key
from settings.reading.problem import Problem
from settings.stack import NAMESPACE, Settings

_SYSTEM_PATHS = ("/dev", "/proc", "/sys")
"""Paths at which the container runtime mounts file systems of the kernel."""
_SHARED_MEMORY = "/dev/shm"
"""Path of shared memory, whose default of 64 MiB a scratch directory can replace."""

_TELEMETRY_VARIABLE = re.compile(r"(?<!\$)\$\(((?:OTEL|TELEMETRY)_\w+)\)")


def _ports(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        used = {app.port: "port"}
        for port_name, port in app.other_ports.items():
            if port in used:
                yield Problem(
                    key=app_key(name, f"otherPorts.{port_name}"),
                    message=f"has the same value as {used[port]}; write another port number",
                )
            used.setdefault(port, f"otherPorts.{port_name}")


def _references(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools
    for name, app in settings.apps.items():
        others = sorted({*settings.apps} - {name})
        if app.near is not None and app.near not in others:
            yield Problem(key=app_key(name, "near"), message=_another_app(others, "near"))
        for index, other in enumerate(app.talks_to):
            if other not in others:
                message = _another_app(others, "talksTo")
                yield Problem(key=app_key(name, f"talksTo[{index}]"), message=message)
        if app.pool is not None and app.pool not in pools:
            yield Problem(
                key=app_key(name, "pool"),
                message=f"must be the name of a pool: {', '.join(sorted(pools))}",
            )


def _another_app(others: Sequence[str], field: str) -> str:
    """Returns the message for a field that is not the name of another app."""
    if not others:
        return f"there is no other app; remove {field}"
    return f"must be the name of another app: {', '.join(others)}"


def _circular_near(settings: Settings) -> Iterator[Problem]:
    apps, reported = settings.apps, set[str]()
    for name in apps:
        path = [name]
        while (near := apps[path[-1]].near) and near in apps and near not in path:
            path.append(near)
        if near == name and len(path) > 1 and not reported & {*path}:
            reported.update(path)
            circle = ", ".join(f"{one} is near {other}" for one, other in pairwise([*path, name]))
            yield Problem(
                key=app_key(name, "near"),
                message=f"the preference is circular: {circle}; remove near from one of these apps",
            )


def _environment(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        for variable in sorted({*app.env} & {*app.secret_env}):
            yield Problem(
                key=app_key(name, f"secretEnv.{variable}"),
                message="env has a variable of the same name; remove one of the two",
            )


def _telemetry_variables(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each reference to a variable that only traced apps have.

    Kubernetes leaves a reference to an unknown variable unchanged.
    """
    for name, app in settings.apps.items():
        if app.traced:
            continue
        defined = {*app.env, *app.secret_env}
        for field, words in (("command", app.command), ("args", app.args)):
            for index, word in enumerate(words):
                for variable in sorted({*_TELEMETRY_VARIABLE.findall(word)} - defined)[:1]:
                    yield Problem(
                        key=app_key(name, f"{field}[{index}]"),
                        message=f"only a traced app has the variable {variable}; write traced: "
                        "true, or remove the reference",
                    )


def _mounts(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.apps.items():
        volume = [("volume.path", app.volume.path)] if app.volume else []
        mounts = [
            *((f"scratch.{path}", path) for path in app.scratch),
            *((f"files.{path}", path) for path in app.files),
            *volume,
        ]
        mounted: dict[str, str] = {}
        for field, path in mounts:
            system = [root for root in _SYSTEM_PATHS if f"{path}/".startswith(f"{root}/")]
            if system and path != _SHARED_MEMORY:
                message = f"the kernel provides {system[0]}; write a path outside of it"
                yield Problem(key=app_key(name, field), message=message)
            parents = [file for file in app.files if path.startswith(f"{file}/")]
            if path in mounted:
                message = f"{mounted[path]} has the same path; write another path"
                yield Problem(key=app_key(name, field), message=message)
            elif parents:
                message = f"the path is below the file files.{parents[0]}; write another path"
                yield Problem(key=app_key(name, field), message=message)
            mounted.setdefault(path, field)
        size = sum(len(text.encode()) for text in app.files.values())
        if size > MAX_FILE_BYTES:
            yield Problem(
                key=app_key(name, "files"),
                message=f"must have at most {MAX_FILE_BYTES:,} bytes in all, but has {size:,}; put "
                "large files into the image",
            )


def _exposed_paths(settings: Settings) -> Iterator[Problem]:
    apps_by_path: dict[str, str] = {}
    distinct = True
    for name, app in settings.apps.items():
        if app.expose is None:
            continue
        path = app.expose.path
        nested = [other for other in apps_by_path if path != "/" != other and _nest(path, other)]
        if path in apps_by_path:
            distinct = False
            message = f"app {apps_by_path[path]} has the same path; write another path"
            yield Problem(key=app_key(name, "expose.path"), message=message)
        elif nested:
            distinct, other = False, nested[0]
            yield Problem(
                key=app_key(name, "expose.path"),
                message=f"must not be above or below {other}, the path of app "
                f"{apps_by_path[other]}; write another path",
            )
        apps_by_path.setdefault(path, name)
    if "/" not in apps_by_path:
        yield Problem(
            key=f"{NAMESPACE}:apps",
            message="one app must receive all requests that match no other path; write expose: "
            '{path: "/"} for this app',
        )
    elif distinct:
        yield from _health_check_paths(settings, apps_by_path)


def _health_check_paths(settings: Settings, apps_by_path: dict[str, str]) -> Iterator[Problem]:
    """Yields a problem for each health check path that the load balancer sends to another app."""
    for name in settings.health_check_apps:
        readiness = settings.apps[name].probes.readiness.path
        if readiness is None:
            continue
        matches = [path for path in apps_by_path if _contains(path, readiness)]
        receiver = apps_by_path[max(matches, key=len)] if matches else name
        if receiver != name:
            yield Problem(
                key=app_key(name, "probes.readiness.path"),
                message="Route 53 checks the health of the cell at this path, but the load "
                f"balancer sends the path to app {receiver}; write a path that the load balancer "
                f"sends to app {name}",
            )


def _nest(one: str, other: str) -> bool:
    """True if two URL paths are equal, or one is below the other."""
    return _contains(one, other) or _contains(other, one)


def _contains(path: str, request: str) -> bool:
    """True if the URL path of a request is a path or below the path."""
    return f"{request}/".startswith(f"{path.rstrip('/')}/")


RULES = (
    _ports, _references, _circular_near, _environment, _telemetry_variables, _mounts,
    _exposed_paths,
)  # fmt: skip
