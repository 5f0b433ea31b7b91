"""Random apps, workers, singletons and cron jobs, and what connects them."""

from hypothesis import strategies as st

from tests.stacks.random_stacks.app import app_of
from tests.stacks.random_stacks.containers import further
from tests.stacks.random_stacks.drawing import (
    Config,
    Draw,
    keys_of,
    maybe,
    some,
)
from tests.stacks.random_stacks.pod import with_pod_keys

_APPS = [
    "web",
    "lb",
    "cluster",
    "nodes",
    "logs",
    "log-key",
    "prometheus",
    "network",
    "a",
    "x-b",
    "gp3",
    "a" * 20,
]
"""App names; some are also names of components, which is allowed."""
_SCHEDULES = ["*/5 * * * *", "30 4 * * 1-5", "0 0 1 * *", "@hourly", "@weekly", "0 0 29 FEB ?"]
_ROUTES = st.lists(
    st.sampled_from([
        {"host": "www.example.com"}, {"host": "www.example.com", "path": "/api"},
        {"host": "*.example.org", "path": "/a", "exact": True}, {"host": "x.app.example.com"},
        {"host": "app.example.com", "path": "/only"},
    ]), unique_by=str, max_size=4,
)  # fmt: skip
"""Routes for hosts."""


def apps_of(draw: Draw, pools: Config, zones: int, region: str) -> Config:
    names = draw(some(_APPS, 1, 3))
    apps = {name: app_of(draw, pools, zones, region) for name in names}
    if len(names) > 1:
        maybe(draw, apps[names[0]], near=st.sampled_from(names[1:]))
        for name in names:
            maybe(draw, apps[name], talksTo=some([other for other in names if other != name]))
    paths = ["/", "/api/v2", f"/{'x' * 93}"]
    for name, path in zip(names, paths, strict=False):
        if path == "/" or draw(st.booleans()):
            keep_alive = st.integers(60, 90)
            routes: list[Config] = draw(_ROUTES) if path == "/api/v2" else []
            every_host = [{"path": path}] if draw(st.booleans()) else []
            own: Config = {"routes": [*every_host, *routes]} if routes else {"path": path}
            apps[name]["expose"] = maybe(
                draw, own, keepAliveSeconds=keep_alive,
                slowStartSeconds=st.integers(30, 900), algorithm=st.just("roundRobin"),
                stickySeconds=st.integers(1, 604_800),
                sourceRanges=some(["203.0.113.0/24", "2001:db8::/32"], 1),
                healthCheck=keys_of({}, {
                    "codes": st.just("200,204-299"), "path": st.just("/check"),
                    "port": st.just("app"),
                }),
                deregistrationSeconds=st.integers(5, 25), dnsHealthPath=st.just("/dns"),
                protocol=st.sampled_from(["http1", "http1", "http1", "http2"]),
                objective=keys_of({}, optional={
                    "errorPercent": st.sampled_from([0.1, 1, 99]),
                    "p99Milliseconds": st.integers(1, 1000),
                }),
            )  # fmt: skip
            if draw(st.integers(0, 4)) > 2:
                apps[name]["expose"]["internal"] = True
            if draw(st.integers(0, 4)) > 2:
                other = {"path": path, "internal": not apps[name]["expose"].get("internal", False)}
                apps[name]["expose"].pop("path", None)
                apps[name]["expose"]["routes"] = [*routes, {"path": path}, other]
            readiness = {"path": f"{path.rstrip('/')}/ready"}
            apps[name].setdefault("probes", {})["readiness"] = readiness
    return dict(draw(st.permutations([*apps.items()])))


def kinds_of(draw: Draw, apps: Config) -> Config:
    """Returns the sections of the stack file: some apps without expose become workers, and any app
    can become a singleton."""
    sections: Config = {"apps": {}, "workers": {}, "singletons": {}}
    for name, app in apps.items():
        kinds = ["apps", "singletons", "apps" if "expose" in app else "workers"]
        kind = draw(st.sampled_from(kinds))
        sections[kind][name] = app
        removed = {
            "apps": (),
            "workers": ("port", "prefersSameZone"),
            "singletons": ("replicas", "scaling", "spread", "peers", "prefersSameZone"),
        }
        for key in removed[kind]:
            app.pop(key, None)
        if kind == "workers":
            app["longestJobSeconds"] = app.pop("longestRequestSeconds")
            if not {"command"} >= {*app.get("probes", {}).get("readiness", {})}:
                app.pop("probes")
        if kind == "singletons":
            _singleton(draw, app)
        elif ports := [*app.get("otherPorts", {})]:
            maybe(draw, app, peers=keys_of({"ports": some(ports, 1)}))
    for app in apps.values():
        served = [other for other in app.get("talksTo", []) if other not in sections["workers"]]
        app.update({"talksTo": served} if "talksTo" in app else {})
        further(draw, app)
    _migrations(draw, apps)
    _shared_volumes(draw, apps)
    return {kind: named for kind, named in sections.items() if named}


def _migrations(draw: Draw, workloads: Config) -> None:
    """Adds migrations to some workloads, for which some of the others wait."""
    migrated = draw(some([*workloads], 0, 2))
    for name in migrated:
        migration = draw(st.sampled_from([{"command": ["/migrate"]}, {"args": ["", "all"]}]))
        timing = {"deadlineSeconds": st.integers(1, 86400), "retries": st.integers(0, 20)}
        workloads[name]["migration"] = maybe(draw, {**migration}, **timing)
    for name in [each for each in workloads if migrated and each not in migrated]:
        maybe(draw, workloads[name], migratedBy=st.sampled_from(migrated))


def _shared_volumes(draw: Draw, workloads: Config) -> None:
    """Adds shared volumes to some workloads: new, existing, and those of other workloads."""
    owners = draw(some([*workloads], 0, 2))
    for name in owners:
        volume: Config = {"path": "/srv/shared"}
        if draw(st.booleans()):
            volume["fileSystem"] = "fs-0123456789abcdef0"
        else:
            maybe(draw, volume, backups=st.booleans(), deletionProtection=st.booleans())
        workloads[name]["sharedVolume"] = volume
    for name in [each for each in workloads if owners and each not in owners]:
        owner = draw(st.sampled_from(owners))
        maybe(draw, workloads[name], sharedVolume=st.just({"path": "/mnt/a", "of": owner}))


def cron_jobs_of(draw: Draw, pools: Config, kinds: Config, region: str) -> Config:
    """Returns cron jobs in pools that apps can run in too, which call apps."""
    pool = [name for name, each in pools.items() if each.get("taints")]
    return {
        name: further(draw, maybe(
            draw,
            with_pod_keys(draw, {
                "image": "example.com/job:1.0",
                "requests": {"cpu": "50m", "memory": "64Mi"},
                "schedule": draw(st.sampled_from(_SCHEDULES)),
            }, region),
            timeZone=st.sampled_from(["Etc/UTC", "Europe/Berlin"]),
            concurrencyPolicy=st.sampled_from(["allow", "forbid", "replace"]),
            startingDeadlineSeconds=st.integers(10, 86400),
            deadlineSeconds=st.integers(1, 86400), retries=st.integers(0, 20),
            shutdownSeconds=st.integers(1, 95),
            history=keys_of({}, optional={
                "successful": st.integers(0, 100), "failed": st.integers(0, 100),
            }),
            talksTo=some([*kinds["apps"]], 0, 2) if "apps" in kinds else st.just([]),
            **({"pool": st.sampled_from(pool)} if pool else {}),
        ))
        for name in draw(some(["nightly", "j" * 20, "alarms"], 0, 2))
    }  # fmt: skip


def _singleton(draw: Draw, app: Config) -> None:
    """Adds a volume to some singletons, and removes what an exposed one cannot have."""
    if "expose" in app:
        app.pop("critical", None)
    volume = {"path": "/var/lib/a", "size": draw(st.sampled_from(["1Gi", "512Mi"]))}
    volumes = st.just(maybe(draw, volume, deletionProtection=st.booleans()))
    maybe(draw, app, volume=volumes)
