"""Random settings of one app."""

from hypothesis import strategies as st

from tests.stacks.random_stacks.drawing import (
    ACCOUNTS,
    PORT,
    TEXT,
    WORD,
    Config,
    Draw,
    arn,
    maybe,
    some,
)


def app_of(draw: Draw, pools: Config, zones: int, region: str) -> Config:
    needed = draw(st.integers(1, 4))
    longest = draw(st.integers(1, 45))
    app: Config = {
        "image": draw(st.sampled_from([
            "redis:7.4-alpine", f"123456789012.dkr.ecr.{region}.amazonaws.com/a@sha256:" + "0" * 64
        ])),
        "port": draw(PORT),
        "requests": {
            "cpu": draw(st.sampled_from(["50m", "100m", "0.25", "1"])),
            "memory": draw(st.sampled_from(["64Mi", "512Mi", "1Gi"])),
        },
        "replicas": replicas_of(draw, needed, zones),
        "longestRequestSeconds": longest,
    }  # fmt: skip
    probes = maybe(
        draw, {}, liveness=probe(10), readiness=probe(1), startupSeconds=st.integers(5, 1800),
    )  # fmt: skip
    arguments = st.lists(TEXT, max_size=2)
    maybe(
        draw, app, command=arguments, args=arguments,
        env=st.fixed_dictionaries({}, optional={"A": TEXT, "_b": TEXT, "PORT": TEXT}),
        otherPorts=st.fixed_dictionaries({}, optional={"http": PORT, "a-b": PORT}),
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
            ("/etc/a.conf", "/etc/b/a.conf", "/srv/_.-"), TEXT
        )),
        secretEnv=st.fixed_dictionaries({}, optional={
            name: st.just({"secret": "its.secret", "key": "_.-"}) for name in ("SECRET", "_s")
        }),
        secretFiles=st.fixed_dictionaries({}, optional={
            "/etc/tls": st.just({"secret": "tls"}),
            "/etc/c.pem": st.just({"secret": "tls", "key": "c.pem"}),
        }),
        awsSecrets=st.fixed_dictionaries({}, optional={
            "/mnt/s/db": st.just(arn("secretsmanager", region, "secret:a/b-AbCdEf")),
            "/mnt/s/a.b": st.just(arn("ssm", region, "parameter/a/b_c")),
        }),
        memoryScratch=st.fixed_dictionaries({}, optional={
            "/dev/shm": st.just("16Mi"), "/run": st.just("1Mi"),
        }),
        imagePullSecrets=some(["a", "b.c"]),
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
        policies=some([f"arn:aws:iam::{account}:policy/a/B+c" for account in ACCOUNTS]),
        reaches=st.lists(st.fixed_dictionaries({
            "cidr": st.sampled_from(["0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32"]), "port": PORT,
        }), max_size=3),
        critical=st.booleans(), scaling=st.just(scaling_of(draw, region)),
        tolerationSeconds=st.fixed_dictionaries({}, optional={
            "notReady": st.integers(0, 3600), "unreachable": st.integers(0, 3600),
        }),
    )  # fmt: skip
    if "scaling" in app and app["scaling"].get("prometheus"):
        app["metrics"] = maybe(draw, {}, path=st.just("/prometheus"))
    return app


def probe(period: int) -> st.SearchStrategy[Config]:
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


def replicas_of(draw: Draw, needed: int, zones: int) -> Config:
    """Returns replicas that suffice even while a zone is in `zonesOut`."""
    minimum = -(-needed * zones // (zones - 1)) + draw(st.integers(0, 2))
    replicas = {"needed": needed, "max": draw(st.integers(2 * minimum, 2 * minimum + 2))}
    return maybe(draw, replicas, min=st.just(2 * needed), maxUnavailable=st.just(1))


def scaling_of(draw: Draw, region: str) -> Config:
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
    return maybe(
        draw, {}, cpuPercent=percent, memoryPercent=percent,
        containerOnly=st.booleans(),
        prometheus=st.dictionaries(WORD, st.fixed_dictionaries(query), max_size=2),
        queues=st.dictionaries(queue_names, st.fixed_dictionaries(queue), max_size=2),
        up=st.fixed_dictionaries({}, optional={**rates, "pods": st.integers(1, 9)}),
        down=st.fixed_dictionaries({}, optional=rates),
    )  # fmt: skip
