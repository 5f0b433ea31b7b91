"""Hypothesis strategies for stack files that use every key: valid ones, and ones with errors."""

import string
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from typing import Any, cast, get_args

from hypothesis import strategies as st

from core.facts.versions.add_ons import ADD_ON_NAMES
from core.facts.versions.kubernetes import KUBERNETES
from core.facts.vpc_endpoints import (
    NEEDED_FOR_QUERIES,
    NEEDED_FOR_QUEUES,
    NEEDED_FOR_SECRETS,
    NEEDED_FOR_TRACES,
    NEEDED_WITHOUT_NAT,
    Service,
)
from core.network.subnets import ZONE_LETTERS
from settings.cluster.cluster import LogType
from settings.images.images import Source
from settings.observability.retention import RetentionDays
from tests.stacks.random_containers import further
from tools.recording.made_up_outputs import digest

Config = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

_X86 = ["m7i.large", "m6i.large", "c7i.xlarge", "r7i.large", "t3.medium"]
_ARM = ["m7g.large", "c7g.xlarge", "r7g.large", "t4g.medium"]
_AMIS = {
    "AL2023_x86_64_STANDARD": _X86, "AL2023_ARM_64_STANDARD": _ARM,
    "BOTTLEROCKET_x86_64": _X86, "BOTTLEROCKET_ARM_64": _ARM,
}  # fmt: skip
_POOLS = ["general", "a", "spanning", "us-east-1a", "a-us-east-1a", "p" * 20, "role", "zz"]
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
_EFFECTS = ["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]
_SUBSCRIPTIONS = (
    {"protocol": "email", "endpoint": "oncall@example.com"},
    {"protocol": "https", "endpoint": "https://example.com/hook?key=1"},
    {"protocol": "sms", "endpoint": "+4930123456"},
    {"protocol": "sqs", "endpoint": "arn:aws:sqs:eu-west-1:123456789012:alarms"},
    {"protocol": "lambda", "endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:alarms"},
)


def _keys(required: Config, optional: Config) -> st.SearchStrategy[Config]:
    """Returns a strategy for dictionaries with strategies for their keys."""
    return st.fixed_dictionaries(required, optional=optional)


_WAIVER = _keys(
    {"rule": st.just("HA905"), "resource": st.just("*"), "reason": st.just("known")},
    {"expires": st.sampled_from(["2020-02-29", "2099-12-31"])},
)
_AUDIT = _keys(
    {},
    {
        "failOn": st.sampled_from(["error", "warning", "caution", "nothing"]),
        "waivers": st.lists(_WAIVER, max_size=2),
    },
)
_RETENTION = st.sampled_from(get_args(RetentionDays))
_ACCOUNTS = ("aws", "123456789012")
_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
_PORT = st.integers(1, 65535)
_ROUTES = st.lists(
    st.sampled_from([
        {"host": "www.example.com"}, {"host": "www.example.com", "path": "/api"},
        {"host": "*.example.org", "path": "/a", "exact": True}, {"host": "x.app.example.com"},
        {"host": "app.example.com", "path": "/only"},
    ]), unique_by=str, max_size=4,
)  # fmt: skip
"""Routes for hosts."""
_WORD = st.text(string.ascii_lowercase, min_size=1, max_size=8)


def _maybe(draw: Draw, section: Config, **values: st.SearchStrategy[Any]) -> Config:
    """Adds some of the values to a section and returns it."""
    for key, value in values.items():
        if draw(st.booleans()):
            section[key] = draw(value)
    return section


def _some(values: Sequence[Any], minimum: int = 0, maximum: int | None = None) -> Any:
    maximum = len(values) if maximum is None else min(maximum, len(values))
    return st.lists(st.sampled_from(values), min_size=minimum, max_size=maximum, unique=True)


def _arns(kind: str, minimum: int = 0) -> st.SearchStrategy[list[str]]:
    principals = [
        f"arn:aws:iam::123456789012:{each}/{kind}-{n}" for each in ("role", "user") for n in "ab"
    ]
    return _some(principals, minimum, 2)


@st.composite
def stacks(draw: Draw) -> Config:
    """Returns a stack file that is accepted in most cases.

    Most keys that depend on each other are drawn together; the settings refuse the other cases.
    """
    region = draw(st.sampled_from(["us-east-1", "us-east-1", "eu-west-1", "mx-central-1"]))
    zones = [f"{region}{letter}" for letter in draw(_some(ZONE_LETTERS, 2, 6))]
    pools = _pools(draw)
    apps = _apps(draw, pools, len(zones), region)
    kinds = _kinds(draw, apps)
    replicated = {**kinds.get("apps", {}), **kinds.get("workers", {})}
    version = draw(st.sampled_from([*KUBERNETES]))
    config: Config = {
        "aws:region": region,
        "ha-eks:network": _network(draw, region, zones),
        "ha-eks:cluster": _cluster(draw, version, sorted(apps)),
        "ha-eks:pools": pools,
        **{f"ha-eks:{kind}": named for kind, named in kinds.items()},
        "ha-eks:cronJobs": _cron_jobs(draw, pools, kinds),
    }
    certificate = f"arn:aws:acm:{region}:123456789012:certificate/0123-ab"
    balancing = _maybe(
        draw, {}, certificate=st.just(certificate), idleTimeoutSeconds=st.integers(46, 59),
        accessLogDays=st.sampled_from([0, 1, 3650]),
        redirects=st.sampled_from([
            {"old.example.com": "app.example.com"}, {"*.old.example.org": "elsewhere.example.net"}
        ]),
        waf=_waf(region), sourceRanges=_some(["198.51.100.0/24", "2001:db8::/32"], 1),
        ipAddressType=st.just("dualstack"),
        sourcePrefixLists=_some([
            "pl-0123456789abcdef0", "com.amazonaws.global.cloudfront.origin-facing"
        ]),
    )  # fmt: skip
    internal = draw(st.integers(0, 4)) == 4
    if internal:
        balancing["scheme"] = "internal"
        vpc = config["ha-eks:network"].get("existing")
        if vpc:
            vpc["internalSubnets"] = vpc.pop("publicSubnets")
    spot = any(pool["capacityType"] == "SPOT" for pool in pools.values())
    scaling = _maybe(
        draw, {}, nodeProvisionMinutes=st.integers(4, 14), version=st.just(f"v{version}.9"),
        expander=st.sampled_from(["least-waste", "priority"] if spot else ["least-waste"]),
        descheduler=st.booleans(),
    )  # fmt: skip
    _maybe(
        draw, config,
        **{
            "aws:profile": _WORD,
            "aws:assumeRoles": st.just([{"roleArn": "arn:aws:iam::123456789012:role/deployer"}]),
            "aws:allowedAccountIds": st.just(["123456789012"]),
            "aws:defaultTags": st.fixed_dictionaries(
                {"tags": st.dictionaries(_WORD, _WORD, max_size=2)}
            ),
            "ha-eks:protected": st.booleans(),
            "ha-eks:autoscaling": st.just(scaling),
            "ha-eks:headroom": st.just(_headroom(draw, replicated, version)),
            "ha-eks:observability": st.just(_observability(draw)),
            "ha-eks:audit": _AUDIT,
        },
    )  # fmt: skip
    if internal or draw(st.booleans()):
        config["ha-eks:loadBalancing"] = balancing
    config["ha-eks:images"] = _images(draw, region, config["ha-eks:network"])
    if draw(st.booleans()):
        policy = draw(st.sampled_from(["failover", "weighted", "latency"]))
        policy_keys = {
            "failover": {"role": draw(st.sampled_from(["primary", "secondary"]))},
            "weighted": {"weight": draw(st.integers(0, 255))},
            "latency": {},
        }
        record = {
            "domain": "app.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ",
            "zones": {"example.org": "Z1", "example.com": "Z2"},
        }  # fmt: skip
        config["ha-eks:traffic"] = _maybe(
            draw, {**record, "policy": policy, **policy_keys[policy]}, drained=st.booleans()
        )
        if internal and draw(st.booleans()):
            del config["ha-eks:traffic"]["hostedZoneId"]
    return config


def _observability(draw: Draw) -> Config:
    alarms = st.fixed_dictionaries(
        {},
        optional={
            "subscriptions": st.lists(st.sampled_from(_SUBSCRIPTIONS), unique_by=str, max_size=3),
            "runbooks": st.sampled_from(["docs", "https://git.example.com/ha-eks/docs"]),
        },
    )
    return _maybe(
        draw, {}, logRetentionDays=_RETENTION,
        archive=st.fixed_dictionaries(
            {"days": st.integers(3654, 36500)}, optional={"deletionProtection": st.booleans()}
        ),
        agent=st.fixed_dictionaries({}, optional={
            "cpu": st.sampled_from(["100m", "0.5"]), "memory": st.sampled_from(["256Mi", "1Gi"]),
        }),
        traces=st.fixed_dictionaries({}, optional={"sampledPercent": st.sampled_from([0, 5, 100])}),
        alarms=alarms,
    )  # fmt: skip


def _network(draw: Draw, region: str, zones: list[str]) -> Config:
    control_plane_zones = [f"{region}{letter}" for letter in draw(_some(ZONE_LETTERS, 2, 3))]
    network: Config = {"zones": zones, "controlPlaneZones": control_plane_zones}
    if draw(st.integers(0, 4)) == 4:
        network["zonesOut"] = draw(_some(zones, 1, len(zones) - 1))
    prefixes = _maybe(draw, {}, prefixDelegation=st.booleans())
    if draw(st.integers(0, 4)) == 4:
        network["existing"] = existing(zones, control_plane_zones)
        return _maybe(draw, network, pods=st.just(prefixes))
    pods = _maybe(draw, prefixes, cidr=st.sampled_from(["100.64.0.0/16", "100.127.192.0/18"]))
    flow_logs = _maybe(
        draw, {}, traffic=st.sampled_from(["REJECT", "ALL", "none"]), retentionDays=_RETENTION,
        aggregationSeconds=st.sampled_from([60, 600]),
    )  # fmt: skip
    _maybe(
        draw, network,
        cidr=st.sampled_from(["10.0.0.0/16", "172.31.0.0/17", "100.64.0.0/16", "192.168.0.0/16"]),
        endpoints=_some(get_args(Service)), pods=st.just(pods),
        flowLogs=st.just(flow_logs),
        nat=st.sampled_from(["perZone", "regional", "single", "none", "none"]),
    )  # fmt: skip
    if network.get("nat") == "none":
        endpoints = network.get("endpoints", [])
        needed = (
            *NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES, *NEEDED_FOR_QUERIES, *NEEDED_FOR_QUEUES,
            *NEEDED_FOR_SECRETS,
        )  # fmt: skip
        network["endpoints"] = [*endpoints, *(each for each in needed if each not in endpoints)]
    return network


def _images(draw: Draw, region: str, network: Config) -> Config:
    without_nat = network.get("nat") == "none" and "existing" not in network
    source = "copies" if without_nat else draw(st.sampled_from(get_args(Source)))
    if source == "copies":
        registry = f"123456789012.dkr.ecr.{region}.amazonaws.com/copies"
        return {"source": source, "registry": registry}
    if source == "upstream":
        return {"source": source}
    secret = f"arn:aws:secretsmanager:{region}:123456789012:secret:ecr-pullthroughcache"
    return {"credentials": {each: f"{secret}/{each}-AbCdEf" for each in ("docker.io", "ghcr.io")}}


def existing(zones: Sequence[str], control_plane_zones: Sequence[str]) -> Config:
    """Returns the `existing` section for a VPC with a subnet of each role in each zone."""
    subnets = {
        role: {zone: f"subnet-{digest(role + zone)}" for zone in role_zones}
        for role, role_zones in (
            ("privateSubnets", zones),
            ("publicSubnets", zones),
            ("controlPlaneSubnets", control_plane_zones),
        )
    }
    return {"vpcId": "vpc-0123456789abcdef0", **subnets}


def in_existing_vpc(config: Config) -> Config:
    """Returns the stack file with its network replaced by an existing VPC."""
    zones = config["ha-eks:network"]["zones"]
    network = {"zones": zones, "controlPlaneZones": zones, "existing": existing(zones, zones)}
    return {**config, "ha-eks:network": network}


def _cluster(draw: Draw, version: str, apps: list[str]) -> Config:
    configurations: list[Config] = [{}, {"tolerations": []}, {"env": {"OWN": "1"}}]
    add_on = _keys(
        {},
        {
            "version": st.just("v1.2.3-eksbuild.4"),
            "configuration": st.sampled_from(configurations),
        },
    )
    return _maybe(
        draw, {"version": version},
        publicAccessCidrs=_some(["203.0.113.0/24", "198.51.100.7/32"]),
        deployer=st.just("arn:aws:iam::123456789012:role/deployer"),
        admins=_arns("admin"), viewers=_arns("viewer"),
        editors=st.fixed_dictionaries({}, optional=dict.fromkeys(apps, _arns("editor", 1))),
        addOns=st.fixed_dictionaries({}, optional=dict.fromkeys(ADD_ON_NAMES, add_on)),
        logTypes=_some(get_args(LogType)), logRetentionDays=_RETENTION,
        zonalShift=st.booleans(),
        controlPlaneTier=st.sampled_from(["standard", "tier-xl", "tier-8xl"]),
        secretsKeyDeletionDays=st.integers(7, 30),
    )  # fmt: skip


def _waf(region: str) -> st.SearchStrategy[Config]:
    new_acl = st.fixed_dictionaries(
        {}, optional={"requestsPerFiveMinutes": st.integers(10, 2_000_000_000)}
    )
    acl = f"arn:aws:wafv2:{region}:123456789012:regional/webacl/a/{'0' * 8}{'-0000' * 3}-{'0' * 12}"
    return new_acl | st.just({"webAcl": acl})


def _pools(draw: Draw) -> Config:
    names = draw(_some(_POOLS, 1, 3))
    pools = {name: _pool(draw, first=name == names[0]) for name in names}
    if draw(st.integers(0, 9)):
        pools[names[0]].pop("taints", None)
    return pools


def _pool(draw: Draw, *, first: bool) -> Config:
    """Returns a pool. The first pool has on-demand capacity for apps and system pods."""
    ami = draw(st.sampled_from([*_AMIS]))
    spot, bottlerocket = not first and draw(st.booleans()), ami.startswith("BOTTLEROCKET")
    minimum = draw(st.integers(0, 2))
    maximum = draw(st.integers(12, 20) if first else st.integers(max(minimum, 1), 5))
    types = draw(_some(_AMIS[ami], 2 if spot else 1, 3))
    size = _maybe(draw, {"min": minimum, "max": maximum}, initial=st.integers(minimum, maximum))
    if len(types) == 1 and not spot:
        _maybe(draw, size, reserved=st.integers(0, maximum))
    pool: Config = {
        "instanceTypes": types, "perZone": size, "amiType": ami,
        "capacityType": "SPOT" if spot else "ON_DEMAND",
    }  # fmt: skip
    update = draw(st.sampled_from(["maxUnavailable", "maxUnavailablePercentage"]))
    repair = _maybe(
        draw, {},
        **{
            draw(st.sampled_from([f"{key}Count", f"{key}Percentage"])): st.integers(1, 100)
            for key in ("maxParallel", "maxUnhealthy")
        },
    )  # fmt: skip
    warm = _maybe(
        draw, {}, min=st.integers(0, max(minimum, 1)),
        maxPrepared=st.integers(max(minimum, 1), maximum),
        state=st.sampled_from(["STOPPED", "RUNNING"]),
        reuseOnScaleIn=st.just(False) if bottlerocket else st.booleans(),
    )  # fmt: skip
    reserved = st.fixed_dictionaries(
        {}, optional={"cpu": st.sampled_from(["100m", "0.5"]), "memory": st.just("256Mi")}
    )
    kubelet = _maybe(
        draw, {}, shutdownGraceSeconds=st.integers(40, 150),
        shutdownGraceCriticalSeconds=st.integers(1, 39), systemReserved=reserved,
        kubeReserved=reserved,
    )  # fmt: skip
    taint = st.fixed_dictionaries(
        {"key": st.sampled_from(["team", "example.com/team"])},
        optional={"value": st.sampled_from(["", "a"]), "effect": st.sampled_from(_EFFECTS)},
    )

    labels = st.fixed_dictionaries({}, optional={"team": _WORD, "example.com/a": _WORD})
    _maybe(
        draw, pool, releaseVersion=st.just("1.36.1-20261101"), diskGib=st.integers(20, 200),
        labels=labels, layout=st.sampled_from(["perZone", "spanning"]),
        taints=st.lists(taint, max_size=2, unique_by=lambda each: each["key"]),
        update=st.fixed_dictionaries({update: st.integers(1, 100)}, optional={
            "strategy": st.just("DEFAULT")
        }),
        repair=st.just({"enabled": False}) | st.just(repair),
    )  # fmt: skip
    if not spot:
        _maybe(draw, pool, warmPool=st.just(warm))
    if not bottlerocket:
        _maybe(draw, pool, kubelet=st.just(kubelet))
    return pool


def _apps(draw: Draw, pools: Config, zones: int, region: str) -> Config:
    names = draw(_some(_APPS, 1, 3))
    apps = {name: _app(draw, pools, zones, region) for name in names}
    if len(names) > 1:
        _maybe(draw, apps[names[0]], near=st.sampled_from(names[1:]))
        for name in names:
            _maybe(draw, apps[name], talksTo=_some([other for other in names if other != name]))
    paths = ["/", "/api/v2", f"/{'x' * 93}"]
    for name, path in zip(names, paths, strict=False):
        if path == "/" or draw(st.booleans()):
            keep_alive = st.integers(60, 90)
            routes: list[Config] = draw(_ROUTES) if path not in ("/", "/api/v2") else []
            every_host = [{"path": path}] if draw(st.booleans()) else []
            own: Config = {"routes": [*every_host, *routes]} if routes else {"path": path}
            apps[name]["expose"] = _maybe(
                draw, own, keepAliveSeconds=keep_alive,
                slowStartSeconds=st.integers(30, 900), algorithm=st.just("roundRobin"),
                stickySeconds=st.integers(1, 604_800),
                sourceRanges=_some(["203.0.113.0/24", "2001:db8::/32"], 1),
                healthCheck=st.fixed_dictionaries({}, optional={"codes": st.just("200,204-299")}),
                objective=st.fixed_dictionaries({}, optional={
                    "errorPercent": st.sampled_from([0.1, 1, 99]),
                    "p99Milliseconds": st.integers(1, 1000),
                }),
            )  # fmt: skip
            readiness = {"path": f"{path.rstrip('/')}/ready"}
            apps[name].setdefault("probes", {})["readiness"] = readiness
    return dict(draw(st.permutations([*apps.items()])))


def _app(draw: Draw, pools: Config, zones: int, region: str) -> Config:
    needed = draw(st.integers(1, 4))
    longest = draw(st.integers(1, 45))
    app: Config = {
        "image": draw(st.sampled_from([
            "redis:7.4-alpine", f"123456789012.dkr.ecr.{region}.amazonaws.com/a@sha256:" + "0" * 64
        ])),
        "port": draw(_PORT),
        "requests": {
            "cpu": draw(st.sampled_from(["50m", "100m", "0.25", "1"])),
            "memory": draw(st.sampled_from(["64Mi", "512Mi", "1Gi"])),
        },
        "replicas": _replicas(draw, needed, zones),
        "longestRequestSeconds": longest,
    }  # fmt: skip
    probes = _maybe(
        draw, {}, liveness=_probe(10), readiness=_probe(1), startupSeconds=st.integers(5, 1800),
    )  # fmt: skip
    arguments = st.lists(_TEXT, max_size=2)
    _maybe(
        draw, app, command=arguments, args=arguments,
        env=st.fixed_dictionaries({}, optional={"A": _TEXT, "_b": _TEXT, "PORT": _TEXT}),
        otherPorts=st.fixed_dictionaries({}, optional={"http": _PORT, "a-b": _PORT}),
        shutdownSeconds=st.integers(longest, 60), probes=st.just(probes),
        runAsUser=st.integers(1, 2**31 - 1), runAsGroup=st.integers(1, 2**31 - 1),
        scratch=st.fixed_dictionaries(
            {}, optional={path: st.just("64Mi") for path in ("/tmp", "/var/cache", "/a.b")}
        ),
        pool=st.sampled_from([name for name in pools if pools[name]["capacityType"] != "SPOT"]),
        spread=st.fixed_dictionaries({}, optional={
            "zones": st.sampled_from(["preferred", "strict"]),
            "nodes": st.sampled_from(["preferred", "strict", "alone"]),
        }),
        files=st.fixed_dictionaries({}, optional=dict.fromkeys(
            ("/etc/a.conf", "/etc/b/a.conf", "/srv/_.-"), _TEXT
        )),
        secretEnv=st.fixed_dictionaries({}, optional={
            name: st.just({"secret": "its.secret", "key": "_.-"}) for name in ("SECRET", "_s")
        }),
        secretFiles=st.fixed_dictionaries({}, optional={
            "/etc/tls": st.just({"secret": "tls"}),
            "/etc/c.pem": st.just({"secret": "tls", "key": "c.pem"}),
        }),
        awsSecrets=st.fixed_dictionaries({}, optional={
            "/mnt/s/db": st.just(_arn("secretsmanager", region, "secret:a/b-AbCdEf")),
            "/mnt/s/a.b": st.just(_arn("ssm", region, "parameter/a/b_c")),
        }),
        memoryScratch=st.fixed_dictionaries({}, optional={
            "/dev/shm": st.just("16Mi"), "/run": st.just("1Mi"),
        }),
        imagePullSecrets=_some(["a", "b.c"]),
        envFields=st.fixed_dictionaries({}, optional={
            "IP": st.sampled_from(["status.podIP", "status.hostIP"]),
            "ZONE": st.just("metadata.labels['topology.kubernetes.io/zone']"),
        }),
        envResources=st.fixed_dictionaries({}, optional={
            "CORES": st.just({"resource": "limits.cpu"}),
            "MIB": st.just({"resource": "limits.memory", "divisor": "1Mi"}),
        }),
        envFrom=st.lists(st.sampled_from([
            {"secret": "a"}, {"configMap": "a"}, {"secret": "a", "prefix": "A_"},
        ]), max_size=3, unique_by=str),
        preStop=st.fixed_dictionaries({
            "command": st.just(["/leave", ""]), "seconds": st.integers(20, 60),
        }),
        traced=st.booleans(),
        logs=st.sampled_from([
            {}, {"collected": False}, {"multiline": "java"}, {"collected": True, "multiline": "go"}
        ]),
        serviceAccountToken=st.booleans(), prefersSameZone=st.booleans(),
        policies=_some([f"arn:aws:iam::{account}:policy/a/B+c" for account in _ACCOUNTS]),
        reaches=st.lists(st.fixed_dictionaries({
            "cidr": st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32"]), "port": _PORT,
        }), max_size=3),
        critical=st.booleans(), scaling=st.just(_scaling(draw, region)),
        tolerationSeconds=st.fixed_dictionaries({}, optional={
            "notReady": st.integers(0, 3600), "unreachable": st.integers(0, 3600),
        }),
    )  # fmt: skip
    if "scaling" in app and app["scaling"].get("prometheus"):
        app["metrics"] = _maybe(draw, {}, path=st.just("/prometheus"))
    return app


def _kinds(draw: Draw, apps: Config) -> Config:
    """Returns the sections of the stack file: some apps without expose become workers, and any app
    can become a singleton."""
    sections: Config = {"apps": {}, "workers": {}, "singletons": {}}
    for name, app in apps.items():
        kinds = ["apps", "apps", "singletons", *([] if "expose" in app else ["workers"])]
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
            _maybe(draw, app, peers=st.fixed_dictionaries({"ports": _some(ports, 1)}))
    for app in apps.values():
        served = [other for other in app.get("talksTo", []) if other not in sections["workers"]]
        app.update({"talksTo": served} if "talksTo" in app else {})
        further(draw, app)
    _migrations(draw, apps)
    _shared_volumes(draw, apps)
    return {kind: named for kind, named in sections.items() if named}


def _migrations(draw: Draw, workloads: Config) -> None:
    """Adds migrations to some workloads, for which some of the others wait."""
    migrated = draw(_some([*workloads], 0, 2))
    for name in migrated:
        migration = draw(st.sampled_from([{"command": ["/migrate"]}, {"args": ["", "all"]}]))
        timing = {"deadlineSeconds": st.integers(1, 86400), "retries": st.integers(0, 20)}
        workloads[name]["migration"] = _maybe(draw, {**migration}, **timing)
    for name in [each for each in workloads if migrated and each not in migrated]:
        _maybe(draw, workloads[name], migratedBy=st.sampled_from(migrated))


def _arn(service: str, region: str, resource: str) -> str:
    return f"arn:aws:{service}:{region}:123456789012:{resource}"


def _shared_volumes(draw: Draw, workloads: Config) -> None:
    """Adds shared volumes to some workloads: new, existing, and those of other workloads."""
    owners = draw(_some([*workloads], 0, 2))
    for name in owners:
        volume: Config = {"path": "/srv/shared"}
        if draw(st.booleans()):
            volume["fileSystem"] = "fs-0123456789abcdef0"
        else:
            _maybe(draw, volume, backups=st.booleans(), deletionProtection=st.booleans())
        workloads[name]["sharedVolume"] = volume
    for name in [each for each in workloads if owners and each not in owners]:
        owner = draw(st.sampled_from(owners))
        _maybe(draw, workloads[name], sharedVolume=st.just({"path": "/mnt/a", "of": owner}))


def _cron_jobs(draw: Draw, pools: Config, kinds: Config) -> Config:
    """Returns cron jobs in pools that apps can run in too, which call apps."""
    pool = [name for name, each in pools.items() if each.get("taints")]
    return {
        name: further(draw, _maybe(
            draw,
            {
                "image": "example.com/job:1.0",
                "requests": {"cpu": "50m", "memory": "64Mi"},
                "schedule": draw(st.sampled_from(_SCHEDULES)),
            },
            timeZone=st.sampled_from(["Etc/UTC", "Europe/Berlin"]),
            concurrencyPolicy=st.sampled_from(["allow", "forbid", "replace"]),
            startingDeadlineSeconds=st.integers(10, 86400),
            deadlineSeconds=st.integers(1, 86400), retries=st.integers(0, 20),
            shutdownSeconds=st.integers(1, 95),
            history=st.fixed_dictionaries({}, optional={
                "successful": st.integers(0, 100), "failed": st.integers(0, 100),
            }),
            command=st.just(["/job"]), env=st.just({"A": "b"}), files=st.just({"/etc/job": "a"}),
            scratch=st.just({"/tmp": "1Mi"}), traced=st.booleans(),
            serviceAccountToken=st.booleans(),
            policies=_some([f"arn:aws:iam::{account}:policy/a/B+c" for account in _ACCOUNTS]),
            talksTo=_some([*kinds["apps"]], 0, 2) if "apps" in kinds else st.just([]),
            **({"pool": st.sampled_from(pool)} if pool else {}),
        ))
        for name in draw(_some(["nightly", "j" * 20, "alarms"], 0, 2))
    }  # fmt: skip


def _singleton(draw: Draw, app: Config) -> None:
    """Adds a volume to some singletons, and removes what an exposed one cannot have."""
    if "expose" in app:
        app.pop("critical", None)
    volume = {"path": "/var/lib/a", "size": draw(st.sampled_from(["1Gi", "512Mi"]))}
    volumes = st.just(_maybe(draw, volume, deletionProtection=st.booleans()))
    _maybe(draw, app, volume=volumes)


def _probe(period: int) -> st.SearchStrategy[Config]:
    """Returns a strategy for probes whose period is at least twice `period` seconds."""
    handlers: list[st.SearchStrategy[Config]] = [
        st.just({}), st.just({"path": "/alive"}), st.just({"command": ["/alive"]}),
        st.just({"grpc": ""}), st.just({"grpc": "a.v1.A"}),
    ]  # fmt: skip
    timing = st.fixed_dictionaries({}, optional={
        "periodSeconds": st.integers(2 * period, 3 * period), "timeoutSeconds": st.just(1),
    })  # fmt: skip
    return st.builds(_together, st.one_of(handlers), timing)


def _together(handler: Config, timing: Config) -> Config:
    return {**handler, **timing}


def _replicas(draw: Draw, needed: int, zones: int) -> Config:
    """Returns replicas that suffice even while a zone is in `zonesOut`."""
    minimum = -(-needed * zones // (zones - 1)) + draw(st.integers(0, 2))
    replicas = {"needed": needed, "max": draw(st.integers(2 * minimum, 2 * minimum + 2))}
    return _maybe(draw, replicas, min=st.just(2 * needed), maxUnavailable=st.just(1))


def _scaling(draw: Draw, region: str) -> Config:
    percent = st.integers(10, 45)  # 45% is the CPU target of two zones
    rates = {"stabilizationSeconds": st.integers(0, 3600), "percent": st.integers(1, 100)}
    query = {"query": st.just('sum(rate(a{b="c"}[2m]))'), "targetPerPod": st.sampled_from([1, 2.5])}
    queue = {
        "queue": st.sampled_from(
            [f"arn:aws:sqs:{region}:{account}:{name}"
             for account in ("123456789012", "210987654321") for name in ("jobs", "a_b-1.fifo")]
        ),
        "messagesPerPod": st.sampled_from([1, 20]),
    }  # fmt: skip
    queue_names = st.sampled_from(["jobs-1", "mail-2"])  # no name of a query has a digit
    return _maybe(
        draw, {}, cpuPercent=percent, memoryPercent=percent,
        containerOnly=st.booleans(),
        prometheus=st.dictionaries(_WORD, st.fixed_dictionaries(query), max_size=2),
        queues=st.dictionaries(queue_names, st.fixed_dictionaries(queue), max_size=2),
        up=st.fixed_dictionaries({}, optional={**rates, "pods": st.integers(1, 9)}),
        down=st.fixed_dictionaries({}, optional=rates),
    )  # fmt: skip


def _headroom(draw: Draw, apps: Config, version: str) -> Config:
    modes = ["pausePods", "capacityBuffer"] if version != "1.34" else ["pausePods"]
    mode = draw(st.sampled_from(modes))
    sizes = ["auto", "auto", "proportional", "none"] if mode == "pausePods" else ["auto", "none"]
    pods = st.fixed_dictionaries({}, optional=dict.fromkeys(apps, st.integers(0, 2)))
    return _maybe(
        draw, {"mode": mode}, size=st.sampled_from(sizes), pods=pods,
        nodesPerPod=st.integers(1, 50),
    )  # fmt: skip


_JUNK: list[Any] = [
    None, True, False, 0, -1, 1, 2**70, 0.5, "", "0", "x", "X-1_", "/", ":", "{", "[", "a\nb",
    " ", "é", "\u2028", "a" * 300, "10.0.0.0/16", "0.0.0.0/0", "us-east-1a", "general", "web",
    "arn:aws:iam::123456789012:role/deployer", "arn:aws:iam::123456789012:role/admin-a",
    "SPOT", "spanning", "none", [], [None], ["x", "x"], [[]], {}, {"": 0}, {"x": None},
    {"a\nb": ["arn:aws:iam::123456789012:role/admin-a"]}, {"/": {"x": []}},
]  # fmt: skip
_KEYS = ["", "x", "zone", "cdir", "a\nb", "é", "max", "min", "root", "[key]", ".", "0", "expose"]

_CHANGES = ["replaced", "moved", "absent", "added"]


def _containers(value: Any) -> list[Any]:
    """Returns the value and every mapping and list inside it."""
    nested: list[Any] = [each for each in _values(value) if isinstance(each, dict | list)]
    return [value, *(container for each in nested for container in _containers(each))]


@st.composite
def broken_stacks(draw: Draw) -> list[Config]:
    """Returns three stack files with one, two and three changes.

    A change moves, adds, removes or replaces a value.
    """
    config, files = draw(stacks()), list[Config]()
    for _ in range(3):
        config = deepcopy(config)
        _change(draw, config)
        files.append(config)
    return files


def _change(draw: Draw, config: Config) -> None:
    containers = [each for each in _containers(config) if each]
    container = draw(st.sampled_from(containers))
    mapping = isinstance(container, dict)
    keys: list[Any] = [*container] if mapping else [*range(len(container))]
    key, change = draw(st.sampled_from(keys)), draw(st.sampled_from(_CHANGES))
    value = draw(st.sampled_from(_JUNK))
    if change == "moved":
        value = draw(st.sampled_from(_values(draw(st.sampled_from(containers)))))
    if change == "absent" and len(config) > 1:
        del container[key]
    elif change != "added":
        container[key] = deepcopy(value)
    elif mapping:
        prefix = "ha-eks:" if container is config else ""
        container[prefix + draw(st.sampled_from(_KEYS) | st.text(max_size=5))] = deepcopy(value)
    else:
        container.append(deepcopy(value))


def _values(container: Any) -> list[Any]:
    values = cast("Iterable[Any]", container)
    if isinstance(container, dict):
        values = cast("Config", container).values()
    return [*values]
