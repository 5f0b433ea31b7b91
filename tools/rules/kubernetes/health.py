"""HA2: rules about probes."""

from collections.abc import Iterator

from tools.manifests.fields import Fields
from tools.rules.model import Object
from tools.rules.objects import Objects, named
from tools.rules.rule import Evidence, Rule

_HANDLERS = ("httpGet", "grpc", "exec")
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def _no_readiness(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.replicated:
        services = [each for each in objects.services_of(workload) if not _all_addresses(each)]
        containers = workload.containers
        probed = any("readinessProbe" in each or "startupProbe" in each for each in containers)
        if services and containers and not probed and not workload.pod.sections("readinessGates"):
            yield Evidence(
                resource=workload.subject,
                field=f"{workload.path_of(containers[0])}.readinessProbe",
                text=f"no container has a readinessProbe, so that {named(services)} sends requests "
                "to pods that are still starting, and a rollout replaces all pods before the new "
                "ones can serve; write a readinessProbe",
            )


def _all_addresses(service: Object) -> bool:
    return service.spec.text("publishNotReadyAddresses") == "true"


NO_READINESS = Rule(
    id="HA201",
    claim="Pods behind a Service have a readiness probe.",
    why="Without a readiness probe, a pod receives requests as soon as its process runs. Each "
    "rollout and each replaced pod then causes errors.",
    not_flagged=(
        "a startup probe, which also holds back requests until the program has started",
        "readiness gates in the pod template",
        "Services with publishNotReadyAddresses, and Services for metrics only",
    ),
    severity="error",
    setting="apps.NAME.probes",
    find=_no_readiness,
)


def _identical_probes(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        for container in workload.containers if workload.long_running else []:
            live, ready = container.section("livenessProbe"), container.section("readinessProbe")
            same = any(
                each in live and live.values.get(each) == ready.values.get(each)
                for each in _HANDLERS
            )
            if same and _seconds(live) <= _seconds(ready):
                yield Evidence(
                    resource=workload.subject,
                    field=f"{workload.path_of(container)}.livenessProbe",
                    text=f"makes the same request as the readinessProbe and fails within "
                    f"{_seconds(live)}s, so that a slow or overloaded pod is restarted instead of "
                    "getting no requests for a while, which overloads the other pods; write a "
                    "livenessProbe that checks the process only, or a longer failureThreshold",
                )


def _seconds(probe: Fields) -> int:
    """Returns the seconds of failures after which a probe has failed.

    https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.35/#probe-v1-core
    """
    return (probe.number("failureThreshold") or 3) * (probe.number("periodSeconds") or 10)


IDENTICAL_PROBES = Rule(
    id="HA202",
    claim="A liveness probe fails later than a readiness probe with the same request.",
    why="The readiness probe takes a pod out of service while a dependency fails or the pod is "
    "overloaded. A liveness probe with the same request restarts the pods at that moment, and the "
    "remaining pods get the load.",
    not_flagged=(
        "a liveness probe that needs longer to fail: failureThreshold × periodSeconds is greater",
        "tcpSocket: the connection depends on nothing outside of the process",
        "workloads with only one of the two probes",
    ),
    severity="warning",
    setting="apps.NAME.probes.liveness",
    find=_identical_probes,
)


def _dangling_probe_port(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        for container in workload.containers:
            names = {port.text("name") for port in container.sections("ports")}
            for name in _PROBES:
                probe = container.section(name)
                handler = "httpGet" if "httpGet" in probe else "tcpSocket"
                port = probe.section(handler).text("port")
                if port and not port.isdigit() and port not in names:
                    yield Evidence(
                        resource=workload.subject,
                        field=f"{workload.path_of(container)}.{name}.{handler}.port",
                        text=f"the container has no port with the name {port}, so that the probe "
                        "always fails; write the name or number of a containerPort",
                    )


DANGLING_PROBE_PORT = Rule(
    id="HA203",
    claim="Named ports of probes exist in their container.",
    why="A probe of an unknown port fails, so that the pod is never ready or is restarted again "
    "and again.",
    not_flagged=("port numbers",),
    severity="error",
    setting="The program writes probes and ports together.",
    find=_dangling_probe_port,
)

RULES = (NO_READINESS, IDENTICAL_PROBES, DANGLING_PROBE_PORT)
