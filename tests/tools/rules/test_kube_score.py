"""Agreement with kube-score: both find the same gaps, or the table has the reason."""

from collections.abc import Callable

import pytest

from tests.tools.rules.case import Manifests, add, container, findings, pod
from tools.rules.catalog import entries
from tools.rules.kube_score import AGREEMENT

INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  defaultBackend: {service: {name: shop, port: {number: 81}}}
"""

GAPS: dict[str, Callable[[Manifests], object]] = {
    "container-image-tag": lambda o: container(o).update(image="shop:latest"),
    "container-resources": lambda o: container(o).pop("resources"),
    "deployment-has-poddisruptionbudget": lambda o: o.pop("PodDisruptionBudget"),
    "deployment-targeted-by-hpa-does-not-have-replicas-configured": lambda o: o["Deployment"][
        "spec"
    ].update(replicas=3),
    "horizontalpodautoscaler-has-target": lambda o: o["HorizontalPodAutoscaler"]["spec"].update(
        scaleTargetRef={"kind": "Deployment", "name": "other"}
    ),
    "horizontalpodautoscaler-replicas": lambda o: o["HorizontalPodAutoscaler"]["spec"].update(
        minReplicas=1
    ),
    "ingress-targets-service": lambda o: add(o, INGRESS),
    "pod-probes": lambda o: container(o).pop("readinessProbe"),
    "pod-topology-spread-constraints": lambda o: pod(o).pop("topologySpreadConstraints"),
    "service-targets-pod": lambda o: o["Service"]["spec"].update(selector={"app": "other"}),
}
"""Change of the shop that each check of kube-score finds."""


@pytest.mark.parametrize("check", GAPS)
def test_the_rule_of_a_check_finds_its_gap(check: str) -> None:
    rules = {line.split()[1] for line in findings(GAPS[check])}
    assert AGREEMENT[check][0] in rules


def test_each_check_has_an_existing_rule_or_a_reason() -> None:
    known = {each.id for each in entries()}
    for check, (rule, reason) in AGREEMENT.items():
        assert rule in known or (not rule and len(reason) > 20), check
