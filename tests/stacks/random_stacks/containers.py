"""Random init containers and sidecars."""

from typing import Any

from hypothesis import strategies as st

from tests.stacks.random_stacks.drawing import (
    TEXT,
    Config,
    Draw,
    keys_of,
)

_PROBE = keys_of({}, optional={"timeoutSeconds": st.just(1)})
_TIMES = {
    "initContainers": {"longestSeconds": st.integers(1, 1800)},
    "sidecars": {"shutdownSeconds": st.integers(1, 20), "beforeInitContainers": st.booleans()},
}
_PORTS = {"wait": ("a-1", 65001), "0" * 63: ("a-2", 65002), "proxy": ("a-3", 65003)}
"""Names of containers, and the name and number of a port for each."""


def further(draw: Draw, workload: Config) -> Config:
    """Adds init containers and sidecars to some workloads, and returns the workload."""
    names = draw(st.permutations([*_PORTS]))
    for field, times in _TIMES.items():
        count = draw(st.sampled_from([0, 0, 1, 2]))
        drawn, names = names[:count], names[count:]
        containers = [_container(draw, name, times) for name in drawn]
        for each in containers if field == "sidecars" else ():
            _add_probes(draw, each)
        if containers or draw(st.booleans()):
            workload[field] = containers
    return workload


def _container(draw: Draw, name: str, times: dict[str, st.SearchStrategy[Any]]) -> Config:
    optional: dict[str, st.SearchStrategy[Any]] = {
        "command": st.just(["/further"]),
        "args": st.lists(TEXT, max_size=2),
        "env": keys_of({}, optional={"A": TEXT}),
        "secretEnv": st.just({"SECRET": {"secret": "a", "key": "b"}}),
        "envFields": st.just({"IP": "status.podIP"}),
        "envResources": st.just({"MIB": {"resource": "limits.memory", "divisor": "1Mi"}}),
        "envFrom": st.just([{"configMap": "a"}, {"secret": "a", "prefix": "A_"}]),
        **times,
    }
    required = {
        "name": st.just(name),
        "image": st.just("example.com/further:1.0"),
        "requests": keys_of({"cpu": st.just("20m"), "memory": st.sampled_from(["16Mi", "64Mi"])}),
    }
    return draw(keys_of(required, optional=optional))


def _add_probes(draw: Draw, sidecar: Config) -> None:
    """Adds probes of a port or by a command to some sidecars."""
    if draw(st.booleans()):
        sidecar["ports"] = dict([_PORTS[sidecar["name"]]])
    for kind in ("liveness", "readiness"):
        if draw(st.booleans()):
            check: Config = {"command": ["/a"]}
            if "ports" in sidecar:
                check = {"port": _PORTS[sidecar["name"]][0]}
            sidecar.setdefault("probes", {})[kind] = {**check, **draw(_PROBE)}
