"""Every Helm value and add-on key that the cell gives is one that upstream has.

A chart ignores a value that it does not know, and an add-on's schema refuses it, and neither can
be seen without them. So the keys that were looked up stand here, with the version in which they
were: a new key, or a new version, has to be looked up before this is green again.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from plan import Plan, Resource
from tests.conftest import STACKS

RELEASE = "kubernetes:helm.sh/v3:Release"

CHARTS = {
    # https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-chart-9.59.0/cluster-autoscaler/charts/cluster-autoscaler/values.yaml
    # Below extraArgs: https://github.com/kubernetes/autoscaler/blob/cluster-autoscaler-1.36.1/cluster-autoscaler/config/flags/flags.go
    ("cluster-autoscaler", "9.59.0", "https://kubernetes.github.io/autoscaler"): {
        "autoDiscovery.clusterName",
        "awsRegion",
        "cloudProvider",
        "containerSecurityContext",
        "extraArgs.balance-similar-node-groups",
        "extraArgs.balancing-label",
        "extraArgs.expander",
        "extraArgs.max-graceful-termination-sec",
        "extraArgs.max-node-provision-time",
        "extraArgs.max-total-unready-percentage",
        "extraArgs.skip-nodes-with-local-storage",
        "image.repository",
        "image.tag",
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
        "podDisruptionBudget.metricServer.maxUnavailable",
        "podDisruptionBudget.operator.maxUnavailable",
        "podDisruptionBudget.webhooks.maxUnavailable",
        "priorityClassName",
        "rbac.enabledCustomScaledRefKinds",
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
ONLY_IF: dict[str, Callable[[Plan], bool]] = {"keda": lambda plan: plan.settings.reads_queries}
"""Charts that a stack has if it asks for them."""

FREE = {
    "containerSecurityContext", "controller.extraVolumeTags", "eniConfig.subnets",
    "objectSelector.matchLabels",
    "podSecurityContext", "resources", "securityContext",
}  # fmt: skip
"""Values that charts hand on to Kubernetes as they are, or whose keys are names."""

ADD_ONS = {
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/install-CloudWatch-Observability-EKS-addon.html
    "amazon-cloudwatch-observability": {
        "manager.applicationSignals.autoMonitor.monitorAllServices",
    },
    # The add-on's own schema: https://github.com/turbot/steampipe-plugin-aws/pull/1514
    "aws-ebs-csi-driver": {"controller.extraVolumeTags"},
    # https://docs.aws.amazon.com/eks/latest/userguide/coredns-autoscaling.html and
    # https://aws.amazon.com/blogs/containers/recent-changes-to-the-coredns-add-on
    "coredns": {
        "autoScaling.enabled",
        "autoScaling.maxReplicas",
        "autoScaling.minReplicas",
        "corefile",
        "podDisruptionBudget.enabled",
        "podDisruptionBudget.maxUnavailable",
        "topologySpreadConstraints",
    },
    # https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/charts/aws-vpc-cni/values.yaml
    # https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/charts/aws-vpc-cni/templates/eniconfig.yaml
    "vpc-cni": {
        "eniConfig.create",
        "eniConfig.region",
        "eniConfig.subnets",
        "env.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG",
        "env.ENABLE_PREFIX_DELEGATION",
        "env.ENI_CONFIG_LABEL_DEF",
        "env.WARM_PREFIX_TARGET",
    },
}


def paths(values: Mapping[str, object], at: str = "") -> Iterator[str]:
    """The path of every value, down to what upstream hands on."""
    for key, value in values.items():
        path = f"{at}.{key}".removeprefix(".")
        if isinstance(value, Mapping) and path not in FREE:
            yield from paths(value, path)
        else:
            yield path


def test_every_value_of_a_chart_was_looked_up_in_that_version(plan: Plan) -> None:
    seen = {
        (
            release.inputs["chart"],
            release.inputs["version"],
            release.inputs["repositoryOpts"]["repo"],
        ): set(paths(release.inputs["values"]))
        for release in plan.of_type(RELEASE)
    }
    wanted = {
        chart: keys
        for chart, keys in CHARTS.items()
        if chart[0] not in ONLY_IF or ONLY_IF[chart[0]](plan)
    }
    assert seen == wanted


def given(add_ons: Iterable[Resource]) -> dict[str, set[str]]:
    """The keys that add-ons are given, by add-on."""
    found: dict[str, set[str]] = {}
    for each in add_ons:
        if "configurationValues" in each.inputs:
            keys = set(paths(json.loads(each.inputs["configurationValues"])))
            found.setdefault(str(each.inputs["addonName"]), set()).update(keys)
    return found


def own(plan: Plan) -> dict[str, set[str]]:
    """The keys of the stack file: whoever writes one there looks it up."""
    chosen = plan.settings.cluster.add_ons.items()
    return {name: set(paths(each.configuration)) for name, each in chosen}


def test_every_configuration_key_of_an_add_on_was_looked_up(plan: Plan) -> None:
    seen = given(plan.of_type("aws:eks/addon:Addon"))
    assert seen
    for name, keys in seen.items():
        assert keys <= ADD_ONS.get(name, set()) | own(plan).get(name, set())


def test_nothing_was_looked_up_that_no_stack_gives(previewed: Callable[[str], Plan]) -> None:
    plans = [previewed(stack) for stack in (*STACKS, "wide")]
    seen = given(each for plan in plans for each in plan.of_type("aws:eks/addon:Addon"))
    for name, looked_up in ADD_ONS.items():
        assert looked_up <= seen[name]


def test_a_release_is_made_whole_or_not_at_all(plan: Plan) -> None:
    for release in plan.of_type(RELEASE):
        assert release.inputs["atomic"] is True
        assert release.inputs["timeout"] == 600
        assert release.inputs["namespace"] not in ("default", "kube-system")
