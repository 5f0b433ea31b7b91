"""Manifests of a highly available shop, and changes to them."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from tools.manifests.documents import Document
from tools.rules.kubernetes.all_rules import KUBERNETES_RULES
from tools.rules.model import object_of
from tools.rules.objects import Objects
from tools.rules.rule import findings_of

Manifest = dict[str, Any]
Manifests = dict[str, Manifest]
Change = Callable[[Manifests], object]

SHOP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      terminationGracePeriodSeconds: 60
      topologySpreadConstraints:
        - topologyKey: topology.kubernetes.io/zone
          maxSkew: 1
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: {matchLabels: {app: shop}}
      containers:
        - name: web
          image: registry.example.com/shop:1.4.2
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 5}
          livenessProbe: {httpGet: {path: /alive, port: http}, periodSeconds: 10}
          lifecycle: {preStop: {sleep: {seconds: 15}}}
          resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 256Mi}}
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: shop}
spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 3
  maxReplicas: 12
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: shop, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: shop}}}
"""


def shop() -> Manifests:
    """Returns the objects of the shop, by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all(SHOP)}


def fixed_size(objects: Manifests, replicas: int = 3) -> None:
    """Removes the autoscaler and writes a number of replicas."""
    del objects["HorizontalPodAutoscaler"]
    objects["Deployment"]["spec"]["replicas"] = replicas


def pod(objects: Manifests) -> Manifest:
    """Returns the pod spec of the Deployment."""
    spec: Manifest = objects["Deployment"]["spec"]["template"]["spec"]
    return spec


def container(objects: Manifests) -> Manifest:
    """Returns the container of the Deployment."""
    first: Manifest = pod(objects)["containers"][0]
    return first


def another(objects: Manifests, kind: str, name: str) -> Manifest:
    """Adds a copy of an object with another name, and returns the copy."""
    added: Manifest = copy.deepcopy(objects[kind])
    added["metadata"]["name"] = name
    objects[f"{kind}/{name}"] = added
    return added


def add(objects: Manifests, text: str) -> None:
    """Adds the objects of a YAML text."""
    for each in yaml.safe_load_all(text):
        objects[f"{each['kind']}/{each['metadata']['name']}"] = each


def audited(manifests: Sequence[Mapping[str, Any]], zones: int | None = None) -> list[str]:
    """Returns the findings on manifests as lines, with their severity."""
    found = [object_of(Document(file="shop.yaml", line=1, values=each)) for each in manifests]
    objects = Objects([each for each in found if each], zones=zones)
    return [f"{each.severity} {each}" for each in findings_of(KUBERNETES_RULES, objects)]


def findings(*changes: Change, zones: int | None = None) -> list[str]:
    """Returns the findings on the shop after some changes."""
    objects = shop()
    for change in changes:
        change(objects)
    return audited([*objects.values()], zones)
