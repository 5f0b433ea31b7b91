"""HA6: rules about PodDisruptionBudgets."""

from collections.abc import Iterator

from settings.reading.wording import counted
from tools.rules.kubernetes.references import selects_nothing
from tools.rules.model import Object
from tools.rules.objects import Objects, named
from tools.rules.rollout import share
from tools.rules.rule import Evidence, Rule

_BUDGET = "PodDisruptionBudget"


def _no_budget(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        budgets = objects.selecting(_BUDGET, workload)
        services = objects.services_of(workload)
        several = workload.replicated and objects.minimum(workload) > 1
        if several and services and not budgets:
            yield Evidence(
                resource=workload.subject,
                field="",
                text=f"no PodDisruptionBudget selects the pods behind {named(services)}, so that "
                "drains of several nodes can evict all of them at once; write one with "
                "maxUnavailable: 1 or a percentage",
            )


NO_BUDGET = Rule(
    id="HA601",
    claim="Pods behind a Service have a disruption budget.",
    why="An upgrade or a scale-down drains nodes. Without a budget, the drains evict pods before "
    "their replacements are ready.",
    not_flagged=(
        "workloads with one pod: a budget would only delay the gap",
        "workloads behind no Service, or behind a Service for metrics only",
        "DaemonSets, whose pods a drain does not evict",
    ),
    severity="warning",
    setting="The program creates a budget for each app.",
    find=_no_budget,
)


def allowed_disruptions(budget: Object, pods: int) -> int:
    """Returns the number of evictions that a budget allows while all pods are healthy.

    Both percentages are rounded up.
    https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages
    """
    spec = budget.spec
    if "maxUnavailable" in spec:
        return share(spec, "maxUnavailable", pods, default="0", up=True)
    if "minAvailable" in spec:
        return pods - share(spec, "minAvailable", pods, default="0", up=True)
    return pods


def _field(budget: Object) -> str:
    return "maxUnavailable" if "maxUnavailable" in budget.spec else "minAvailable"


def _blocks_drains(objects: Objects) -> Iterator[Evidence]:
    for budget in objects.of_kind(_BUDGET):
        selected = objects.selected(budget)
        pods = sum(objects.maximum(each) for each in selected if each.replicated)
        if pods and allowed_disruptions(budget, pods) <= 0:
            field = _field(budget)
            nodes = "its node" if pods == 1 else "their nodes"
            second_pod_helps = pods == 1 and allowed_disruptions(budget, 2) > 0
            better = "replicas of 2 or more" if second_pod_helps else "maxUnavailable: 1"
            yield Evidence(
                resource=budget.subject,
                field=f"spec.{field}",
                text=f"{budget.spec.text(field)} allows no eviction of the {counted(pods, 'pod')} "
                f"of {named(selected)}, so that no drain of {nodes} ends; write {better}",
            )


BLOCKS_DRAINS = Rule(
    id="HA602",
    claim="A disruption budget allows an eviction while all pods are healthy.",
    why="A budget that allows no eviction blocks each drain: node updates fail after 15 minutes "
    "(PodEvictionFailure), and the zone with the node cannot be emptied. "
    "https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html",
    not_flagged=(
        "budgets of zero pods",
        "budgets whose pods no file has",
        "budgets that allow evictions at the maximum of an autoscaler (HA603)",
    ),
    severity="error",
    setting="The program derives budgets from replicas.",
    find=_blocks_drains,
)


def _blocks_at_minimum(objects: Objects) -> Iterator[Evidence]:
    for budget in objects.of_kind(_BUDGET):
        selected = [each for each in objects.selected(budget) if each.replicated]
        lowest = sum(max(1, objects.minimum(each)) for each in selected)
        highest = sum(objects.maximum(each) for each in selected)
        if highest > lowest and allowed_disruptions(budget, lowest) <= 0 < allowed_disruptions(
            budget, highest
        ):
            field = _field(budget)
            yield Evidence(
                resource=budget.subject,
                field=f"spec.{field}",
                text=f"{budget.spec.text(field)} allows no eviction while {named(selected)} has "
                f"its minimum of {counted(lowest, 'pod')}, so that no drain ends at low "
                "load; write maxUnavailable: 1, or a higher minimum",
            )


BLOCKS_AT_MINIMUM = Rule(
    id="HA603",
    claim="A disruption budget allows an eviction at the minimum of the autoscaler.",
    why="At low load, the autoscaler scales to its minimum. Node updates then wait until the load "
    "rises, and fail after 15 minutes.",
    not_flagged=(
        "maxUnavailable, and percentages below 100% of the minimum",
        "a ScaledObject that scales to zero, unless one pod would block",
    ),
    severity="error",
    setting="The program derives budgets from replicas.",
    find=_blocks_at_minimum,
)


def _several_budgets(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        budgets = objects.selecting(_BUDGET, workload)
        if len(budgets) > 1:
            yield Evidence(
                resource=budgets[1].subject,
                field="spec.selector",
                text=f"selects the pods of {workload.subject}, as does {budgets[0].subject}: the "
                "API refuses to evict a pod with two budgets, so that no drain of its node ends; "
                "keep one of them",
            )


SEVERAL_BUDGETS = Rule(
    id="HA604",
    claim="A pod has one disruption budget.",
    why="The eviction API answers with an error for pods with several budgets. "
    "https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works",
    not_flagged=("budgets in different namespaces",),
    severity="error",
    setting="The program creates one budget for a workload.",
    find=_several_budgets,
)


def _dangling_budget(objects: Objects) -> Iterator[Evidence]:
    for budget in objects.of_kind(_BUDGET):
        if selects_nothing(objects, budget):
            yield Evidence(
                resource=budget.subject,
                field="spec.selector",
                text="no pod template of the namespace has these labels, so that the budget "
                "protects no pods; write the labels of a pod template",
            )


DANGLING_BUDGET = Rule(
    id="HA605",
    claim="The selector of a disruption budget matches pods.",
    why="The manifests look as if the pods had a budget, but drains evict all of them at once.",
    not_flagged=(
        "a namespace without workloads in the files",
        "a namespace with custom resources whose operator may create the pods",
    ),
    severity="error",
    setting="The program writes selectors and labels together.",
    find=_dangling_budget,
)

RULES = (NO_BUDGET, BLOCKS_DRAINS, BLOCKS_AT_MINIMUM, SEVERAL_BUDGETS, DANGLING_BUDGET)
