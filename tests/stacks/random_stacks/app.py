"""Random settings of one app."""

from hypothesis import strategies as st

from tests.stacks.random_stacks.drawing import (
    PORT,
    WORD,
    Config,
    Draw,
    keys_of,
    maybe,
)
from tests.stacks.random_stacks.pod import with_pod_keys


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
        draw, {}, liveness=probe(10, 2), readiness=probe(1, 1), startupSeconds=st.integers(5, 1800),
    )  # fmt: skip
    with_pod_keys(draw, app, region)
    maybe(
        draw, app, otherPorts=keys_of({}, {"http": PORT, "a-b": PORT}),
        shutdownSeconds=st.integers(longest, 60), probes=st.just(probes),
        pool=st.sampled_from([name for name in pools if pools[name]["capacityType"] != "SPOT"]),
        spread=keys_of({}, {
            "zones": st.sampled_from(["preferred", "strict"]),
            "nodes": st.sampled_from(["preferred", "strict", "alone"]),
        }),
        preStop=keys_of({"command": st.just(["/leave", ""]), "seconds": st.integers(20, 60)}),
        prefersSameZone=st.booleans(), critical=st.booleans(),
        scaling=st.just(scaling_of(draw, region)),
    )  # fmt: skip
    if "scaling" in app and app["scaling"].get("prometheus"):
        app["metrics"] = maybe(draw, {}, path=st.just("/prometheus"), port=st.just("app"))
    return app


def probe(period: int, failures: int) -> st.SearchStrategy[Config]:
    """Returns a strategy for probes whose period is at least twice `period` seconds."""
    handlers: list[st.SearchStrategy[Config]] = [
        st.just({}), st.just({"path": "/alive"}), st.just({"command": ["/alive"]}),
        st.just({"grpc": ""}), st.just({"grpc": "a.v1.A", "port": "app"}),
    ]  # fmt: skip
    timing = keys_of({}, {
        "periodSeconds": st.integers(2 * period, 3 * period), "timeoutSeconds": st.just(1),
        "failures": st.integers(failures, 2 * failures),
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
    rates = {
        "stabilizationSeconds": st.integers(0, 3600), "percent": st.integers(1, 100),
        "periodSeconds": st.integers(1, 1800),
    }  # fmt: skip
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
        prometheus=st.dictionaries(WORD, keys_of(query), max_size=2),
        queues=st.dictionaries(queue_names, keys_of(queue), max_size=2),
        up=keys_of({}, optional={**rates, "pods": st.integers(1, 9)}),
        down=keys_of({}, optional=rates),
    )  # fmt: skip
