"""HA1: rules about Services and Ingresses."""

from collections.abc import Iterator, Mapping

from tools.manifests.fields import Fields
from tools.rules.model import Object, Workload
from tools.rules.objects import Objects, named
from tools.rules.rule import Evidence, Rule

_WITHOUT_PODS: Mapping[str, set[str] | None] = {
    "argoproj.io": {"Application", "AppProject"},
    "autoscaling.x-k8s.io": None,
    "cert-manager.io": None,
    "elbv2.k8s.aws": None,
    "external-secrets.io": None,
    "karpenter.sh": None,
    "keda.sh": {"ScaledObject", "TriggerAuthentication", "ClusterTriggerAuthentication"},
    "monitoring.coreos.com": {"ServiceMonitor", "PodMonitor", "PrometheusRule", "Probe"},
    "networking.istio.io": None,
    "security.istio.io": None,
    "secrets-store.csi.x-k8s.io": None,
    "traefik.io": None,
}
"""API groups outside of Kubernetes whose objects run no pods; None: all kinds of the group."""


def runs_unknown_pods(objects: Objects, selecting: Object) -> bool:
    """True if an object of another API group can create the pods that `selecting` selects."""
    return any(_may_run_pods(group, kind) for group, kind in objects.custom_kinds_beside(selecting))


def _may_run_pods(group: str, kind: str) -> bool:
    without: set[str] | None = _WITHOUT_PODS.get(group, set())
    return without is not None and kind not in without


def selects_nothing(objects: Objects, selecting: Object) -> bool:
    """True if the files have workloads in the namespace of an object with a selector, and the
    selector matches none of them."""
    return (
        not objects.selected(selecting)
        and bool(objects.workloads_beside(selecting))
        and not runs_unknown_pods(objects, selecting)
    )


def _dangling_service(objects: Objects) -> Iterator[Evidence]:
    for service in objects.of_kind("Service"):
        selector = service.spec.mapping("selector")
        if service.group or not selector or service.spec.text("type") == "ExternalName":
            continue
        if selects_nothing(objects, service):
            labels = ", ".join(f"{key}={value}" for key, value in selector.items())
            yield Evidence(
                resource=service.subject,
                field="spec.selector",
                text=f"no pod template of the namespace has the labels {labels}, so that the "
                "Service has no endpoints; write the labels of a pod template",
            )


DANGLING_SERVICE = Rule(
    id="HA103",
    claim="The selector of a Service matches pods.",
    why="A Service without endpoints refuses all connections.",
    not_flagged=(
        "Services without a selector, and Services of type ExternalName",
        "a namespace without workloads in the files",
        "a namespace with custom resources whose operator may create the pods",
    ),
    severity="error",
    setting="The program writes selectors and labels together.",
    find=_dangling_service,
)


def _dangling_target_port(objects: Objects) -> Iterator[Evidence]:
    for service in objects.of_kind("Service"):
        pods = objects.selected(service)
        for port in service.spec.sections("ports") if pods else []:
            target = port.text("targetPort")
            if target and not target.isdigit() and target not in _port_names(pods):
                yield Evidence(
                    resource=service.subject,
                    field=f"spec.ports[{port.text('name') or port.text('port')}].targetPort",
                    text=f"no container of {named(pods)} has a port with the name {target}, so "
                    "that the port has no endpoints; write the name or number of a containerPort",
                )


def _port_names(workloads: list[Workload]) -> set[str]:
    return {
        port.text("name") or ""
        for workload in workloads
        for container in workload.containers
        for port in container.sections("ports")
    }


DANGLING_TARGET_PORT = Rule(
    id="HA104",
    claim="Named target ports of a Service exist in its pods.",
    why="A Service port whose name no container has gets no endpoints.",
    not_flagged=("port numbers: a container can listen on a port that it does not declare",),
    severity="error",
    setting="The program writes the ports of Services and containers together.",
    find=_dangling_target_port,
)


def _dangling_ingress(objects: Objects) -> Iterator[Evidence]:
    for ingress in objects.of_kind("Ingress"):
        for reference in _references(ingress):
            wanted = reference.section("port")
            port = wanted.text("name") or wanted.text("number")
            for service in objects.beside(ingress, "Service", reference.text("name") or ""):
                ports = service.spec.sections("ports")
                known = {each.text(key) for each in ports for key in ("name", "port")}
                if port and ports and port not in known:
                    yield Evidence(
                        resource=ingress.subject,
                        field="spec.rules",
                        text=f"{service.subject} has no port {port}, so that requests fail; "
                        "write the name or number of a port of the Service",
                    )


def _references(ingress: Object) -> Iterator[Fields]:
    """Yields the Services that receive the requests of an Ingress."""
    yield ingress.spec.at("defaultBackend.service")
    for rule in ingress.spec.sections("rules"):
        for path in rule.section("http").sections("paths"):
            yield path.at("backend.service")


DANGLING_INGRESS = Rule(
    id="HA105",
    claim="An Ingress leads to ports that its Services have.",
    why="An Ingress controller answers requests for a missing port with an error.",
    not_flagged=(
        "Services that no file has",
        "ports of actions in annotations of the AWS Load Balancer Controller (use-annotation)",
    ),
    severity="error",
    setting="apps.NAME.expose",
    find=_dangling_ingress,
)

RULES = (DANGLING_SERVICE, DANGLING_TARGET_PORT, DANGLING_INGRESS)
