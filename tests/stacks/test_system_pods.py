"""The system's own pods outlast a node and a zone, as apps do, whatever brings them.

Every release and every add-on of a plan is known here or in `core/facts/add_on_pods.py`; one that
is not fails.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from components.labels import APP_PODS, ZONE
from core.facts.add_on_pods import ADD_ON_PODS, AddOnPods, Rule
from core.facts.versions.add_ons import ADD_ON_NAMES
from settings.availability import zone_model_of
from tests.settings.stack_files import config_of
from tests.stacks.objects import of_kind, selects
from tools.recording import Recording, Resource, record

RULES: tuple[Rule, ...] = get_args(Rule)
Values = Mapping[str, Any]
Kept = dict[Rule, bool]

LACKING = {
    ("cloudwatch-operator", "replicas"),
    ("cloudwatch-operator", "zones"),
    ("cloudwatch-operator", "budget"),
    ("cloudwatch-operator", "priority"),
    ("cloudwatch-operator", "webhooks"),
    ("ebs-csi-controller", "zones"),
    ("metrics-server", "budget"),
}
"""Rules that an add-on cannot follow; the reasons are in `core/facts/add_on_pods.py`."""


def over_zones(constraints: Any) -> bool:
    return ZONE in [each["topologyKey"] for each in constraints]


def apart(affinity: Any) -> bool:
    terms = affinity["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    return ZONE in [each["podAffinityTerm"]["topologyKey"] for each in terms]


def one_by_one(budget: Any) -> bool:
    return budget.get("maxUnavailable") == 1 and budget.get("enabled", True) is True


def budget_of(recording: Recording, release: Resource) -> bool:
    """Whether our own budget is about the pods of a release, of a chart that has none."""
    labels = {"app.kubernetes.io/instance": release.inputs["name"]}
    return any(
        budget["metadata"]["namespace"] == release.inputs["namespace"]
        and selects(labels, budget["spec"]["selector"]["matchLabels"])
        and one_by_one(budget["spec"])
        for budget in of_kind(recording, "PodDisruptionBudget")
    )


def simple(values: Values, name: str, *, budget: bool, webhooks: bool) -> dict[str, Kept]:
    spread = values.get("topologySpreadConstraints")
    kept: Kept = {
        "replicas": values[name] >= 2,
        "zones": over_zones(spread) if spread else apart(values["affinity"]),
        "budget": budget,
        "priority": values["priorityClassName"] == "system-cluster-critical",
        "webhooks": webhooks,
    }
    return {"": kept}


def cluster_autoscaler(recording: Recording, release: Resource) -> dict[str, Kept]:
    values = release.inputs["values"]
    budget = one_by_one(values["podDisruptionBudget"])
    return simple(values, "replicaCount", budget=budget, webhooks=True)


def load_balancer_controller(recording: Recording, release: Resource) -> dict[str, Kept]:
    """Its webhooks for Services and Ingresses are off. The others fail closed: they are asked about
    its own kinds, about apps' pods in namespaces that ask for readiness gates, and about pods that
    ask for an agent by a label, which nobody's do.

    https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/helm/aws-load-balancer-controller/templates/webhook.yaml
    """
    values = release.inputs["values"]
    webhooks = (
        values["enableServiceMutatorWebhook"] is False
        and values["webhookConfig"]["disableIngressValidation"] is True
        and values["objectSelector"]["matchLabels"] == APP_PODS
    )
    budget = one_by_one(values["podDisruptionBudget"])
    return simple(values, "replicaCount", budget=budget, webhooks=webhooks)


def descheduler(recording: Recording, release: Resource) -> dict[str, Kept]:
    budget = budget_of(recording, release)
    return simple(release.inputs["values"], "replicas", budget=budget, webhooks=True)


def proportional(recording: Recording, release: Resource) -> dict[str, Kept]:
    budget = budget_of(recording, release)
    return simple(release.inputs["values"], "replicaCount", budget=budget, webhooks=True)


def keda(recording: Recording, release: Resource) -> dict[str, Kept]:
    """Its webhooks are asked about its own kinds only.

    https://github.com/kedacore/charts/blob/v2.20.2/keda/templates/webhooks/validatingconfiguration.yaml
    """
    values = release.inputs["values"]
    parts = {  # the chart says metricServer in one place and metricsServer in another
        "keda-operator": ("operator", "operator"),
        "keda-metrics-apiserver": ("metricsServer", "metricServer"),
        "keda-admission-webhooks": ("webhooks", "webhooks"),
    }
    return {
        name: {
            "replicas": values[part]["replicaCount"] >= 2,
            "zones": over_zones(values["topologySpreadConstraints"][part]),
            "budget": one_by_one(values["podDisruptionBudget"][budget]),
            "priority": values["priorityClassName"] == "system-cluster-critical",
            "webhooks": values["webhooks"]["failurePolicy"] == "Ignore",
        }
        for name, (part, budget) in parts.items()
    }


CHARTS: Mapping[str, Callable[[Recording, Resource], dict[str, Kept]]] = {
    "aws-load-balancer-controller": load_balancer_controller,
    "cluster-autoscaler": cluster_autoscaler,
    "cluster-proportional-autoscaler": proportional,
    "descheduler": descheduler,
    "keda": keda,
}
"""How each chart's values say it, for each of its Deployments; the only one has no name there.

Those without webhooks have none in their templates, in the versions of
core/facts/versions/charts.py.
"""

TELLS: Mapping[Rule, Callable[[Any], bool]] = {
    "replicas": lambda value: value["enabled"] is True and value["minReplicas"] >= 2,
    "zones": over_zones,
    "budget": one_by_one,
}
"""What an add-on is told with a key."""


def releases(recording: Recording) -> tuple[Resource, ...]:
    return recording.of_type("kubernetes:helm.sh/v3:Release")


def configurations(recording: Recording) -> dict[str, Values]:
    """The configuration of every add-on, by name."""
    return {
        each.inputs["addonName"]: json.loads(each.inputs.get("configurationValues") or "{}")
        for each in recording.of_type("aws:eks/addon:Addon")
    }


def of_add_on(pods: AddOnPods, configuration: Values) -> Kept:
    told: Kept = {
        rule: key in configuration and TELLS[rule](configuration[key])
        for rule, key in pods.by_configuration.items()
    }
    more = {
        rule: pods.configured_replicas(configuration) >= 2
        for rule in pods.by_default
        if rule == "replicas"
    }
    return {**dict.fromkeys(pods.by_default, True), **told, **more}


def kept(recording: Recording) -> dict[str, Kept]:
    """What every Deployment of the system keeps, by name."""
    found: dict[str, Kept] = {}
    for release in releases(recording):
        for name, keeps in CHARTS[release.inputs["chart"]](recording, release).items():
            found[name or release.inputs["name"]] = keeps
    for add_on, configuration in configurations(recording).items():
        for pods in ADD_ON_PODS[add_on]:
            found[pods.name] = of_add_on(pods, configuration)
    return found


def test_every_pod_of_the_system_outlasts_a_node_and_a_zone(recording: Recording) -> None:
    found = kept(recording)
    assert {"cluster-autoscaler", "aws-load-balancer-controller", "coredns"} <= found.keys()
    lacking = {
        (name, rule) for name, keeps in found.items() for rule in RULES if not keeps.get(rule)
    }
    assert lacking == LACKING


def test_room_is_counted_for_the_replicas_that_there_are(recording: Recording) -> None:
    there: dict[str, int] = {}
    for release in releases(recording):
        values, chart = release.inputs["values"], release.inputs["chart"]
        if chart == "keda":
            there["keda-operator"] = values["operator"]["replicaCount"]
            there["keda-metrics-apiserver"] = values["metricsServer"]["replicaCount"]
            there["keda-admission-webhooks"] = values["webhooks"]["replicaCount"]
        else:
            count = values["replicas" if chart == "descheduler" else "replicaCount"]
            there[chart] = there.get(chart, 0) + count
    for add_on, configuration in configurations(recording).items():
        for pods in ADD_ON_PODS[add_on]:
            there[pods.name] = pods.configured_replicas(configuration)
    assert {load.pod.name: load.pods for load in zone_model_of(recording.settings).system} == there


def test_only_apps_pods_wait_for_the_load_balancer_controller(recording: Recording) -> None:
    gated = [
        space["metadata"]["name"]
        for space in of_kind(recording, "Namespace")
        if "elbv2.k8s.aws/pod-readiness-gate-inject" in space["metadata"]["labels"]
    ]
    exposed = [name for name, app in recording.settings.apps.items() if app.expose]
    assert sorted(gated) == sorted(exposed)


def test_those_of_room_that_grows_outlast_them_too(tmp_path: Path) -> None:
    config = {**config_of("prod"), "ha-eks:headroom": {"size": "proportional"}}
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    recording = record("prod", root=tmp_path)
    assert "cluster-proportional-autoscaler" in {
        each.inputs["chart"] for each in releases(recording)
    }
    test_every_pod_of_the_system_outlasts_a_node_and_a_zone(recording)
    test_room_is_counted_for_the_replicas_that_there_are(recording)


def test_every_add_on_is_known() -> None:
    assert set(ADD_ON_PODS) == set(ADD_ON_NAMES)


@pytest.mark.parametrize(
    "pods", [each for all_ in ADD_ON_PODS.values() for each in all_], ids=lambda each: each.name
)
def test_each_rule_is_kept_by_itself_or_told_or_lacking_for_a_reason(pods: AddOnPods) -> None:
    for rule in RULES:
        says = [rule in each for each in (pods.by_default, pods.by_configuration, pods.missing)]
        assert sum(says) == 1, f"{pods.name}: {rule}"
    assert {(pods.name, rule) for rule in pods.missing} == {
        each for each in LACKING if each[0] == pods.name
    }
    for said in pods.by_default.values():
        assert said.startswith(("https://", "observed on a cluster"))


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
def test_replicas_of_a_configuration_are_believed_if_they_can_be(
    configuration: Values, replicas: int
) -> None:
    [pods] = ADD_ON_PODS["metrics-server"]
    assert pods.configured_replicas(configuration) == replicas


@pytest.mark.parametrize("value", [3, "x", None, [], {"minReplicas": {}}])
def test_a_configuration_of_any_shape_can_be_read(value: object) -> None:
    [pods] = ADD_ON_PODS["coredns"]
    assert pods.configured_replicas({"autoScaling": value}) == 2
