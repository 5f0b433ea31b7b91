"""Helm values and add-on keys that a cell sets, and the upstream files that define them.

A chart ignores an unknown value, and the schema of an add-on refuses an unknown key; neither is
visible in a recording. The lists below and `core/facts/add_on_keys.py` contain the keys that were
looked up, for one version of each chart. The tests fail on a new key or version until the keys are
looked up again.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

import pytest
import yaml

from core.facts.add_on_keys import ADD_ON_KEYS, key_paths
from tests.conftest import STACKS
from tests.settings.stack_files import config_of
from tests.shared_recordings import recorded_config
from tools.recording import Recording, Resource

RELEASE = "kubernetes:helm.sh/v3:Release"

CHARTS = {
    # https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/values.yaml
    # Below extraArgs: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/config/flags/flags.go
    ("cluster-autoscaler", "9.59.0", "https://kubernetes.github.io/autoscaler"): {
        "autoDiscovery.clusterName",
        "awsRegion",
        "cloudProvider",
        "containerSecurityContext",
        "expanderPriorities",
        "extraArgs.balance-similar-node-groups",
        "extraArgs.balancing-label",
        "extraArgs.emit-per-nodegroup-metrics",
        "extraArgs.expander",
        "extraArgs.max-graceful-termination-sec",
        "extraArgs.max-node-provision-time",
        "extraArgs.max-total-unready-percentage",
        "extraArgs.skip-nodes-with-local-storage",
        # With CapacityBuffers; version 1.35 does not have the last flag:
        # https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.35.2/cluster-autoscaler/config/flags/flags.go
        "extraArgs.capacity-buffer-controller-enabled",
        "extraArgs.capacity-buffer-pod-injection-enabled",
        "extraArgs.capacity-buffer-pod-dry-run-enabled",
        "rbac.additionalRules",
        "image.repository",
        "image.tag",
        "podAnnotations.ha-eks/identity",
        "podDisruptionBudget.maxUnavailable",
        "priorityClassName",
        "rbac.serviceAccount.create",
        "rbac.serviceAccount.name",
        "replicaCount",
        "resources",
        "securityContext",
        "topologySpreadConstraints",
    },
    # https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/helm/aws-load-balancer-controller/values.yaml
    # Feature gates: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/config/feature_gates.go
    ("aws-load-balancer-controller", "3.5.0", "https://aws.github.io/eks-charts"): {
        "clusterName",
        "controllerConfig.featureGates.ALBGatewayAPI",
        "controllerConfig.featureGates.EnableServiceController",
        "controllerConfig.featureGates.GatewayListenerSet",
        "controllerConfig.featureGates.NLBGatewayAPI",
        "createIngressClassResource",
        "enableServiceMutatorWebhook",
        "enableShield",
        "enableWaf",
        "enableWafv2",
        "image.repository",
        "keepTLSSecret",
        "objectSelector.matchLabels",
        "podAnnotations.ha-eks/identity",
        "podDisruptionBudget.maxUnavailable",
        "podMutatorWebhookConfig.failurePolicy",
        "podSecurityContext",
        "priorityClassName",
        "region",
        "replicaCount",
        "resources",
        "securityContext",
        "serviceAccount.create",
        "serviceAccount.name",
        "topologySpreadConstraints",
        "vpcId",
        "webhookConfig.disableIngressValidation",
    },
    # https://github.com/kubernetes-sigs/descheduler/blob/descheduler-helm-chart-0.36.0/charts/descheduler/values.yaml
    # Below deschedulerPolicy: https://github.com/kubernetes-sigs/descheduler/blob/v0.36.0/pkg/api/v1alpha2/types.go
    ("descheduler", "0.36.0", "https://kubernetes-sigs.github.io/descheduler/"): {
        "deschedulerPolicy.maxNoOfPodsToEvictPerNamespace",
        "deschedulerPolicy.profiles",
        "deschedulingInterval",
        "image.repository",
        "kind",
        "leaderElection.enabled",
        "leaderElection.leaseDuration",
        "leaderElection.renewDeadline",
        "leaderElection.resourceNamespace",
        "leaderElection.retryPeriod",
        "podSecurityContext",
        "priorityClassName",
        "replicas",
        "resources",
        "resources.limits.cpu",
        "securityContext",
        "serviceAccount.create",
        "serviceAccount.name",
        "topologySpreadConstraints",
    },
    # https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/blob/helm-chart-cluster-proportional-autoscaler-1.1.0/charts/cluster-proportional-autoscaler/values.yaml
    # Below config.linear: https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/blob/v1.10.3/pkg/autoscaler/controller/linearcontroller/linear_controller.go
    (
        "cluster-proportional-autoscaler",
        "1.1.0",
        "https://kubernetes-sigs.github.io/cluster-proportional-autoscaler",
    ): {
        "affinity",
        "config.linear.includeUnschedulableNodes",
        "config.linear.max",
        "config.linear.min",
        "config.linear.nodesPerReplica",
        "config.linear.preventSinglePointFailure",
        "image.repository",
        "image.tag",
        "options.namespace",
        "options.target",
        "podSecurityContext",
        "priorityClassName",
        "replicaCount",
        "resources",
        "securityContext",
    },
    # https://github.com/NVIDIA/k8s-device-plugin/blob/v0.20.0/deployments/helm/nvidia-device-plugin/values.yaml
    ("nvidia-device-plugin", "0.20.0", "https://nvidia.github.io/k8s-device-plugin"): {
        "image.repository",
        "resources",
        "tolerations",
    },
    # https://github.com/aws-neuron/neuron-helm-charts/blob/1.9.0/charts/neuron-helm-chart/values.yaml
    ("oci://public.ecr.aws/neuron/neuron-helm-chart", "1.9.0", ""): {
        "devicePlugin.image.repository",
        "devicePlugin.namespaceOverride",
        "devicePlugin.resources",
        "devicePlugin.tolerations",
        "npd.enabled",
    },
    # https://github.com/kedacore/charts/blob/v2.20.2/keda/values.yaml
    # Below extraArgs.webhooks: https://github.com/kedacore/keda/blob/v2.20.2/cmd/webhooks/main.go
    ("keda", "2.20.2", "https://kedacore.github.io/charts"): {
        "extraArgs.webhooks.cache-miss-to-direct-client",
        "image.keda.registry",
        "image.keda.repository",
        "image.metricsApiServer.registry",
        "image.metricsApiServer.repository",
        "image.pullPolicy",
        "image.webhooks.registry",
        "image.webhooks.repository",
        "metricsServer.replicaCount",
        "operator.replicaCount",
        "permissions.metricServer.restrict.secret",
        "permissions.operator.restrict.secret",
        "podAnnotations.keda.ha-eks/identity",
        "podDisruptionBudget.metricServer.maxUnavailable",
        "podDisruptionBudget.operator.maxUnavailable",
        "podDisruptionBudget.webhooks.maxUnavailable",
        "priorityClassName",
        "rbac.enabledCustomScaledRefKinds",
        "resources.metricServer.limits.cpu",
        "resources.operator.limits.cpu",
        "resources.webhooks.limits.cpu",
        "resources",
        "serviceAccount.operator.create",
        "serviceAccount.operator.name",
        "topologySpreadConstraints.metricsServer",
        "topologySpreadConstraints.operator",
        "topologySpreadConstraints.webhooks",
        "webhooks.failurePolicy",
        "webhooks.replicaCount",
    },
}
UNCHECKED_BELOW = {
    "affinity", "containerSecurityContext", "expanderPriorities",
    "objectSelector.matchLabels",
    "devicePlugin.resources", "podSecurityContext", "resources", "securityContext",
}  # fmt: skip
"""Values that charts copy to Kubernetes objects, or whose keys are names."""

AGENTS = {
    # Keys of each agent in the add-on amazon-cloudwatch-observability:
    # https://github.com/aws-observability/helm-charts/blob/71a298f/charts/amazon-cloudwatch-observability/templates/linux/cloudwatch-agent-custom-resource.yaml
    "name",
    "resources",
    # https://github.com/aws/amazon-cloudwatch-agent/blob/v1.300071.0/translator/config/schema.json
    "config.agent.region",
    "config.logs.metrics_collected.kubernetes.enhanced_container_insights",
    "config.traces.traces_collected.otlp.grpc_endpoint",
    "config.traces.traces_collected.otlp.http_endpoint",
    "config.traces.traces_collected.xray.bind_address",
    "config.traces.traces_collected.xray.tcp_proxy.bind_address",
}


def paths(values: Mapping[str, object], parent: str = "") -> Iterator[str]:
    """Yields the path of every value; for values in UNCHECKED_BELOW, only their own path."""
    for key, value in values.items():
        path = f"{parent}.{key}".removeprefix(".")
        if isinstance(value, Mapping) and path not in UNCHECKED_BELOW:
            yield from paths(cast("Mapping[str, object]", value), path)
        else:
            yield path


def values_of(recording: Recording) -> dict[tuple[str, str, str], set[str]]:
    """Returns the paths of set and removed values, by name, version and repository of the chart."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for release in recording.of_type(RELEASE):
        inputs = release.inputs
        repository = inputs.get("repositoryOpts", {}).get("repo", "")  # an OCI chart has none
        chart = inputs["chart"], inputs["version"], repository
        found[chart] = set(paths(inputs["values"]))
        for file in inputs.get("valueYamlFiles", ()):
            found[chart] |= set(leaf_paths(yaml.safe_load(file["text"])))
    return found


def leaf_paths(values: Mapping[str, object], parent: str = "") -> Iterator[str]:
    """Yields the path of every value that is not a mapping."""
    for key, value in values.items():
        path = f"{parent}.{key}".removeprefix(".")
        if isinstance(value, Mapping):
            yield from leaf_paths(cast("Mapping[str, object]", value), path)
        else:
            yield path


def test_every_helm_value_was_looked_up_in_the_version_of_the_chart(recording: Recording) -> None:
    found = values_of(recording)
    assert found
    for chart, values in found.items():
        assert values <= CHARTS.get(chart, set()), f"{chart} may ignore the value"


def keys_of(add_ons: Iterable[Resource]) -> dict[str, set[str]]:
    """Returns the configuration keys of add-ons, by name of the add-on."""
    found: dict[str, set[str]] = {}
    for each in add_ons:
        if "configurationValues" in each.inputs:
            keys = set(key_paths(json.loads(each.inputs["configurationValues"])))
            found.setdefault(str(each.inputs["addonName"]), set()).update(keys)
    return found


def stack_file_keys(recording: Recording) -> dict[str, set[str]]:
    """Returns the configuration keys of the stack file, which its author looks up."""
    add_ons = recording.settings.cluster.add_ons.items()
    return {name: set(key_paths(each.configuration)) for name, each in add_ons}


def test_every_configuration_key_of_an_add_on_was_looked_up(recording: Recording) -> None:
    found = keys_of(recording.of_type("aws:eks/addon:Addon"))
    assert found
    for name, keys in found.items():
        known = ADD_ON_KEYS.get(name, set()) | stack_file_keys(recording).get(name, set())
        assert keys <= known, f"EKS may refuse the configuration of {name}"


def agents_keys(recording: Recording) -> set[str]:
    """Returns the keys of the configuration of the CloudWatch agents."""
    [add_on] = [
        json.loads(each.inputs["configurationValues"])
        for each in recording.of_type("aws:eks/addon:Addon")
        if each.inputs["addonName"] == "amazon-cloudwatch-observability"
    ]
    return {path for each in add_on["agents"] for path in paths(each)}


def test_every_key_of_the_agent_was_looked_up(recording: Recording) -> None:
    assert agents_keys(recording) <= AGENTS


@pytest.fixture
def other_settings() -> list[Recording]:
    """Returns recordings of prod with settings that no shipped stack has."""
    recordings: list[Recording] = []
    agents = {"amazon-cloudwatch-observability": {"version": "v8.0.0-eksbuild.1"}}
    for key, change in (
        ("headroom", {"mode": "capacityBuffer"}),
        ("headroom", {"size": "proportional"}),
        ("cluster", {"addOns": agents}),
        (
            "pools",
            {
                name: {"instanceTypes": [type_], "perZone": {"min": 0, "max": 1}}
                for name, type_ in (("gpu", "g6.xlarge"), ("neuron", "inf2.xlarge"))
            },
        ),
    ):
        config = config_of("prod")
        section = f"ha-eks:{key}"
        config[section] = {**config.get(section, {}), **change}
        recordings.append(recorded_config("prod", config))
    return recordings


def test_every_helm_value_and_add_on_key_of_other_settings_was_looked_up(
    other_settings: list[Recording],
) -> None:
    for each in other_settings:
        test_every_configuration_key_of_an_add_on_was_looked_up(each)
        test_every_helm_value_was_looked_up_in_the_version_of_the_chart(each)


def test_the_lists_contain_no_unused_keys(
    previewed: Callable[[str], Recording], other_settings: list[Recording]
) -> None:
    recordings = [*(previewed(stack) for stack in (*STACKS, "wide")), *other_settings]
    found = keys_of(
        each for recording in recordings for each in recording.of_type("aws:eks/addon:Addon")
    )
    for name, looked_up in ADD_ON_KEYS.items():
        assert looked_up <= found[name]
    assert {key for recording in recordings for key in agents_keys(recording)} == AGENTS
    values: dict[tuple[str, str, str], set[str]] = {}
    for recording in recordings:
        for chart, keys in values_of(recording).items():
            values.setdefault(chart, set()).update(keys)
    assert values == CHARTS


def test_a_failed_release_is_rolled_back(recording: Recording) -> None:
    for release in recording.of_type(RELEASE):
        assert release.inputs["atomic"] is True
        assert release.inputs["timeout"] == 600
        assert release.inputs["namespace"] not in ("default", "kube-system")
