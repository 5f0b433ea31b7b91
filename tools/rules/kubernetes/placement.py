"""HA5: rules about nodes and zones of pods."""

from collections.abc import Iterator

from tools.manifests.fields import Fields
from tools.manifests.selectors import label_selector
from tools.rules.model import Workload
from tools.rules.objects import Objects, named
from tools.rules.rollout import surge, unavailable
from tools.rules.rule import Evidence, Rule

ZONE_KEYS = {
    "topology.kubernetes.io/zone",
    "topology.k8s.aws/zone-id",
    "failure-domain.beta.kubernetes.io/zone",
}
"""Node labels with the zone: its name, its ID, and the deprecated label with its name.
https://kubernetes.io/docs/reference/labels-annotations-taints/
https://github.com/kubernetes/cloud-provider-aws/pull/855"""

_ZONES = 3
"""Zones of a cluster whose number of zones is unknown: all regions of AWS have at least three."""


def _no_zone_spread(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.replicated:
        if objects.minimum(workload) < 2 or objects.single_node_claims(workload):
            continue
        if not (_spreads(workload) or pinned_zones(workload)):
            yield Evidence(
                resource=workload.subject,
                field=f"{workload.pod_path}.topologySpreadConstraints",
                text="no constraint spreads the pods over zones, so that all of them can fail "
                "with one zone; write a constraint with topologyKey topology.kubernetes.io/zone",
            )


def _spreads(workload: Workload) -> bool:
    keys = {each.text("topologyKey") for each in workload.pod.sections("topologySpreadConstraints")}
    keys |= {term.text("topologyKey") for term in _anti_affinity(workload)}
    return bool(keys & ZONE_KEYS)


def _anti_affinity(workload: Workload) -> Iterator[Fields]:
    """Yields the terms of the anti-affinity, preferred and required ones."""
    yield from _required(workload)
    for each in workload.pod.at("affinity.podAntiAffinity").sections(
        "preferredDuringSchedulingIgnoredDuringExecution"
    ):
        yield each.section("podAffinityTerm")


def _required(workload: Workload) -> list[Fields]:
    return workload.pod.at("affinity.podAntiAffinity").sections(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )


def pinned_zones(workload: Workload) -> set[str]:
    """Returns the zones that a node selector or a required node affinity allows; empty if it
    allows all zones."""
    labels = workload.pod.mapping("nodeSelector")
    selected = {labels[key] for key in ZONE_KEYS & {*labels}}
    required = workload.pod.at("affinity.nodeAffinity").section(
        "requiredDuringSchedulingIgnoredDuringExecution"
    )
    terms = [_zones_of(each) for each in required.sections("nodeSelectorTerms")]
    return selected or (set[str]().union(*terms) if all(terms) else set())


def _zones_of(term: Fields) -> set[str]:
    """Returns the zones that a node selector term allows; empty if it allows all zones."""
    return {
        zone
        for each in term.sections("matchExpressions")
        if each.text("key") in ZONE_KEYS and each.text("operator") == "In"
        for zone in each.texts("values")
    }


NO_ZONE_SPREAD = Rule(
    id="HA503",
    claim="The pods of a workload are spread over zones.",
    why="By default, the scheduler prefers other zones only slightly (maxSkew 5): five pods may "
    "all run in one zone. https://kubernetes.io/docs/concepts/scheduling-eviction/"
    "topology-spread-constraints/#internal-default-constraints",
    not_flagged=(
        "constraints and anti-affinity by zone, strict or preferred",
        "workloads that a node selector or node affinity puts into chosen zones (HA508)",
        "workloads with at most one pod, and pods that share a volume of one node",
        "DaemonSets",
    ),
    severity="warning",
    setting="apps.NAME.spread.zones",
    find=_no_zone_spread,
)


def _constraint_without_pods(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.workloads:
        for constraint in workload.pod.sections("topologySpreadConstraints"):
            selector = label_selector(constraint, "labelSelector")
            if selector is None or not objects.matching(workload.object, selector):
                yield Evidence(
                    resource=workload.subject,
                    field=f"{workload.pod_path}.topologySpreadConstraints"
                    f"[{constraint.text('topologyKey')}].labelSelector",
                    text="does not match the labels of the pods, so that the constraint spreads "
                    "nothing; write the labels of the pod template",
                )


CONSTRAINT_WITHOUT_PODS = Rule(
    id="HA504",
    claim="The label selector of a topology spread constraint matches pods.",
    why="A constraint without pods has no effect: all pods can be in one zone or on one node.",
    not_flagged=("a selector for the pods of another workload of the namespace",),
    severity="error",
    setting="The program writes constraints and labels together.",
    find=_constraint_without_pods,
)


def _no_spare_zone(objects: Objects) -> Iterator[Evidence]:
    zones = objects.zones or _ZONES
    for workload in objects.replicated:
        for term in _required(workload):
            selector = label_selector(term, "labelSelector")
            apart = selector is not None and selector.matches(workload.labels)
            if not apart or term.text("topologyKey") not in ZONE_KEYS:
                continue
            pods = objects.maximum(workload)
            by_revision = "pod-template-hash" in term.texts("matchLabelKeys")
            extra = (
                surge(workload, pods) if not by_revision and not unavailable(workload, pods) else 0
            )
            if pods + extra > zones:
                rollout = f" and {extra} more during a rollout" if extra else ""
                yield Evidence(
                    resource=workload.subject,
                    field=f"{workload.pod_path}.affinity.podAntiAffinity",
                    text=f"allows one pod per zone, but there are up to {pods} pods{rollout}, and "
                    f"pods beyond {zones} zones stay pending; write a topology spread constraint, "
                    "or a preferred anti-affinity",
                )


NO_SPARE_ZONE = Rule(
    id="HA505",
    claim="A required anti-affinity by zone has a zone for each pod.",
    why="Pods without a zone stay pending: the workload does not scale up, or a rollout never ends "
    "because the new pod waits for a zone that an old pod holds.",
    not_flagged=(
        "matchLabelKeys with pod-template-hash, which ignores the pods of the old release",
        "strategies that delete an old pod first (maxUnavailable, Recreate, StatefulSets)",
        "anti-affinity by node: the manifests do not show the number of nodes",
        "preferred anti-affinity",
    ),
    severity="error",
    setting="apps.NAME.spread.zones",
    find=_no_spare_zone,
)


def _pinned(objects: Objects) -> Iterator[Evidence]:
    zones_of = {each: pinned_zones(each) for each in objects.workloads}
    for workload in objects.replicated:
        zones, services = zones_of[workload], objects.services_of(workload)
        if not services or len(zones) != 1 or not objects.minimum(workload):
            continue
        others = [each for service in services for each in objects.selected(service)]
        if all(zones_of[each] == zones for each in others):
            by_label = ZONE_KEYS & {*workload.pod.mapping("nodeSelector")}
            field = "nodeSelector" if by_label else "affinity.nodeAffinity"
            yield Evidence(
                resource=workload.subject,
                field=f"{workload.pod_path}.{field}",
                text=f"all pods behind {named(services)} run in {', '.join(zones)}, and fail with "
                "this zone; allow all zones, or write a second workload for another zone",
            )


PINNED = Rule(
    id="HA508",
    claim="The pods behind a Service are not restricted to one zone.",
    why="If this zone fails, no pod of the Service can run anywhere.",
    not_flagged=(
        "one workload per zone behind one Service",
        "workloads behind no Service, such as consumers of a queue of one zone",
    ),
    severity="error",
    setting="The program restricts no app to one zone.",
    find=_pinned,
)

RULES = (
    NO_ZONE_SPREAD, CONSTRAINT_WITHOUT_PODS, NO_SPARE_ZONE, PINNED,
)  # fmt: skip
