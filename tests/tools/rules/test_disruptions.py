"""HA6 and HA7: rules about disruption budgets, webhooks and headroom."""

import pytest

from tests.tools.rules.case import Change, Manifests, add, another, findings, fixed_size, pod


def _budget(objects: Manifests, **limit: object) -> None:
    spec = objects["PodDisruptionBudget"]["spec"]
    objects["PodDisruptionBudget"]["spec"] = {"selector": spec["selector"], **limit}


WEBHOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: images}
webhooks:
  - name: images.example.com
    clientConfig: {service: {name: shop, namespace: shop}}
    namespaceSelector: {matchExpressions: [{key: images, operator: Exists}]}
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
"""
CLASSES = """
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: headroom}
value: -10
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: batch}
value: -10
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: patient}
value: 100
preemptionPolicy: Never
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: shop}
value: 100
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: headroom, namespace: headroom}
spec:
  replicas: 1
  selector: {matchLabels: {app: headroom}}
  template:
    metadata: {labels: {app: headroom}}
    spec:
      priorityClassName: headroom
      terminationGracePeriodSeconds: 0
      containers:
        - name: pause
          image: registry.k8s.io/pause:3.10
          resources: {requests: {cpu: "1", memory: 1Gi}}
"""


def _of_class(name: str) -> Change:
    return lambda o: (add(o, CLASSES), pod(o).update(priorityClassName=name))


def _webhook(objects: Manifests, **fields: object) -> None:
    add(objects, WEBHOOK)
    objects["ValidatingWebhookConfiguration/images"]["webhooks"][0].update(fields)


def _one(objects: Manifests) -> None:
    fixed_size(objects, 1)
    del objects["PodDisruptionBudget"]
    objects["Service"]["spec"]["ports"][0]["name"] = "metrics"


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            (lambda o: o.pop("PodDisruptionBudget"),),
            "warning HA601 Deployment/shop/shop: no PodDisruptionBudget selects the pods behind "
            "Service/shop/shop, so that drains of several nodes can evict all of them at once; "
            "write one with maxUnavailable: 1 or a percentage",
        ),
        (
            (lambda o: _budget(o, maxUnavailable=0),),
            "error HA602 PodDisruptionBudget/shop/shop: spec.maxUnavailable: 0 allows no eviction "
            "of the 12 pods of Deployment/shop/shop, so that no drain of their nodes ends; write "
            "maxUnavailable: 1",
        ),
        (
            (lambda o: _budget(o, minAvailable="100%"),),
            "error HA602 PodDisruptionBudget/shop/shop: spec.minAvailable: 100% allows no eviction "
            "of the 12 pods of Deployment/shop/shop, so that no drain of their nodes ends; write "
            "maxUnavailable: 1",
        ),
        (
            (lambda o: fixed_size(o), lambda o: _budget(o, minAvailable="90%")),
            "error HA602 PodDisruptionBudget/shop/shop: spec.minAvailable: 90% allows no eviction "
            "of the 3 pods of Deployment/shop/shop, so that no drain of their nodes ends; write "
            "maxUnavailable: 1",
        ),
        (
            (
                lambda o: fixed_size(o, 1),
                lambda o: _budget(o, minAvailable=1),
                lambda o: o.pop("Service"),
            ),
            "error HA602 PodDisruptionBudget/shop/shop: spec.minAvailable: 1 allows no eviction of "
            "the 1 pod of Deployment/shop/shop, so that no drain of its node ends; write "
            "replicas of 2 or more",
        ),
        (
            (
                lambda o: fixed_size(o, 1),
                lambda o: _budget(o, maxUnavailable=0),
                lambda o: o.pop("Service"),
            ),
            "error HA602 PodDisruptionBudget/shop/shop: spec.maxUnavailable: 0 allows no eviction "
            "of the 1 pod of Deployment/shop/shop, so that no drain of its node ends; write "
            "maxUnavailable: 1",
        ),
        (
            (lambda o: _budget(o, minAvailable=3),),
            "error HA603 PodDisruptionBudget/shop/shop: spec.minAvailable: 3 allows no eviction "
            "while Deployment/shop/shop has its minimum of 3 pods, so that no drain ends at low "
            "load; write maxUnavailable: 1, or a higher minimum",
        ),
        (
            (lambda o: another(o, "PodDisruptionBudget", "all")["spec"].update(selector={}),),
            "error HA604 PodDisruptionBudget/shop/all: spec.selector: selects the pods of "
            "Deployment/shop/shop, as does PodDisruptionBudget/shop/shop: the API refuses to evict "
            "a pod with two budgets, so that no drain of its node ends; keep one of them",
        ),
        (
            (
                lambda o: another(o, "PodDisruptionBudget", "typo")["spec"].update(
                    selector={"matchLabels": {"app": "shopp"}}
                ),
            ),
            "error HA605 PodDisruptionBudget/shop/typo: spec.selector: no pod template of the "
            "namespace has these labels, so that the budget protects no pods; write the labels of "
            "a pod template",
        ),
        (
            (_one, _webhook),
            "error HA606 ValidatingWebhookConfiguration/images: webhooks[images.example.com]"
            ".failurePolicy: Fail, but Deployment/shop/shop has 1 pod: while this pod is "
            "unavailable, the API server refuses to create the pods on which the webhook decides, "
            "also those that replace pods of a failed node; write 2 or more replicas, or "
            "failurePolicy: Ignore",
        ),
        (
            (lambda o: _webhook(o, namespaceSelector={}),),
            "error HA607 ValidatingWebhookConfiguration/images: webhooks[images.example.com]"
            ".namespaceSelector: decides on all pods, also on those of Deployment/shop/shop: after "
            "all of these have failed, none can be created again; exclude their namespace and "
            "kube-system",
        ),
        (
            (_of_class("batch"),),
            "error HA701 Deployment/shop/shop: spec.template.spec.priorityClassName: has priority "
            "-10, and headroom -10: its pods do not preempt the pods that hold headroom, and stay "
            "pending although capacity is reserved; write a class with a higher priority that "
            "preempts",
        ),
        (
            (_of_class("patient"),),
            "error HA701 Deployment/shop/shop: spec.template.spec.priorityClassName: has "
            "preemptionPolicy Never: its pods do not preempt the pods that hold headroom, and stay "
            "pending although capacity is reserved; write a class with a higher priority that "
            "preempts",
        ),
    ],
)
def test_a_gap_is_found(changes: tuple[Change, ...], finding: str) -> None:
    assert findings(*changes) == [finding]


@pytest.mark.parametrize(
    "changes",
    [
        (_one,),
        (lambda o: o.pop("PodDisruptionBudget"), lambda o: o.pop("Service")),
        (lambda o: _budget(o, minAvailable=2),),
        (lambda o: _budget(o, minAvailable="66%"),),
        (lambda o: _budget(o, maxUnavailable="1%"),),
        (lambda o: fixed_size(o), lambda o: _budget(o, minAvailable="50%")),
        (lambda o: fixed_size(o, 0), lambda o: _budget(o, maxUnavailable=0)),
        (lambda o: another(o, "PodDisruptionBudget", "x")["metadata"].update(namespace="x"),),
        (_webhook,),
        (_one, lambda o: _webhook(o, failurePolicy="Ignore")),
        (
            _one,
            lambda o: _webhook(
                o,
                rules=[
                    {"apiGroups": ["cert-manager.io"], "operations": ["*"], "resources": ["*/*"]}
                ],
            ),
        ),
        (lambda o: _webhook(o, namespaceSelector={}, matchConditions=[{"name": "others"}]),),
        (_of_class("shop"),),
        (_of_class("system-cluster-critical"),),
        (lambda o: add(o, CLASSES),),
        (lambda o: add(o, CLASSES[CLASSES.index("apiVersion: apps/v1") :]),),
        (
            lambda o: add(o, CLASSES.replace("-10", "5")),
            lambda o: pod(o).update(priorityClassName="x"),
        ),
    ],
)
def test_a_case_that_is_not_a_gap_is_not_flagged(changes: tuple[Change, ...]) -> None:
    assert findings(*changes) == []
