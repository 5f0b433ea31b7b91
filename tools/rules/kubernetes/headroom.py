"""HA7: rules about pods that hold headroom."""

from collections.abc import Iterator

from tools.manifests.fields import Fields
from tools.rules.model import Workload
from tools.rules.objects import Objects
from tools.rules.rule import Evidence, Rule


def _defeats_headroom(objects: Objects) -> Iterator[Evidence]:
    holders = {each for each in objects.workloads if objects.holds_headroom(each)}
    priorities = [_priority(objects, each) for each in holders if _known(objects, each)]
    highest = max(priorities, default=0)
    for workload in objects.replicated if priorities else ():
        if workload in holders or not _known(objects, workload):
            continue
        if _class(objects, workload).text("preemptionPolicy") == "Never":
            problem = "has preemptionPolicy Never"
        elif _priority(objects, workload) <= highest:
            problem = f"has priority {_priority(objects, workload)}, and headroom {highest}"
        else:
            continue
        yield Evidence(
            resource=workload.subject,
            field=f"{workload.pod_path}.priorityClassName",
            text=f"{problem}: its pods do not preempt the pods that hold headroom, and stay "
            "pending although capacity is reserved; write a class with a higher priority that "
            "preempts",
        )


def _known(objects: Objects, workload: Workload) -> bool:
    """True if the files have the priority class of a workload, or if the workload names none."""
    name = workload.pod.text("priorityClassName")
    return name is None or bool(_named_class(objects, name))


def _named_class(objects: Objects, name: str | None) -> Fields:
    found = [
        each.fields
        for each in objects.of_kind("PriorityClass")
        if (each.name == name if name else each.fields.text("globalDefault") == "true")
    ]
    return found[0] if found else Fields({}, "")


def _class(objects: Objects, workload: Workload) -> Fields:
    return _named_class(objects, workload.pod.text("priorityClassName"))


def _priority(objects: Objects, workload: Workload) -> int:
    """Returns the priority of the pods; without any class, 0."""
    return _class(objects, workload).number("value") or 0


DEFEATS_HEADROOM = Rule(
    id="HA701",
    claim="Workloads preempt the pods that hold headroom.",
    why="Headroom is capacity that pause pods occupy until others need it. A workload that does "
    "not preempt them waits for a new node, as if there were no headroom.",
    not_flagged=(
        "files without pause pods",
        "priority classes that no file has, such as system-cluster-critical",
    ),
    severity="error",
    setting="apps.NAME.critical",
    find=_defeats_headroom,
)

RULES = (DEFEATS_HEADROOM,)
