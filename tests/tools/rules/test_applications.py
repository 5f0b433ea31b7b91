"""HA1: rules about workloads, Services and Ingresses."""

import pytest
import yaml

from tests.tools.rules.case import (
    Change,
    Manifests,
    add,
    another,
    audited,
    container,
    findings,
    fixed_size,
    pod,
)


def _one(objects: Manifests) -> None:
    fixed_size(objects, 1)
    del objects["PodDisruptionBudget"]


def test_the_shop_has_no_finding() -> None:
    assert findings() == []


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (
            _one,
            "error HA101 Deployment/shop/shop: spec.replicas: Deployment/shop/shop can have 1 pod "
            "behind Service/shop/shop, and requests fail while this pod is replaced; write 2 or "
            "more",
        ),
        (
            lambda o: (
                o["HorizontalPodAutoscaler"]["spec"].pop("minReplicas"),
                o.pop("PodDisruptionBudget"),
            ),
            "error HA101 HorizontalPodAutoscaler/shop/shop: spec.minReplicas: "
            "Deployment/shop/shop can have 1 pod behind Service/shop/shop, and requests fail while "
            "this pod is replaced; write 2 or more",
        ),
        (
            lambda o: container(o).update(image="registry.example.com:5000/shop:latest"),
            "warning HA102 Deployment/shop/shop: spec.template.spec.containers[web].image: "
            "registry.example.com:5000/shop:latest has the moving tag latest, so that pods on new "
            "nodes can run another release than the others; write the tag of a release, or a "
            "digest",
        ),
        (
            lambda o: container(o).update(image="registry.example.com:5000/shop"),
            "warning HA102 Deployment/shop/shop: spec.template.spec.containers[web].image: "
            "registry.example.com:5000/shop has no tag, which means latest, so that pods on new "
            "nodes can run another release than the others; write the tag of a release, or a "
            "digest",
        ),
        (
            lambda o: pod(o).update(
                initContainers=[
                    {
                        "name": "proxy",
                        "image": "registry.example.com/proxy:latest",
                        "restartPolicy": "Always",
                        "resources": container(o)["resources"],
                    }
                ]
            ),
            "warning HA102 Deployment/shop/shop: spec.template.spec.initContainers[proxy].image: "
            "registry.example.com/proxy:latest has the moving tag latest, so that pods on new "
            "nodes can run another release than the others; write the tag of a release, or a "
            "digest",
        ),
        (
            lambda o: another(o, "Service", "typo")["spec"].update(selector={"app": "shopp"}),
            "error HA103 Service/shop/typo: spec.selector: no pod template of the namespace has "
            "the labels app=shopp, so that the Service has no endpoints; write the labels of a pod "
            "template",
        ),
        (
            lambda o: o["Service"]["spec"]["ports"][0].update(targetPort="web"),
            "error HA104 Service/shop/shop: spec.ports[http].targetPort: no container of "
            "Deployment/shop/shop has a port with the name web, so that the port has no endpoints; "
            "write the name or number of a containerPort",
        ),
        (
            lambda o: add(o, INGRESS.replace("number: 80", "number: 8080")),
            "error HA105 Ingress/shop/shop: spec.rules: Service/shop/shop has no port 8080, so "
            "that requests fail; write the name or number of a port of the Service",
        ),
    ],
)
def test_a_gap_is_found(change: Change, finding: str) -> None:
    assert findings(change) == [finding]


@pytest.mark.parametrize(("pod", "found"), [("broker-2", 0), ("broker-x", 1), ("brokers-0", 1)])
def test_a_service_can_select_a_pod_of_a_stateful_set_by_the_label_that_kubernetes_adds(
    pod: str, found: int
) -> None:
    labels = f"{{app: broker, statefulset.kubernetes.io/pod-name: {pod}}}"
    objects = f"""
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: broker}}
spec: {{replicas: 3, template: {{metadata: {{labels: {{app: broker}}}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: one}}
spec: {{selector: {labels}, ports: [{{port: 80}}]}}
"""
    lines = audited([*yaml.safe_load_all(objects)])
    assert sum("HA103 Service/one" in line for line in lines) == found


INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
    - host: shop.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: shop, port: {number: 80}}}
"""

CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
"""

DATABASE = """
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db, namespace: shop}
spec: {instances: 3}
"""


def _with_volume(objects: Manifests) -> None:
    add(objects, CLAIM)
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    objects["Deployment"]["spec"]["template"]["spec"]["volumes"] = [claim]
    objects["Deployment"]["spec"]["strategy"] = {"rollingUpdate": {"maxUnavailable": 1}}


@pytest.mark.parametrize(
    "changes",
    [
        (_one, lambda o: o["Deployment"]["spec"].update(strategy={"type": "Recreate"})),
        (_one, _with_volume),
        (_one, lambda o: o.pop("Service")),
        (_one, lambda o: o["Service"]["spec"]["ports"][0].update(name="http-metrics")),
        (_one, lambda o: o["Deployment"]["spec"].update(replicas=0)),
        (lambda o: container(o).update(image="registry.example.com/shop@sha256:" + "0" * 64),),
        (lambda o: container(o).update(image="registry.example.com:5000/shop:1.4"),),
        (lambda o: another(o, "Service", "none")["spec"].pop("selector"),),
        (
            lambda o: another(o, "Service", "elsewhere")["spec"].update(
                type="ExternalName", externalName="db.example.com", selector={"app": "db"}
            ),
        ),
        (lambda o: another(o, "Service", "other")["metadata"].update(namespace="other"),),
        (
            lambda o: another(o, "Service", "db")["spec"].update(
                selector={"cnpg.io/cluster": "db"}, ports=[{"port": 5432}]
            ),
            lambda o: add(o, DATABASE),
        ),
        (lambda o: o["Service"]["spec"]["ports"][0].update(targetPort=8081),),
        (lambda o: o["Service"]["metadata"].pop("namespace"),),
        (lambda o: add(o, INGRESS),),
        (lambda o: add(o, INGRESS.replace("number: 80", "name: http")),),
        (
            lambda o: add(
                o,
                INGRESS.replace(
                    "{name: shop, port: {number: 80}", "{name: blog, port: {number: 8}"
                ),
            ),
        ),
        (
            lambda o: add(
                o,
                INGRESS.replace(
                    "{name: shop, port: {number: 80}", "{name: x, port: {name: use-annotation}"
                ),
            ),
        ),
    ],
)
def test_a_case_that_is_not_a_gap_is_not_flagged(changes: tuple[Change, ...]) -> None:
    assert findings(*changes) == []
