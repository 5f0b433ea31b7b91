"""Workloads of the objects of an import."""

from collections.abc import Iterator, Sequence

from tools.importer.compose import compose_entries
from tools.importer.cron_job import cron_job
from tools.importer.deployment import Entry, deployment
from tools.importer.ingresses import all_backends
from tools.importer.objects import Objects
from tools.importer.read_files import COMPLETE, SERVICE, Manifest
from tools.importer.references import connect
from tools.importer.report import Report
from tools.importer.routes import write_routes
from tools.manifests.documents import ManifestError

_REFUSED = {
    "StatefulSet": "no workload has pods with identities and volumes of their own; use a managed "
    "service, or a singleton with a volume (docs/stateful.md)",
    "DaemonSet": "pods of every node belong to the cluster, not to an app; write an extension "
    "(docs/extensions.md)",
    "Job": "write migration for a job before a rollout, or a cron job",
    "Pod": "write a Deployment, which replaces a failed pod",
    "ReplicaSet": "write a Deployment, which replaces pods step by step",
    "ReplicationController": "write a Deployment, which replaces pods step by step",
}
"""Kinds that cannot be imported, with the reason."""

_SKIPPED = {
    "Secret": "this program never reads secrets; create the Secret in the namespace of its "
    "workload",
    "Namespace": "each workload has a namespace of its name",
    "ServiceAccount": "each workload has a ServiceAccount of its name; write policies for AWS, and "
    "serviceAccountToken for the Kubernetes API",
    "NetworkPolicy": "network policies follow from talksTo, reaches and expose",
    "ConfigMap": "no workload of these files uses it",
    "Service": "it selects no workload of these files",
    "Ingress": "it leads to no workload of these files",
    "HorizontalPodAutoscaler": "it scales no workload of these files",
    "PodDisruptionBudget": "it selects no workload of these files",
    "PersistentVolumeClaim": "no workload of these files uses it",
    "PersistentVolume": "EBS volumes are created for claims",
    "StorageClass": "the cell has its own StorageClass",
    "PriorityClass": "write critical: true for workloads that preempt others",
    "config": "no service of these files uses it",
}
"""Kinds that become no workload of their own, with the reason why an object is left over."""

_UNKNOWN = "this kind is not imported; if it is needed, write an extension (docs/extensions.md)"


def workloads(manifests: Sequence[Manifest]) -> tuple[list[Entry], Report]:
    """Returns the workloads of some objects, and the report on what they lack.

    Raises ManifestError if two workloads have one name.
    """
    report = Report()
    _check_names(manifests)
    entries: list[Entry] = []
    for namespace in dict.fromkeys(each.namespace for each in manifests):
        objects = Objects([each for each in manifests if each.namespace == namespace])
        for each in objects.manifests:
            if each.kind == "Deployment":
                entries.append(deployment(each, objects, report.of(each.subject)))
            elif each.kind == "CronJob":
                entries.append(cron_job(each, objects, report.of(each.subject)))
        entries += compose_entries(objects, report)
        _report_backends(objects, report)
        _report_rest(objects, report)
    _check_entry_names(entries, report)
    connect(entries, report)
    write_routes(entries, report)
    return entries, report


def _check_names(manifests: Sequence[Manifest]) -> None:
    first: dict[str, Manifest] = {}
    for each in manifests:
        if each.kind in ("Deployment", "CronJob", SERVICE):
            if each.subject in first:
                one = "import one of them, or write another name"
                raise ManifestError(
                    f"{each.file}: {each.subject}: {first[each.subject].file} has a {each.kind} of "
                    f"this name; {COMPLETE if each.kind == SERVICE else one}"
                )
            first[each.subject] = each


def _check_entry_names(entries: Sequence[Entry], report: Report) -> None:
    first: dict[str, Entry] = {}
    for each in entries:
        name = each.subject.partition("/")[2]
        if each.name in first:
            raise ManifestError(
                f"{each.subject}: {first[each.name].subject} has the same name in the stack file, "
                f"{each.name}; write another name"
            )
        first[each.name] = each
        if each.name != name:
            report.of(each.subject).changed(
                "metadata.name",
                f"{name} became {each.name}: names have at most 20 lowercase letters, digits and "
                "-, and are not those of system namespaces",
            )


def _report_backends(objects: Objects, report: Report) -> None:
    """Reports the paths of used Ingresses that lead to no workload."""
    for each in all_backends(objects):
        if each.ingress.subject in objects.used and f"Service/{each.service}" not in objects.used:
            report.of(each.ingress.subject).lost(
                "spec.rules.http.paths",
                f"{each.host}{each.path} leads to Service {each.service}, which selects no "
                "workload of these files",
            )


def _report_rest(objects: Objects, report: Report) -> None:
    """Reports the fields of used objects that no code has read, and all other objects."""
    for each in objects.manifests:
        subject = report.of(each.subject)
        if each.subject in objects.used:
            for path in _unread(each):
                subject.lost(path)
        elif _is_test(each):
            subject.lost("", "only helm test runs it, after a deployment")
        elif each.kind in _REFUSED:
            subject.refuse("", _REFUSED[each.kind])
        else:
            subject.lost("", _SKIPPED.get(each.kind, _UNKNOWN))


def _is_test(manifest: Manifest) -> bool:
    """True for a test in the output of `helm template`.

    https://helm.sh/docs/topics/chart_tests/
    """
    hooks = manifest.fields.at("metadata.annotations").text("helm.sh/hook") or ""
    return all(each.strip().startswith("test") for each in hooks.split(","))


def _unread(manifest: Manifest) -> Iterator[str]:
    fields = manifest.fields
    if manifest.kind == "Secret":
        return
    if manifest.kind != SERVICE:
        fields.skip("apiVersion", "kind", "status")
        metadata = fields.section("metadata")
        annotated = manifest.kind == "Ingress"
        metadata.skip(*(key for key in metadata if not (annotated and key == "annotations")))
    yield from fields.unread()
