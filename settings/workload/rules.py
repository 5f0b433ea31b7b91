"""Rules for all workloads: names, ports, references to other keys, and mounts."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from settings.reading.names import MAIN_PORT
from settings.reading.problem import Problem
from settings.reading.quantities import mebibytes
from settings.stack import NAMESPACE, Settings
from settings.workload.aws_secrets import directory_of
from settings.workload.container import MAX_FILE_BYTES

_SYSTEM_PATHS = ("/dev", "/proc", "/sys")
"""Paths at which the container runtime mounts file systems of the kernel."""
_SHARED_MEMORY = "/dev/shm"
"""Path of shared memory, whose default of 64 MiB a scratch directory can replace."""


def _unique_names(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each name of two kinds: its namespace can belong to one only."""
    first: dict[str, str] = {}
    for kind, names in settings.names_by_kind.items():
        for name in names:
            if name in first:
                yield Problem(
                    key=f"{NAMESPACE}:{kind}.{name}",
                    message=f"{first[name]} has the same name, which is also the name of the "
                    "namespace; write another name",
                )
            first.setdefault(name, f"{NAMESPACE}:{kind}.{name}")


def _names_of_objects(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each workload with the name of another workload's object: Pulumi
    registers both as one resource."""
    services = {f"{n}-peers": n for n, each in settings.replicated.items() if each.peers}
    claims = {f"{name}-shared": name for name in settings.sharing}
    with_volume = {name for name, each in settings.singletons.items() if each.volume}
    for objects, names, noun in (
        (services, {*settings.served}, "Service of the peers"),
        (claims, with_volume, "claim of the shared volume"),
    ):
        for name in sorted(names & {*objects}):
            yield Problem(
                key=settings.key_of(name),
                message=f"the {noun} of {objects[name]} has the same name; write another name",
            )


def _ports(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.deployments.items():
        main = app.ports.get(MAIN_PORT)
        used = {} if main is None else {main: "port"}
        for port_name, port in app.other_ports.items():
            if port in used:
                yield Problem(
                    key=settings.key_of(name, f"otherPorts.{port_name}"),
                    message=f"has the same value as {used[port]}; write another port number",
                )
            used.setdefault(port, f"otherPorts.{port_name}")


def _references(settings: Settings) -> Iterator[Problem]:
    pools = settings.pools
    for name, app in settings.deployments.items():
        others = sorted({*settings.deployments} - {name})
        if app.near is not None and app.near not in others:
            message = _another(others, "workload", "near")
            yield Problem(key=settings.key_of(name, "near"), message=message)
    for name, app in settings.workloads.items():
        served = sorted({*settings.served} - {name})
        for index, other in enumerate(app.talks_to):
            if other not in served:
                message = _another(served, "app or singleton with a port", "talksTo")
                if other == name and name in settings.replicated:
                    message = "pods of one workload connect by peers; write peers, and remove this"
                yield Problem(key=settings.key_of(name, f"talksTo[{index}]"), message=message)
        if app.pool is not None and app.pool not in pools:
            yield Problem(
                key=settings.key_of(name, "pool"),
                message=f"must be the name of a pool: {', '.join(sorted(pools))}",
            )


def _another(others: Sequence[str], noun: str, field: str) -> str:
    """Returns the message for a field that is not the name of another workload."""
    if not others:
        return f"there is no other {noun}; remove {field}"
    return f"must be the name of another {noun}: {', '.join(others)}"


def _circular_near(settings: Settings) -> Iterator[Problem]:
    apps, reported = settings.deployments, set[str]()
    for name in apps:
        path = [name]
        while (near := apps[path[-1]].near) and near in apps and near not in path:
            path.append(near)
        if near == name and len(path) > 1 and not reported & {*path}:
            reported.update(path)
            circle = ", ".join(f"{one} is near {other}" for one, other in pairwise([*path, name]))
            yield Problem(
                key=settings.key_of(name, "near"),
                message=f"the preference is circular: {circle}; remove near from one of them",
            )


def _mounts(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.workloads.items():
        singleton = settings.singletons.get(name)
        volume = singleton.volume if singleton else None
        secrets = sorted({directory_of(path) for path in app.aws_secrets})
        mounts = [
            *((f"scratch.{path}", path) for path in app.scratch),
            *((f"memoryScratch.{path}", path) for path in app.memory_scratch),
            *((f"files.{path}", path) for path in app.files),
            *((f"secretFiles.{path}", path) for path in app.secret_files),
            *([("volume.path", volume.path)] if volume else []),
            *([("sharedVolume.path", shared.path)] if (shared := app.shared_volume) else []),
            *(("awsSecrets", path) for path in secrets if path),
        ]
        mounted: dict[str, str] = {}
        for field, path in mounts:
            system = [root for root in _SYSTEM_PATHS if f"{path}/".startswith(f"{root}/")]
            if system and path != _SHARED_MEMORY:
                message = f"the kernel provides {system[0]}; write a path outside of it"
                yield Problem(key=settings.key_of(name, field), message=message)
            parents = [
                *(f"the file files.{each}" for each in app.files if path.startswith(f"{each}/")),
                *(
                    f"secretFiles.{each}, which is read-only"
                    for each in app.secret_files
                    if path.startswith(f"{each}/")
                ),
                *(
                    f"{each} of awsSecrets, which is read-only"
                    for each in secrets
                    if each and path.startswith(f"{each}/")
                ),
            ]
            if path in mounted:
                message = f"{mounted[path]} has the same path; write another path"
                yield Problem(key=settings.key_of(name, field), message=message)
            elif parents:
                message = f"the path is below {parents[0]}; write another path"
                yield Problem(key=settings.key_of(name, field), message=message)
            mounted.setdefault(path, field)
        size = sum(len(text.encode()) for text in app.files.values())
        if size > MAX_FILE_BYTES:
            yield Problem(
                key=settings.key_of(name, "files"),
                message=f"must have at most {MAX_FILE_BYTES:,} bytes in all, but has {size:,}; put "
                "large files into the image",
            )


def _memory_scratch(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.workloads.items():
        size = sum(map(mebibytes, app.memory_scratch.values()))
        if size >= mebibytes(app.requests.memory):
            yield Problem(
                key=settings.key_of(name, "memoryScratch"),
                message=f"must be less than requests.memory, {app.requests.memory}, in all, but "
                f"has {size}Mi: full directories leave the program no memory, and it is killed; "
                "raise requests.memory",
            )


def _storage_limit(settings: Settings) -> Iterator[Problem]:
    for name, app in settings.workloads.items():
        limit, request = app.limits.ephemeral_storage, app.ephemeral_storage
        if limit and mebibytes(limit) < request:
            written = app.requests.ephemeral_storage
            source = "requests.ephemeralStorage" if written else "scratch and 64Mi for logs"
            yield Problem(
                key=settings.key_of(name, "limits.ephemeralStorage"),
                message=f"{limit} is less than the request, {written or f'{request}Mi'} ({source});"
                f" write at least {written or f'{request}Mi'}, or no limit",
            )


RULES = (
    _unique_names, _names_of_objects, _ports, _references, _circular_near, _mounts,
    _memory_scratch, _storage_limit,
)  # fmt: skip
