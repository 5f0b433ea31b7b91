"""A CronJob as a cron job of the stack file."""

from tools.importer.container import program, requests
from tools.importer.deployment import Entry
from tools.importer.fields import Fields
from tools.importer.further_containers import containers_of, further_containers
from tools.importer.names import entry_name
from tools.importer.objects import Objects
from tools.importer.ports import Ports
from tools.importer.read_files import Manifest
from tools.importer.report import SubjectReport
from tools.importer.security import security
from tools.importer.volumes import volumes

_RETRIES = 6
"""Failed pods that Kubernetes replaces by default.
https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy"""
_LONGEST_DEADLINE, _SHORTEST_START, _LONGEST_START = 86400, 10, 86400


def cron_job(manifest: Manifest, objects: Objects, report: SubjectReport) -> Entry:
    """Returns the cron job of a CronJob, and reports what it lacks."""
    spec = objects.use(manifest).section("spec")
    job = spec.section("jobTemplate").section("spec")
    pod = job.section("template").section("spec")
    job.section("template").section("metadata").skip("labels")
    spec.section("jobTemplate").section("metadata").skip("labels")
    containers = containers_of(pod, manifest.name, report)
    main = containers.main
    mounts = volumes(pod, [main, *containers.further], objects, report)
    if mounts.volume:
        report.lost("spec.jobTemplate.spec.template.spec.volumes", "cron jobs have no volume")
    pod.skip_if("restartPolicy", "Never", "OnFailure")
    spec.skip_if("suspend", "false")
    job.skip_if("parallelism", "1")
    job.skip_if("completions", "1")
    pod.skip_if("serviceAccountName", "default", manifest.name)
    settings = {
        "schedule": spec.text("schedule") or "",
        "timeZone": spec.text("timeZone"),
        "concurrencyPolicy": (spec.text("concurrencyPolicy") or "Allow").lower(),
        "startingDeadlineSeconds": _start(spec, report),
        "deadlineSeconds": _deadline(job, report),
        "retries": _retries(job),
        "history": _history(spec),
        **program(main, objects, report),
        **further_containers(containers, Ports(), objects, report),
        **requests(main, report),
        **mounts.settings,
        **security(pod, main, containers.further, report),
    }
    return Entry(
        kind="cronJobs",
        name=entry_name(manifest.name),
        settings=settings,
        subject=manifest.subject,
        services={},
        namespace=manifest.namespace,
    )


def _start(spec: Fields, report: SubjectReport) -> int | None:
    seconds = spec.number("startingDeadlineSeconds")
    if seconds is None:
        return None
    nearest = min(max(seconds, _SHORTEST_START), _LONGEST_START)
    if nearest != seconds:
        report.changed(spec.path_of("startingDeadlineSeconds"), f"{seconds} became {nearest}")
    return nearest


def _deadline(job: Fields, report: SubjectReport) -> int | None:
    seconds = job.number("activeDeadlineSeconds")
    if seconds is not None and seconds > _LONGEST_DEADLINE:
        report.changed(
            job.path_of("activeDeadlineSeconds"), f"{seconds} became {_LONGEST_DEADLINE}, one day"
        )
        return _LONGEST_DEADLINE
    if seconds is None:
        report.changed(
            job.path_of("activeDeadlineSeconds"), "a job fails after an hour; write deadlineSeconds"
        )
    return seconds


def _retries(job: Fields) -> int:
    written = job.number("backoffLimit")
    return _RETRIES if written is None else written


def _history(spec: Fields) -> dict[str, int]:
    """Returns the section `history`."""
    successful = spec.number("successfulJobsHistoryLimit")
    failed = spec.number("failedJobsHistoryLimit")
    return {
        "successful": 3 if successful is None else successful,
        "failed": 1 if failed is None else failed,  # the default of Kubernetes
    }
