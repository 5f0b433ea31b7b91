"""HA4: rules about HorizontalPodAutoscalers and ScaledObjects."""

import pytest

from tests.tools.rules.case import Change, Manifests, add, another, container, findings, fixed_size

NO_REQUEST = (
    "error HA401 HorizontalPodAutoscaler/shop/shop: spec.metrics: scales on the utilization of "
    "memory, a percentage of the request, but helper in Deployment/shop/shop requests none, so "
    "that the number of pods never changes; write requests.memory"
)


def _helper(objects: Manifests, **resources: object) -> None:
    """Adds a sidecar, and lets the autoscaler scale on memory."""
    spec = objects["Deployment"]["spec"]["template"]["spec"]
    helper = {"name": "helper", "image": "registry.example.com/helper:1", "resources": resources}
    spec["containers"].append(helper)
    metric = objects["HorizontalPodAutoscaler"]["spec"]["metrics"][0]
    metric["resource"] = {"name": "memory", "target": {"averageUtilization": 70}}


def _by_keda(objects: Manifests) -> None:
    """Replaces the autoscaler by a ScaledObject."""
    del objects["HorizontalPodAutoscaler"]
    add(objects, SCALED_OBJECT)


SCALED_OBJECT = """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: shop, namespace: shop}
spec:
  scaleTargetRef: {name: shop}
  minReplicaCount: 3
  maxReplicaCount: 12
  triggers:
    - {type: cpu, metricType: Utilization, metadata: {value: "60"}}
"""

LIMIT_RANGE = """
apiVersion: v1
kind: LimitRange
metadata: {name: defaults, namespace: shop}
spec: {limits: [{type: Container, defaultRequest: {cpu: 100m, memory: 128Mi}}]}
"""


def _cpu_only(objects: Manifests) -> None:
    container(objects)["resources"] = {"requests": {"memory": "256Mi"}}


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            (lambda o: _helper(o, requests={"cpu": "50m"}),),
            [
                NO_REQUEST,
                "error HA501 Deployment/shop/shop: "
                "spec.template.spec.containers[helper].resources: no request for memory of "
                "helper, so that the scheduler puts any number of pods on a node, and no node is "
                "added and no capacity reserved for them; write resources.requests",
            ],
        ),
        (
            (lambda o: o["HorizontalPodAutoscaler"]["spec"].pop("metrics"), _cpu_only),
            [
                "error HA401 HorizontalPodAutoscaler/shop/shop: spec.metrics: scales on the "
                "utilization of cpu, a percentage of the request, but web in Deployment/shop/shop "
                "requests none, so that the number of pods never changes; write requests.cpu",
                "error HA501 Deployment/shop/shop: spec.template.spec.containers[web].resources: "
                "no request for cpu of web, so that the scheduler puts any number of pods on a "
                "node, and no node is added and no capacity reserved for them; write "
                "resources.requests",
            ],
        ),
        (
            (_by_keda, _cpu_only),
            [
                "error HA401 ScaledObject/shop/shop: spec.triggers: scales on the utilization of "
                "cpu, a percentage of the request, but web in Deployment/shop/shop requests none, "
                "so that the number of pods never changes; write requests.cpu",
                "error HA501 Deployment/shop/shop: spec.template.spec.containers[web].resources: "
                "no request for cpu of web, so that the scheduler puts any number of pods on a "
                "node, and no node is added and no capacity reserved for them; write "
                "resources.requests",
            ],
        ),
        (
            (lambda o: o["HorizontalPodAutoscaler"]["spec"].update(maxReplicas=3),),
            [
                "caution HA402 HorizontalPodAutoscaler/shop/shop: spec.maxReplicas: is the same as "
                "the minimum, 3, so that Deployment/shop/shop never scales up; write a higher "
                "maximum, or remove the autoscaler"
            ],
        ),
        (
            (
                lambda o: another(o, "HorizontalPodAutoscaler", "old")["spec"][
                    "scaleTargetRef"
                ].update(name="old"),
            ),
            [
                "error HA403 HorizontalPodAutoscaler/shop/old: spec.scaleTargetRef.name: no "
                "Deployment of the namespace has the name old, so that nothing is scaled; write "
                "the name of one"
            ],
        ),
        (
            (lambda o: add(o, SCALED_OBJECT),),
            [
                "error HA404 ScaledObject/shop/shop: spec.scaleTargetRef: "
                "HorizontalPodAutoscaler/shop/shop scales Deployment/shop/shop too, and the two "
                "undo each other's changes; write all metrics into one of them"
            ],
        ),
        (
            (lambda o: o["Deployment"]["spec"].update(replicas=3),),
            [
                "warning HA405 Deployment/shop/shop: spec.replicas: each apply sets 3 pods, even "
                "if HorizontalPodAutoscaler/shop/shop has scaled to more; remove replicas"
            ],
        ),
    ],
)
def test_a_gap_is_found(changes: tuple[Change, ...], lines: list[str]) -> None:
    assert findings(*changes) == lines


@pytest.mark.parametrize(
    "changes",
    [
        (lambda o: _helper(o, limits={"cpu": "50m", "memory": "32Mi"}),),
        (lambda o: _helper(o), lambda o: add(o, LIMIT_RANGE)),
        (
            lambda o: o["Deployment"]["spec"]["template"]["spec"].update(
                resources={"requests": {"cpu": "1", "memory": "1Gi"}}
            ),
            lambda o: _helper(o),
        ),
        (_by_keda,),
        (
            lambda o: o["HorizontalPodAutoscaler"]["spec"]["metrics"][0].update(
                type="External", external={"metric": {"name": "queue"}}, resource=None
            ),
        ),
        (lambda o: fixed_size(o),),
        (
            lambda o: another(o, "HorizontalPodAutoscaler", "db")["spec"].update(
                scaleTargetRef={"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db"}
            ),
        ),
        (lambda o: o["Deployment"]["spec"].update(replicas=0),),
    ],
)
def test_a_case_that_is_not_a_gap_is_not_flagged(changes: tuple[Change, ...]) -> None:
    assert findings(*changes) == []


def test_a_metric_of_one_container_needs_the_request_of_this_container_only() -> None:
    def of_web(objects: Manifests) -> None:
        _helper(objects, limits={"cpu": "50m"})
        metric = objects["HorizontalPodAutoscaler"]["spec"]["metrics"][0]
        source = {**metric.pop("resource"), "container": "web"}
        metric.update(type="ContainerResource", containerResource=source)

    assert [line[:11] for line in findings(of_web)] == ["error HA501"]


KEDA_IN_A_CLUSTER = """
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: shop, namespace: shop, uid: 8f14e45f}
spec:
  scaleTargetRef: {name: shop}
  minReplicaCount: 3
  maxReplicaCount: 12
  triggers: [{type: cpu, metadata: {value: "60"}}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: keda-hpa-shop
  namespace: shop
  uid: c9f0f895
  ownerReferences: [{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: shop}]
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 3
  maxReplicas: 3
"""


def _read_from_a_cluster(objects: Manifests) -> None:
    del objects["HorizontalPodAutoscaler"]
    objects["Deployment"]["spec"]["replicas"] = 5
    objects["Deployment"]["metadata"]["uid"] = "45c48cce"
    add(objects, KEDA_IN_A_CLUSTER)


def test_the_autoscaler_that_keda_creates_is_not_audited_itself() -> None:
    assert findings(_read_from_a_cluster) == []


def test_the_autoscaler_of_keda_is_audited_without_its_scaled_object() -> None:
    lines = findings(_read_from_a_cluster, lambda o: o.pop("ScaledObject/shop"))
    assert [line[:13] for line in lines] == ["caution HA402"]
