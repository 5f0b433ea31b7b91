"""HA5: rules about resources, nodes, zones and volumes of pods."""

import pytest

from tests.tools.rules.case import (
    Change,
    Manifests,
    add,
    another,
    container,
    findings,
    fixed_size,
    pod,
)
from tests.tools.rules.test_applications import CLAIM
from tests.tools.rules.test_autoscaling import LIMIT_RANGE

ZONE = "topology.kubernetes.io/zone"
IN_ZONE = {"key": ZONE, "operator": "In", "values": ["eu-west-1a"]}
ON_SPOT = {"key": "eks.amazonaws.com/capacityType", "operator": "In", "values": ["SPOT"]}


def _apart(objects: Manifests, key: str = ZONE, **more: object) -> None:
    """Replaces the spread by a required anti-affinity."""
    pod(objects).pop("topologySpreadConstraints")
    term = {"topologyKey": key, "labelSelector": {"matchLabels": {"app": "shop"}}, **more}
    rule = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    pod(objects)["affinity"] = {"podAntiAffinity": rule}


def _with_claim(objects: Manifests, mode: str = "ReadWriteOnce") -> None:
    add(objects, CLAIM.replace("ReadWriteOnce", mode))
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    pod(objects)["volumes"] = [claim]


def _one(objects: Manifests) -> None:
    fixed_size(objects, 1)
    del objects["PodDisruptionBudget"]


def _in_zone(objects: Manifests, zone: str = "eu-west-1a") -> None:
    pod(objects).update(nodeSelector={ZONE: zone})


def _in_terms(objects: Manifests, *expressions: object) -> None:
    """Requires a node that matches at least one of some expressions."""
    terms = [{"matchExpressions": [each]} for each in expressions]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    pod(objects)["affinity"] = {"nodeAffinity": required}


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            (lambda o: fixed_size(o), lambda o: container(o).pop("resources")),
            "error HA501 Deployment/shop/shop: spec.template.spec.containers[web].resources: no "
            "request for cpu of web and memory of web, so that the scheduler puts any number of "
            "pods on a node, and no node is added and no capacity reserved for them; write "
            "resources.requests",
        ),
        (
            (lambda o: pod(o).update(volumes=[{"name": "tmp", "emptyDir": {}}]),),
            "warning HA502 Deployment/shop/shop: spec.template.spec.volumes: tmp can fill the disk "
            "of the node, and the kubelet then evicts pods, also those of other workloads; write "
            "emptyDir.sizeLimit, or requests and limits for ephemeral-storage",
        ),
        (
            (lambda o: pod(o).pop("topologySpreadConstraints"),),
            "warning HA503 Deployment/shop/shop: spec.template.spec.topologySpreadConstraints: no "
            "constraint spreads the pods over zones, so that all of them can fail with one zone; "
            "write a constraint with topologyKey topology.kubernetes.io/zone",
        ),
        (
            (lambda o: _apart(o, "kubernetes.io/hostname"),),
            "warning HA503 Deployment/shop/shop: spec.template.spec.topologySpreadConstraints: no "
            "constraint spreads the pods over zones, so that all of them can fail with one zone; "
            "write a constraint with topologyKey topology.kubernetes.io/zone",
        ),
        (
            (
                lambda o: pod(o)["topologySpreadConstraints"][0].update(
                    labelSelector={"matchLabels": {"app": "shopp"}}
                ),
            ),
            "error HA504 Deployment/shop/shop: spec.template.spec.topologySpreadConstraints"
            "[topology.kubernetes.io/zone].labelSelector: does not match the labels of the pods, "
            "so that the constraint spreads nothing; write the labels of the pod template",
        ),
        (
            (lambda o: fixed_size(o), _apart),
            "error HA505 Deployment/shop/shop: spec.template.spec.affinity.podAntiAffinity: allows "
            "one pod per zone, but there are up to 3 pods and 1 more during a rollout, and pods "
            "beyond 3 zones stay pending; write a topology spread constraint, or a preferred "
            "anti-affinity",
        ),
        (
            (lambda o: _apart(o, matchLabelKeys=["pod-template-hash"]),),
            "error HA505 Deployment/shop/shop: spec.template.spec.affinity.podAntiAffinity: allows "
            "one pod per zone, but there are up to 12 pods, and pods beyond 3 zones stay pending; "
            "write a topology spread constraint, or a preferred anti-affinity",
        ),
        (
            (lambda o: fixed_size(o), lambda o: _apart(o, labelSelector={})),
            "error HA505 Deployment/shop/shop: spec.template.spec.affinity.podAntiAffinity: allows "
            "one pod per zone, but there are up to 3 pods and 1 more during a rollout, and pods "
            "beyond 3 zones stay pending; write a topology spread constraint, or a preferred "
            "anti-affinity",
        ),
        (
            (lambda o: pod(o)["topologySpreadConstraints"][0].pop("labelSelector"),),
            "error HA504 Deployment/shop/shop: spec.template.spec.topologySpreadConstraints"
            "[topology.kubernetes.io/zone].labelSelector: does not match the labels of the pods, "
            "so that the constraint spreads nothing; write the labels of the pod template",
        ),
        (
            (_with_claim,),
            "error HA506 Deployment/shop/shop: spec.template.spec.volumes: data can be mounted on "
            "one node at a time, so that the others of up to 12 pods stay pending or run on the "
            "same node; write a StatefulSet with volumeClaimTemplates, or a volume with "
            "ReadWriteMany",
        ),
        (
            (_one, _with_claim),
            "error HA507 Deployment/shop/shop: spec.strategy: a rollout starts the new pod before "
            "it deletes the old one, which still uses data; on another node, the new pod never "
            "starts; write type: Recreate",
        ),
        (
            (_in_zone,),
            "error HA508 Deployment/shop/shop: spec.template.spec.nodeSelector: all pods behind "
            "Service/shop/shop run in eu-west-1a, and fail with this zone; allow all zones, or "
            "write a second workload for another zone",
        ),
        (
            (lambda o: _in_terms(o, IN_ZONE),),
            "error HA508 Deployment/shop/shop: spec.template.spec.affinity.nodeAffinity: all pods "
            "behind Service/shop/shop run in eu-west-1a, and fail with this zone; allow all zones, "
            "or write a second workload for another zone",
        ),
    ],
)
def test_a_gap_is_found(changes: tuple[Change, ...], finding: str) -> None:
    assert findings(*changes) == [finding]


def _second_zone(objects: Manifests) -> None:
    """Adds a Deployment in another zone behind the same Service."""
    _in_zone(objects)
    second = another(objects, "Deployment", "shop-b")
    second["spec"]["template"]["spec"]["nodeSelector"] = {ZONE: "eu-west-1b"}


@pytest.mark.parametrize(
    "changes",
    [
        (lambda o: container(o).pop("resources"), lambda o: add(o, LIMIT_RANGE)),
        (lambda o: container(o).update(resources={"limits": {"cpu": "1", "memory": "1Gi"}}),),
        (
            lambda o: pod(o).update(
                volumes=[
                    {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}},
                    {"name": "cache", "emptyDir": {"medium": "Memory"}},
                ]
            ),
        ),
        (
            lambda o: pod(o).update(volumes=[{"name": "tmp", "emptyDir": None}]),
            lambda o: container(o)["resources"]["limits"].update({"ephemeral-storage": "1Gi"}),
        ),
        (
            _one,
            lambda o: pod(o).pop("topologySpreadConstraints"),
            lambda o: o.pop("Service"),
        ),
        (
            lambda o: pod(o).pop("topologySpreadConstraints"),
            lambda o: pod(o).update(
                affinity={
                    "podAntiAffinity": {
                        "preferredDuringSchedulingIgnoredDuringExecution": [
                            {"weight": 1, "podAffinityTerm": {"topologyKey": ZONE}}
                        ]
                    }
                }
            ),
        ),
        (
            lambda o: pod(o)["topologySpreadConstraints"][0].update(
                labelSelector={
                    "matchExpressions": [{"key": "app", "operator": "In", "values": ["shop"]}]
                }
            ),
        ),
        (lambda o: pod(o)["topologySpreadConstraints"][0].update(labelSelector={}),),
        (lambda o: fixed_size(o), lambda o: _apart(o, matchLabelKeys=["pod-template-hash"])),
        (
            lambda o: fixed_size(o),
            _apart,
            lambda o: o["Deployment"]["spec"].update(
                strategy={"rollingUpdate": {"maxUnavailable": 1}}
            ),
        ),
        (lambda o: _with_claim(o, "ReadWriteMany"),),
        (
            _one,
            _with_claim,
            lambda o: o["Deployment"]["spec"].update(strategy={"type": "Recreate"}),
        ),
        (_second_zone,),
        (lambda o: _in_terms(o, IN_ZONE, ON_SPOT),),
        (_in_zone, lambda o: o.pop("Service")),
        (_second_zone, lambda o: pod(o).pop("topologySpreadConstraints")),
    ],
)
def test_a_case_that_is_not_a_gap_is_not_flagged(changes: tuple[Change, ...]) -> None:
    assert findings(*changes) == []


def test_a_recording_has_the_zones_of_its_cell() -> None:
    assert findings(lambda o: fixed_size(o, 2), _apart, zones=3) == []
    assert [line[:11] for line in findings(lambda o: fixed_size(o, 2), _apart, zones=2)] == [
        "error HA505"
    ]
