"""User, group and file system of a pod."""

from collections.abc import Sequence
from typing import Any

from settings.workload.workload import Workload
from tools.importer.fields import Fields
from tools.importer.report import SubjectReport

DEFAULT_USER = Workload.model_fields["run_as_user"].default
"""User of pods without runAsUser."""
_ALLOWED = ["NET_BIND_SERVICE"]
"""Capability that pods do not need: ports below 1024 are open to every user."""


def security(
    pod: Fields, container: Fields, further: Sequence[Fields], report: SubjectReport
) -> dict[str, Any]:
    """Returns the keys `runAsUser` and `runAsGroup`, which all containers of a pod have.

    Any: settings of the stack file.
    """
    of_pod, of_container = pod.section("securityContext"), container.section("securityContext")
    _skip_restrictions(of_pod, report)
    for each in (container, *further):
        _skip_restrictions(each.section("securityContext"), report)
    ids = {
        "runAsUser": _id(of_container, "runAsUser") or _id(of_pod, "runAsUser"),
        "runAsGroup": _id(of_container, "runAsGroup")
        or _id(of_pod, "runAsGroup")
        or _id(of_pod, "fsGroup"),
    }
    of_pod.skip_if("fsGroup", str(ids["runAsGroup"]))
    for each in further:
        context = each.section("securityContext")
        context.skip("readOnlyRootFilesystem")
        for key, number in ids.items():
            context.skip_if(key, str(number))
    _report_user(of_pod, of_container, ids, report)
    return {key: value for key, value in ids.items() if value}


def _skip_restrictions(context: Fields, report: SubjectReport) -> None:
    """Marks what every pod has as read, and reports capabilities that no pod has."""
    context.skip_if("runAsNonRoot", "true")
    context.skip("fsGroupChangePolicy")
    context.section("seccompProfile").skip_if("type", "RuntimeDefault")
    context.skip_if("allowPrivilegeEscalation", "false")
    context.skip_if("privileged", "false")
    capabilities = context.section("capabilities")
    capabilities.skip("drop")
    if capabilities.texts("add") not in ([], _ALLOWED):
        report.lost(capabilities.path_of("add"))


def _id(context: Fields, key: str) -> int | None:
    """Returns a user or group other than root; None if there is none."""
    return context.number(key) or None


def _report_user(
    of_pod: Fields, of_container: Fields, ids: dict[str, int | None], report: SubjectReport
) -> None:
    if not ids["runAsUser"]:
        report.changed(
            "securityContext.runAsUser",
            f"pods never run as root; {DEFAULT_USER} is used, or write the user of the image in "
            "runAsUser and runAsGroup",
        )
    if of_container.flag("readOnlyRootFilesystem") is not True:
        report.changed(
            "securityContext.readOnlyRootFilesystem",
            "the file system is read-only; write each directory that the program writes to, such "
            "as /tmp, in scratch",
        )
