"""Arbitrary stack files result in settings or problems; accepted apps can be deployed."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, cast

from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from core.availability.replicas import minimum_replicas
from settings import Settings, check, read_stack_file
from tests.settings.stack_files import ROOT, STACKS, app, pool, put_at

SHIPPED = {stack: read_stack_file(ROOT / f"Pulumi.{stack}.yaml") for stack in STACKS}

anything = profile(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])


# Arbitrary JSON values that often contain names of settings, so that more than the first key is
# checked.

words = st.sampled_from(
    [
        "us-east-1", "us-east-1a", "us-east-1b", "10.0.0.0/16", "0.0.0.0/0", "1.36", "perZone",
        "single", "m7i.large", "SPOT", "api", "arn:aws:iam::123456789012:role/ops", "{allowed}",
        "10.0.0.0/99", "us-west-2-lax-1a", "\n", "", "redis:7.4", "redis", "250m", "128Mi", "0m",
        "/", "/api", "/api/", "web", "cache", "general", "kube-system", "failover", "weighted",
        "primary", "app.example.com", "Z0123456789", "NO_SCHEDULE",
        "arn:aws:acm:us-east-1:123456789012:certificate/0-1",
    ]
)  # fmt: skip
names = st.sampled_from(
    [
        "cidr", "zones", "controlPlaneZones", "nat", "version", "publicAccessCidrs", "admins",
        "logTypes", "logRetentionDays", "general", "taints", "labels", "instanceTypes", "perZone",
        "min", "max", "initial", "capacityType", "key", "value", "effect", "tags", "roleArn",
        "zone", "mx", "web", "cache", "image", "command", "args", "env", "port", "otherPorts",
        "app", "requests", "cpu", "memory", "replicas", "needed", "longestRequestSeconds",
        "shutdownSeconds", "probes", "liveness", "readiness", "startupSeconds", "runAsUser",
        "scratch", "/tmp", "limits", "ephemeralStorage", "pool", "near", "spread", "nodes",
        "expose", "path", "keepAliveSeconds",
        "grpc", "periodSeconds", "failures", "preStop", "seconds", "files", "secretEnv", "secret",
        "envFields", "envResources", "envFrom", "resource", "configMap",
        "volume", "talksTo", "reaches", "policies", "slowStartSeconds", "waf", "webAcl",
        "certificate", "idleTimeoutSeconds", "deletionProtection", "size",
        "nodeProvisionMinutes", "scaling", "prometheus", "targetPerPod", "zonesOut",
        "pods", "domain", "hostedZoneId", "policy", "role", "weight", "imag",
    ]
)  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | words
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(names | st.text(), inner, max_size=5)
    ),
    max_leaves=15,
)
keys = st.sampled_from(
    [
        "ha-eks:network", "ha-eks:cluster", "ha-eks:pools", "ha-eks:netwrk", "ha-eks:", "ha-eks",
        "ha-eks:apps", "ha-eks:loadBalancing", "ha-eks:autoscaling", "ha-eks:observability",
        "ha-eks:headroom",
        "ha-eks:traffic", "ha-eks:aps",
        "aws:region", "aws:profile", "aws:assumeRoles", "aws:defaultTags", "aws:regin", "aws",
    ]
)  # fmt: skip


def places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Returns the path of every value inside `value`."""
    items: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
    elif isinstance(value, list):
        items = enumerate(cast("list[object]", value))
    return [place for key, item in items for place in ((*at, key), *places(item, (*at, key)))]


def assert_settings_or_problems(config: dict[str, Any]) -> None:
    """Fails unless a config results in settings, or in problems with printable messages."""
    settings, problems = check(config)
    assert (settings is None) == (problems != [])
    assert [p for p in problems if not p.key or not p.message or not str(p).isprintable()] == []
    assert [p for p in problems if "not a valid value" in p.message] == [], (
        "the message is that of pydantic"
    )


@anything
@given(config=st.dictionaries(keys, values))
def test_any_config_results_in_settings_or_problems(config: dict[str, Any]):
    assert_settings_or_problems(config)


@anything
@given(stack=st.sampled_from(STACKS), data=st.data())
def test_a_shipped_file_with_arbitrary_values_results_in_settings_or_problems(
    stack: str, data: st.DataObject
):
    config: Any = deepcopy(SHIPPED[stack])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(config) or [("aws:region",)]))
        put_at(config, place, data.draw(values))

    assert_settings_or_problems(config)


INVALID_VALUES: list[Any] = [
    None, True, 0, -1, 2**70, 0.5, float("nan"), float("inf"), "", "0", "0.0", "x", "X-1_", "/",
    ":", "{", "\n", "a" * 300, [], [None], ["x"], ["x", "x"], {}, {"": 0}, {"x": None}, {"/": "x"},
]  # fmt: skip
_REQUIRED = {"image": "redis:7.4-alpine", "requests": {"cpu": "100m", "memory": "64Mi"}}
_FURTHER = {
    **_REQUIRED,
    "command": ["a"],
    "args": ["b"],
    "env": {"A": "b"},
    "secretEnv": {"B": {"secret": "db", "key": "password"}},
    "envFields": {"C": "status.podIP"},
    "envResources": {"D": {"resource": "limits.memory", "divisor": "1Mi"}},
    "envFrom": [{"secret": "db"}],
}
EVERY_FIELD: dict[tuple[str, ...], Any] = {
    ("aws:allowedAccountIds",): ["123456789012"],
    ("ha-eks:network", "endpoints"): ["sts"],
    ("ha-eks:network", "pods"): {"cidr": "100.64.0.0/16", "prefixDelegation": False},
    ("ha-eks:network", "flowLogs"): {"traffic": "ALL", "retentionDays": 7},
    ("ha-eks:images",): {
        "source": "copies",
        "registry": "123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "credentials": {},
    },
    ("ha-eks:cluster", "admins"): ["arn:aws:iam::123456789012:role/ops"],
    ("ha-eks:pools", "general", "taints"): [{"key": "a", "effect": "PREFER_NO_SCHEDULE"}],
    ("ha-eks:loadBalancing",): {
        "idleTimeoutSeconds": 50,
        "accessLogDays": 7,
        "waf": {"requestsPerFiveMinutes": 1000},
    },
    ("ha-eks:autoscaling",): {
        "expander": "least-waste",
        "nodeProvisionMinutes": 10,
        "descheduler": True,
    },
    ("ha-eks:headroom",): {
        "size": "auto",
        "pods": {"web": 1},
        "nodesPerPod": 10,
        "mode": "pausePods",
    },
    ("ha-eks:network", "zonesOut"): [],
    ("ha-eks:observability",): {
        "logRetentionDays": 7,
        "archive": {"days": 365, "deletionProtection": True},
        "agent": {"cpu": "250m", "memory": "512Mi"},
        "traces": {"sampledPercent": 2.5},
        "alarms": {
            "subscriptions": [{"protocol": "email", "endpoint": "oncall@example.com"}],
            "runbooks": "docs",
        },
    },
    ("ha-eks:audit",): {
        "failOn": "error",
        "waivers": [
            {"rule": "HA801", "resource": "*", "reason": "a test", "expires": "2027-12-31"}
        ],
    },
    ("ha-eks:apps", "web", "logs"): {"collected": True, "multiline": "go"},
    ("ha-eks:apps", "web", "traced"): True,
    ("ha-eks:traffic", "weight"): None,
    ("ha-eks:apps", "web", "env"): {"LEVEL": "info"},
    ("ha-eks:apps", "web", "otherPorts"): {"admin": 81},
    ("ha-eks:apps", "web", "scratch"): {"/tmp": "1Gi"},
    ("ha-eks:apps", "web", "limits"): {"ephemeralStorage": "2Gi"},
    ("ha-eks:apps", "web", "replicas"): {"needed": 4, "max": 18, "min": 6, "maxUnavailable": 1},
    ("ha-eks:apps", "web", "critical"): True,
    ("ha-eks:apps", "web", "tolerationSeconds"): {"notReady": 30, "unreachable": 0},
    ("ha-eks:apps", "web", "metrics"): {"port": "app", "path": "/metrics"},
    ("ha-eks:apps", "web", "scaling"): {
        "cpuPercent": 50,
        "memoryPercent": 60,
        "containerOnly": True,
        "prometheus": {"requests": {"query": "sum(rate(r[2m]))", "targetPerPod": 1.5}},
        "up": {"stabilizationSeconds": 0, "percent": 50, "pods": 1, "periodSeconds": 30},
        "down": {"stabilizationSeconds": 600, "percent": 5, "periodSeconds": 60},
    },
    ("ha-eks:apps", "web", "pool"): "general",
    ("ha-eks:apps", "web", "expose"): {
        "path": "/",
        "keepAliveSeconds": 60,
        "deregistrationSeconds": 25,
        "algorithm": "roundRobin",
        "slowStartSeconds": 60,
        "objective": {"errorPercent": 0.5, "p99Milliseconds": 1000},
    },
    ("ha-eks:apps", "web", "probes", "liveness"): {
        "grpc": "a.B",
        "port": "admin",
        "periodSeconds": 20,
        "timeoutSeconds": 3,
        "failures": 2,
    },
    ("ha-eks:apps", "web", "preStop"): {"command": ["/leave"], "seconds": 30},
    ("ha-eks:apps", "web", "files"): {"/etc/app.yaml": "a: 1"},
    ("ha-eks:apps", "web", "secretEnv"): {"PASSWORD": {"secret": "db", "key": "password"}},
    ("ha-eks:apps", "web", "secretFiles"): {"/etc/tls": {"secret": "tls", "key": "tls.crt"}},
    ("ha-eks:apps", "web", "memoryScratch"): {"/dev/shm": "16Mi"},
    ("ha-eks:apps", "web", "imagePullSecrets"): ["registry"],
    ("ha-eks:apps", "web", "envFields"): {"POD_IP": "status.podIP"},
    ("ha-eks:apps", "web", "envResources"): {"M": {"resource": "limits.memory", "divisor": "1Mi"}},
    ("ha-eks:apps", "web", "envFrom"): [{"secret": "db"}, {"configMap": "a", "prefix": "A_"}],
    ("ha-eks:apps", "web", "initContainers"): [{**_FURTHER, "name": "a", "longestSeconds": 60}],
    ("ha-eks:apps", "web", "sidecars"): [
        {
            **_FURTHER,
            "name": "b",
            "ports": {"metrics": 82},
            "probes": {"liveness": {"path": "/", "port": "metrics"}, "startupSeconds": 5},
            "beforeInitContainers": True,
            "shutdownSeconds": 5,
        }
    ],
    ("ha-eks:apps", "web", "spread"): {"zones": "strict", "nodes": "strict"},
    ("ha-eks:apps", "web", "talksTo"): ["cache"],
    ("ha-eks:apps", "web", "reaches"): [{"cidr": "10.1.0.0/16", "port": 5432}],
    ("ha-eks:apps", "web", "policies"): ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    ("ha-eks:apps", "web", "serviceAccountToken"): True,
    ("ha-eks:apps", "web", "prefersSameZone"): False,
    ("ha-eks:workers",): {"mailer": {**_REQUIRED, "replicas": {"needed": 1, "max": 3}}},
    ("ha-eks:singletons",): {
        "keeper": {
            **_REQUIRED,
            "port": 8080,
            "volume": {"path": "/data", "size": "1Gi", "deletionProtection": False},
        }
    },
    ("ha-eks:apps", "web", "probes", "startupSeconds"): 60,
}


def test_invalid_values_of_any_key_result_in_settings_or_problems():
    complete: Any = deepcopy(SHIPPED["prod"])
    for place, value in EVERY_FIELD.items():
        put_at(complete, place, value)
    assert check(complete)[1] == []

    for place in places(complete):
        config = deepcopy(complete)
        for invalid in INVALID_VALUES:
            put_at(config, place, invalid)
            assert_settings_or_problems(config)


SECTIONS = st.sampled_from(
    [
        ("ha-eks:network",),
        ("ha-eks:cluster",),
        ("ha-eks:pools",),
        ("ha-eks:pools", "general"),
        ("ha-eks:apps",),
        ("ha-eks:apps", "web"),
        ("ha-eks:apps", "web", "replicas"),
        ("ha-eks:apps", "web", "requests"),
        ("ha-eks:apps", "web", "probes"),
        ("ha-eks:apps", "web", "expose"),
        ("ha-eks:apps", "cache"),
        ("ha-eks:loadBalancing",),
        ("ha-eks:apps", "web", "scaling"),
        ("ha-eks:autoscaling",),
        ("ha-eks:headroom",),
        ("ha-eks:observability",),
        ("ha-eks:observability", "alarms"),
        ("ha-eks:traffic",),
    ]
)


@anything
@given(stack=st.sampled_from(STACKS), section=SECTIONS, key=names | st.text(), value=values)
def test_a_shipped_file_with_an_arbitrary_key_results_in_settings_or_problems(
    stack: str, section: tuple[str, ...], key: str, value: object
):
    config: Any = deepcopy(SHIPPED[stack])
    target = config
    for step in section:
        target = target.setdefault(step, {})
    target[key] = value

    assert_settings_or_problems(config)


# Files with valid shapes, so that the rules are checked, and the guarantees that follow.

FURTHER_APPS_AND_POOLS: dict[str, Any] = {
    "ha-eks:apps": {
        "api": app(
            probes={"readiness": {"path": "/ready"}}, expose={"path": "/api"}, otherPorts={"b": 2}
        ),
        "batch": app(pool="own", spread={"nodes": "alone"}, near="web"),
    },
    "ha-eks:pools": {"own": pool(8, "NO_SCHEDULE"), "spot": pool(8, capacityType="SPOT")},
}
seconds = st.sampled_from([1, 14, 15, 20, 30, 49, 50, 51, 60, 75, 76, 90, 91, 600])
url_paths = st.sampled_from(["/", "/api", "/api/v2", "/apis"])
fields: dict[str, st.SearchStrategy[Any]] = {
    "port": st.integers(1, 3),
    "otherPorts": st.dictionaries(st.sampled_from(["a", "b"]), st.integers(1, 4)),
    "replicas": st.fixed_dictionaries({"needed": st.integers(1, 4), "max": st.integers(1, 25)}),
    "near": st.sampled_from(["web", "cache", "api", "batch", "other"]),
    "pool": st.sampled_from(["general", "own", "spot", "other"]),
    "spread": st.sampled_from([{}, {"nodes": "alone"}]),
    "talksTo": st.lists(st.sampled_from(["web", "cache", "api", "other"]), max_size=2),
    "preStop": st.none() | st.fixed_dictionaries({"command": st.just(["a"]), "seconds": seconds}),
    "critical": st.booleans(),
    "longestRequestSeconds": seconds,
    "shutdownSeconds": seconds,
    "probes": st.sampled_from([{}, {"readiness": {"path": "/ready"}}]),
    "expose": st.none() | st.fixed_dictionaries({"path": url_paths, "keepAliveSeconds": seconds}),
}
fields_of_apps = st.sampled_from(sorted(fields)).flatmap(
    lambda field: st.tuples(
        st.just("ha-eks:apps"),
        st.sampled_from(["web", "cache", "api", "batch"]),
        st.just(field),
        fields[field],
    )
)
effects = st.lists(st.sampled_from(["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]), max_size=2)
fields_of_pools = st.tuples(
    st.just("ha-eks:pools"),
    st.sampled_from(["general", "own", "spot"]),
    st.just("taints"),
    effects.map(lambda taints: [{"key": "for", "effect": effect} for effect in taints]),
)
idle_timeouts = st.tuples(
    st.just("ha-eks:loadBalancing"),
    st.just("idleTimeoutSeconds"),
    st.sampled_from([15, 16, 50, 51, 59, 60]),
)


def assert_can_be_deployed(settings: Settings) -> None:
    apps, pools = settings.apps, settings.pools
    zones, idle = len(settings.network.zones), settings.load_balancer("public").idle_timeout_seconds
    assert [p for p in pools.values() if not p.tainted] != []
    for name, each in apps.items():
        runs_on = [
            p
            for pool_name, p in pools.items()
            if (each.pool == pool_name if each.pool else not p.tainted)
        ]
        assert minimum_replicas(each.replicas.needed, zones) <= each.replicas.max
        if each.spread.one_per_node:
            assert each.replicas.max <= zones * sum(p.per_zone.max for p in runs_on)
        assert {each.near, *each.talks_to} <= {None, *apps} - {name}
        assert each.pool in {None, *pools}
        assert len({each.port, *each.other_ports.values()}) == 1 + len(each.other_ports)
        assert each.termination.grace <= 100 or not [
            p for p in runs_on if p.capacity_type == "SPOT"
        ]
        if each.expose:
            assert each.longest_request_seconds < idle < each.expose.keep_alive_seconds
            assert each.probes.readiness
            assert each.probes.readiness.path is not None
    paths = [each.expose.path for each in apps.values() if each.expose]
    assert paths.count("/") <= 1
    assert len(set(paths)) == len(paths)
    assert not {"/api", "/api/v2"} <= set(paths)


@anything
@given(
    stack=st.sampled_from(STACKS),
    changes=st.lists(fields_of_apps, max_size=3),
    more=st.lists(fields_of_pools | idle_timeouts, max_size=1),
)
def test_accepted_apps_can_be_deployed(
    stack: str, changes: list[tuple[Any, ...]], more: list[tuple[Any, ...]]
):
    config: Any = deepcopy(SHIPPED[stack])
    config.setdefault("ha-eks:loadBalancing", {})
    for section, others in deepcopy(FURTHER_APPS_AND_POOLS).items():
        config[section].update(others)
    for *place, value in changes + more:
        put_at(config, tuple(place), value)

    settings, problems = check(config)

    assert (settings is None) == (problems != [])
    if settings is not None:
        assert_can_be_deployed(settings)
