"""High availability of system pods: replicas, spread, budget, priority class and webhooks.

CHARTS checks each Helm release, and `core/facts/add_on_pods.py` describes each add-on. The tests
fail for a release or an add-on that is in neither of them.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from core.facts.add_on_pods import ADD_ON_PODS, AddOnPods, Rule
from core.facts.versions.add_ons import ADD_ON_NAMES
from core.labels import APP_PODS, ZONE
from settings.availability import zone_model_of
from tests.settings.stack_files import config_of
from tests.stacks.objects import of_kind, selects
from tools.recording import Recording, Resource, record

RULES: tuple[Rule, ...] = get_args(Rule)
Values = Mapping[str, Any]
Compliance = dict[Rule, bool]
"""True for each rule that a Deployment meets."""

EXCEPTIONS = {
    ("cloudwatch-operator", "replicas"),
    ("cloudwatch-operator", "zones"),
    ("cloudwatch-operator", "budget"),
    ("cloudwatch-operator", "priority"),
    ("cloudwatch-operator", "webhooks"),
    ("ebs-csi-controller", "zones"),
    ("efs-csi-controller", "budget"),
    ("efs-csi-controller", "zones"),
    ("metrics-server", "budget"),
}
"""Rules that an add-on cannot meet; the reasons are in `core/facts/add_on_pods.py`."""


def spreads_over_zones(constraints: Any) -> bool:
    return ZONE in [each["topologyKey"] for each in constraints]


def prefers_other_zones(affinity: Any) -> bool:
    terms = affinity["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    return ZONE in [each["podAffinityTerm"]["topologyKey"] for each in terms]


def allows_one_eviction(budget: Any) -> bool:
    return budget.get("maxUnavailable") == 1 and budget.get("enabled", True) is True


def has_budget(recording: Recording, release: Resource) -> bool:
    """True if ha-eks creates a disruption budget for the pods of a release."""
    labels = {"app.kubernetes.io/instance": release.inputs["name"]}
    return any(
        budget["metadata"]["namespace"] == release.inputs["namespace"]
        and selects(labels, budget["spec"]["selector"]["matchLabels"])
        and allows_one_eviction(budget["spec"])
        for budget in of_kind(recording, "PodDisruptionBudget")
    )


def one_deployment(
    values: Values, replicas_key: str, *, budget: bool, webhooks: bool
) -> dict[str, Compliance]:
    """Returns the compliance of the only Deployment of a chart."""
    spread = values.get("topologySpreadConstraints")
    compliance: Compliance = {
        "replicas": values[replicas_key] >= 2,
        "zones": spreads_over_zones(spread) if spread else prefers_other_zones(values["affinity"]),
        "budget": budget,
        "priority": values["priorityClassName"] == "system-cluster-critical",
        "webhooks": webhooks,
    }
    return {"": compliance}


def cluster_autoscaler(recording: Recording, release: Resource) -> dict[str, Compliance]:
    values = release.inputs["values"]
    budget = allows_one_eviction(values["podDisruptionBudget"])
    return one_deployment(values, "replicaCount", budget=budget, webhooks=True)


def load_balancer_controller(recording: Recording, release: Resource) -> dict[str, Compliance]:
    """Returns the compliance of the AWS Load Balancer Controller.

    The webhooks for Services and Ingresses are disabled. The other webhooks fail closed. They
    receive custom resources of the controller, pods of apps in namespaces with readiness gates,
    and pods with an agent label, which no pod has.

    https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/helm/aws-load-balancer-controller/templates/webhook.yaml
    """
    values = release.inputs["values"]
    webhooks = (
        values["enableServiceMutatorWebhook"] is False
        and values["webhookConfig"]["disableIngressValidation"] is True
        and values["objectSelector"]["matchLabels"] == APP_PODS
    )
    budget = allows_one_eviction(values["podDisruptionBudget"])
    return one_deployment(values, "replicaCount", budget=budget, webhooks=webhooks)


def descheduler(recording: Recording, release: Resource) -> dict[str, Compliance]:
    budget = has_budget(recording, release)
    return one_deployment(release.inputs["values"], "replicas", budget=budget, webhooks=True)


def proportional(recording: Recording, release: Resource) -> dict[str, Compliance]:
    budget = has_budget(recording, release)
    return one_deployment(release.inputs["values"], "replicaCount", budget=budget, webhooks=True)


def keda(recording: Recording, release: Resource) -> dict[str, Compliance]:
    """Returns the compliance of KEDA, whose webhooks receive only its custom resources.

    https://github.com/kedacore/charts/blob/v2.20.2/keda/templates/webhooks/validatingconfiguration.yaml
    """
    values = release.inputs["values"]
    parts = {  # the chart uses both metricServer and metricsServer
        "keda-operator": ("operator", "operator"),
        "keda-metrics-apiserver": ("metricsServer", "metricServer"),
        "keda-admission-webhooks": ("webhooks", "webhooks"),
    }
    return {
        name: {
            "replicas": values[part]["replicaCount"] >= 2,
            "zones": spreads_over_zones(values["topologySpreadConstraints"][part]),
            "budget": allows_one_eviction(values["podDisruptionBudget"][budget]),
            "priority": values["priorityClassName"] == "system-cluster-critical",
            "webhooks": values["webhooks"]["failurePolicy"] == "Ignore",
        }
        for name, (part, budget) in parts.items()
    }


CHARTS: Mapping[str, Callable[[Recording, Resource], dict[str, Compliance]]] = {
    "aws-load-balancer-controller": load_balancer_controller,
    "cluster-autoscaler": cluster_autoscaler,
    "cluster-proportional-autoscaler": proportional,
    "descheduler": descheduler,
    "keda": keda,
}
"""Function that reads the compliance of each Deployment from the values of a chart.

The key of the only Deployment of a chart is "". The templates of the charts with `webhooks=True`
have no such webhooks in the versions of core/facts/versions/charts.py.
"""

CONFIGURED: Mapping[Rule, Callable[[Any], bool]] = {
    "replicas": lambda value: value["enabled"] is True and value["minReplicas"] >= 2,
    "zones": spreads_over_zones,
    "budget": allows_one_eviction,
}
"""Function that checks the value of the configuration key for a rule."""


def releases(recording: Recording) -> tuple[Resource, ...]:
    """Returns the releases of charts with Deployments; device plugins are DaemonSets."""
    found = recording.of_type("kubernetes:helm.sh/v3:Release")
    return tuple(each for each in found if each.inputs["namespace"] != "device-plugins")


def configurations(recording: Recording) -> dict[str, Values]:
    """Returns the configuration of every add-on, by name."""
    return {
        each.inputs["addonName"]: json.loads(each.inputs.get("configurationValues") or "{}")
        for each in recording.of_type("aws:eks/addon:Addon")
    }


def add_on_compliance(pods: AddOnPods, configuration: Values) -> Compliance:
    configured: Compliance = {
        rule: key in configuration and CONFIGURED[rule](configuration[key])
        for rule, key in pods.by_configuration.items()
    }
    replicas: Compliance = {
        rule: pods.configured_replicas(configuration) >= 2
        for rule in pods.by_default
        if rule == "replicas"
    }
    return {**dict.fromkeys(pods.by_default, True), **configured, **replicas}


def compliance_of(recording: Recording) -> dict[str, Compliance]:
    """Returns the compliance of every system Deployment, by name."""
    found: dict[str, Compliance] = {}
    for release in releases(recording):
        for name, compliance in CHARTS[release.inputs["chart"]](recording, release).items():
            found[name or release.inputs["name"]] = compliance
    for add_on, configuration in configurations(recording).items():
        for pods in ADD_ON_PODS[add_on]:
            found[pods.name] = add_on_compliance(pods, configuration)
    return found


def test_system_pods_survive_the_failure_of_a_node_or_zone(recording: Recording) -> None:
    found = compliance_of(recording)
    assert {"cluster-autoscaler", "aws-load-balancer-controller", "coredns"} <= found.keys()
    violations = {
        (name, rule)
        for name, compliance in found.items()
        for rule in RULES
        if not compliance.get(rule)
    }
    assert violations == {each for each in EXCEPTIONS if each[0] in found}


def test_the_zone_model_has_the_replicas_of_the_system_deployments(recording: Recording) -> None:
    replicas: dict[str, int] = {}
    for release in releases(recording):
        values, chart = release.inputs["values"], release.inputs["chart"]
        if chart == "keda":
            replicas["keda-operator"] = values["operator"]["replicaCount"]
            replicas["keda-metrics-apiserver"] = values["metricsServer"]["replicaCount"]
            replicas["keda-admission-webhooks"] = values["webhooks"]["replicaCount"]
        else:
            count = values["replicas" if chart == "descheduler" else "replicaCount"]
            replicas[chart] = replicas.get(chart, 0) + count
    for add_on, configuration in configurations(recording).items():
        for pods in ADD_ON_PODS[add_on]:
            replicas[pods.name] = pods.configured_replicas(configuration)
    assert {
        load.pod.name: load.pods for load in zone_model_of(recording.settings).system
    } == replicas


def test_only_pods_of_exposed_apps_depend_on_the_load_balancer_controller(
    recording: Recording,
) -> None:
    gated = [
        namespace["metadata"]["name"]
        for namespace in of_kind(recording, "Namespace")
        if "elbv2.k8s.aws/pod-readiness-gate-inject" in namespace["metadata"]["labels"]
    ]
    exposed = [*recording.settings.exposed]
    assert sorted(gated) == sorted(exposed)


def test_the_proportional_autoscaler_survives_the_failure_of_a_node_or_zone(tmp_path: Path) -> None:
    config = {**config_of("prod"), "ha-eks:headroom": {"size": "proportional"}}
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    recording = record("prod", root=tmp_path)
    assert "cluster-proportional-autoscaler" in {
        each.inputs["chart"] for each in releases(recording)
    }
    test_system_pods_survive_the_failure_of_a_node_or_zone(recording)
    test_the_zone_model_has_the_replicas_of_the_system_deployments(recording)


def test_every_add_on_has_a_description_of_its_pods() -> None:
    assert set(ADD_ON_PODS) == set(ADD_ON_NAMES)


@pytest.mark.parametrize(
    "pods", [each for all_ in ADD_ON_PODS.values() for each in all_], ids=lambda each: each.name
)
def test_each_rule_is_built_in_configured_or_an_exception(pods: AddOnPods) -> None:
    for rule in RULES:
        sources = [rule in each for each in (pods.by_default, pods.by_configuration, pods.missing)]
        assert sum(sources) == 1, f"{pods.name}: {rule}"
    assert {(pods.name, rule) for rule in pods.missing} == {
        each for each in EXCEPTIONS if each[0] == pods.name
    }
    for source in pods.by_default.values():
        assert source.startswith(("https://", "observed on a cluster"))


@pytest.mark.parametrize(
    ("configuration", "replicas"),
    [
        ({}, 2),
        ({"replicas": 3}, 3),
        ({"replicas": "3"}, 2),
        ({"replicas": True}, 2),
        ({"replicas": 0}, 2),
        ({"replicas": 2**70}, 2),
        ({"replicas": {"replicas": 3}}, 2),
    ],
)
def test_replicas_of_a_configuration_are_used_if_they_are_valid(
    configuration: Values, replicas: int
) -> None:
    [pods] = ADD_ON_PODS["metrics-server"]
    assert pods.configured_replicas(configuration) == replicas


@pytest.mark.parametrize("value", [3, "x", None, [], {"minReplicas": {}}])
def test_a_configuration_of_any_shape_has_the_default_replicas(value: object) -> None:
    [pods] = ADD_ON_PODS["coredns"]
    assert pods.configured_replicas({"autoScaling": value}) == 2
