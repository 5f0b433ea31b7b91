"""Kubernetes objects, workloads and autoscalers, as rules read them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tools.manifests.documents import Document, ManifestError
from tools.manifests.fields import Fields

_POD_PATHS = {
    "Deployment": "spec.template",
    "StatefulSet": "spec.template",
    "DaemonSet": "spec.template",
    "ReplicaSet": "spec.template",
    "ReplicationController": "spec.template",
    "Job": "spec.template",
    "CronJob": "spec.jobTemplate.spec.template",
}
"""Path of the pod template of each kind of workload."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Object:
    """A Kubernetes object."""

    kind: str
    group: str
    """API group, such as apps; empty for the core group."""
    name: str
    namespace: str
    """Namespace; empty if the object has none, or if `kubectl apply` sets it."""
    fields: Fields
    file: str
    """File with the object; in a recording, the name of the resource."""
    line: int
    """Line at which the object begins in the file, from 1; in a recording 1."""

    @property
    def subject(self) -> str:
        """Kind, namespace and name, such as Deployment/shop/web."""
        return "/".join(filter(None, (self.kind, self.namespace, self.name)))

    @property
    def custom(self) -> bool:
        """True if the API group does not belong to Kubernetes itself."""
        return "." in self.group and not self.group.endswith(".k8s.io")

    @property
    def spec(self) -> Fields:
        """Section `spec`."""
        return self.fields.section("spec")

    @property
    def live(self) -> bool:
        """True if the object was read from a cluster, which sets fields that no file has."""
        return "uid" in self.fields.section("metadata")

    @property
    def owners(self) -> set[tuple[str, str]]:
        """Kind and name of each object that owns this one, such as a Deployment a ReplicaSet."""
        owners = self.fields.section("metadata").sections("ownerReferences")
        return {(each.text("kind") or "", each.text("name") or "") for each in owners}

    def shares_namespace(self, other: "Object") -> bool:
        """True if both objects can be in one namespace: an object without one can be in any."""
        return self.namespace == other.namespace or "" in (self.namespace, other.namespace)


@dataclass(frozen=True, kw_only=True, eq=False)
class Workload:
    """An object with a pod template."""

    object: Object
    pod: Fields
    """Pod spec of the template."""
    pod_path: str
    """Path of the pod spec, such as spec.template.spec."""
    labels: Mapping[str, str]
    """Labels of the pods."""

    @property
    def subject(self) -> str:
        """Subject of the object."""
        return self.object.subject

    @property
    def kind(self) -> str:
        """Kind of the object."""
        return self.object.kind

    @property
    def replicated(self) -> bool:
        """True if the workload can have several pods that run until they are replaced."""
        return self.kind in ("Deployment", "StatefulSet")

    @property
    def long_running(self) -> bool:
        """True if the pods run until they are replaced."""
        return self.replicated or self.kind == "DaemonSet"

    @property
    def containers(self) -> list[Fields]:
        """Containers that run at the same time: no init containers except for sidecars."""
        sidecars = [
            each
            for each in self.pod.sections("initContainers")
            if each.text("restartPolicy") == "Always"
        ]
        return [*self.pod.sections("containers"), *sidecars]

    def path_of(self, container: Fields) -> str:
        """Returns the path of a container, such as spec.template.spec.containers[web]."""
        name = container.text("name")
        names = {each.text("name") for each in self.pod.sections("containers")}
        section = "containers" if name in names else "initContainers"
        return f"{self.pod_path}.{section}[{name}]"

    @property
    def replicas(self) -> int:
        """Number of pods of the spec; default: 1."""
        replicas = self.object.spec.number("replicas")
        return 1 if replicas is None else replicas

    @property
    def recreated(self) -> bool:
        """True if a rollout deletes the old pods first, so that no two versions run."""
        return self.object.spec.section("strategy").text("type") == "Recreate"


@dataclass(frozen=True, kw_only=True, eq=False)
class Autoscaler:
    """A HorizontalPodAutoscaler, or a ScaledObject of KEDA."""

    object: Object
    target_kind: str
    target: str
    minimum: int
    maximum: int
    minimum_field: str
    maximum_field: str


def object_of(document: Document) -> Object | None:
    """Returns the Kubernetes object of a document; None if the document is something else."""
    fields = Fields(document.values, document.file)
    kind, version = fields.text("kind"), fields.text("apiVersion")
    if not kind or not version:
        return None
    metadata = Fields(document.values, f"{document.file}: {kind}").section("metadata")
    name = metadata.text("name") or metadata.text("generateName")
    if not name:
        raise ManifestError(f"{document.file}: {kind}: metadata.name: required")
    return Object(
        kind=kind,
        group=version.rpartition("/")[0],
        name=name,
        namespace=metadata.text("namespace") or "",
        file=document.file,
        line=document.line,
        fields=Fields(document.values, f"{document.file}: {kind}/{name}"),
    )


def workload_of(each: Object) -> Workload | None:
    """Returns the workload of an object with a pod template; None for other objects."""
    if each.kind == "Pod" and not each.group:
        template, path = each.fields, "spec"
    elif each.kind in _POD_PATHS and each.group in ("apps", "batch", ""):
        path = _POD_PATHS[each.kind]
        template = each.fields.at(path)
        path += ".spec"
    else:
        return None
    return Workload(
        object=each,
        pod=template.section("spec"),
        pod_path=path,
        labels=template.section("metadata").mapping("labels"),
    )


def autoscaler_of(each: Object) -> Autoscaler | None:
    """Returns the autoscaler of an object; None for other objects."""
    target = each.spec.section("scaleTargetRef")
    if each.kind == "HorizontalPodAutoscaler":
        fields, minimum, maximum = ("minReplicas", "maxReplicas"), 1, 1
    elif each.kind == "ScaledObject":
        fields, minimum, maximum = ("minReplicaCount", "maxReplicaCount"), 0, 100
    else:
        return None
    low, high = (each.spec.number(field) for field in fields)
    return Autoscaler(
        object=each,
        target_kind=target.text("kind") or "Deployment",
        target=target.text("name") or "",
        minimum=minimum if low is None else low,
        maximum=maximum if high is None else high,
        minimum_field=f"spec.{fields[0]}",
        maximum_field=f"spec.{fields[1]}",
    )
