import json
from typing import Any

import pytest

from components.autoscaling import Autoscaling, AutoscalingArgs
from components.cluster.add_ons import AddOnSettings
from core.facts.versions.add_ons import ADD_ONS
from core.facts.versions.charts import CLUSTER_AUTOSCALER
from core.facts.versions.images import CLUSTER_AUTOSCALER_IMAGE
from settings.autoscaling.autoscaling import Autoscaling as AutoscalingSettings
from settings.cluster.add_ons import AddOnOverride
from tests.components.deploy import REGION, Deployed, context, copied, deploy, show, with_kubernetes

ADD_ON = "aws:eks/addon:Addon"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
POLICY = "aws:iam/rolePolicy:RolePolicy"
RELEASE = "kubernetes:helm.sh/v3:Release"
PRIORITY = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"

AUTOSCALER = "autoscaling-cluster-autoscaler"
DESCHEDULER = "autoscaling-descheduler"

CUTOFF = -10
"""--expendable-pods-priority-cutoff of the Cluster Autoscaler: no node is added for pods below."""


def autoscaling(
    *,
    zones: int = 3,
    minor: str = "1.36",
    longest_grace_seconds: int = 45,
    overrides: dict[str, AddOnOverride] | None = None,
    capacity_buffers: bool = False,
    spot_groups: tuple[str, ...] = (),
    **changes: Any,
) -> Deployed:
    def build() -> None:
        args = AutoscalingArgs(
            strict_nodes=[],
            before_pods=[],
            autoscaling=AutoscalingSettings.model_validate(changes),
            longest_grace_seconds=longest_grace_seconds,
            zones=zones,
            capacity_buffers=capacity_buffers,
            spot_groups=spot_groups,
            context=context(),
            resolve_image=copied,
            add_on_settings=AddOnSettings(kubernetes_version=minor, overrides=overrides or {}),
        )
        component = Autoscaling("autoscaling", args, with_kubernetes())
        show(
            critical=component.priority_classes.critical,
            default=component.priority_classes.default,
            ready=[resource.urn for resource in component.ready],
        )

    return deploy(build)


def values(**changes: Any) -> dict[str, Any]:
    return autoscaling(**changes).one(RELEASE, AUTOSCALER).inputs["values"]


def flags(**changes: Any) -> dict[str, Any]:
    return values(**changes)["extraArgs"]


def statements() -> list[dict[str, Any]]:
    policy = json.loads(autoscaling().one(POLICY).inputs["policy"])
    assert policy["Version"] == "2012-10-17"
    return policy["Statement"]


def statement_with(action: str) -> dict[str, Any]:
    (found,) = [each for each in statements() if action in each["Action"]]
    assert found["Effect"] == "Allow"
    return found


def test_metrics_server_is_an_add_on_of_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ADD_ONS, "1.35", {"metrics-server": "v1.35-pin"})
    add_on = autoscaling(minor="1.35").one(ADD_ON).inputs
    assert add_on["addonName"] == "metrics-server", "autoscalers of pods would have no metrics"
    assert add_on["clusterName"] == "prod"
    assert add_on["addonVersion"] == "v1.35-pin"


def test_critical_apps_have_the_highest_priority_and_headroom_the_lowest() -> None:
    cell = autoscaling()
    critical, default, headroom = (
        cell.one(PRIORITY, f"autoscaling-{role}").inputs
        for role in ("critical", "default", "headroom")
    )
    assert [each["value"] for each in (critical, default, headroom)] == [1000, 0, -10]
    assert headroom["value"] >= CUTOFF, "the Cluster Autoscaler would add no nodes for headroom"
    assert default["globalDefault"] is True
    assert not critical["globalDefault"]
    assert not headroom["globalDefault"]
    for each in (critical, default):
        assert each["preemptionPolicy"] == "PreemptLowerPriority", (
            "pods would not preempt pause pods"
        )
    assert headroom["preemptionPolicy"] == "Never"


@pytest.mark.parametrize("role", ["critical", "default"])
def test_apps_use_the_priority_classes_of_the_component(role: str) -> None:
    cell = autoscaling()
    name = cell.one(PRIORITY, f"autoscaling-{role}").inputs["metadata"]["name"]
    assert cell.shown()[role] == name == f"ha-eks-{role}"


def test_apps_are_created_after_metrics_server_and_cluster_autoscaler() -> None:
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in autoscaling().shown()["ready"]]
    assert kinds == [ADD_ON, RELEASE]


BUFFERS = "capacity-buffer-controller-enabled"
POD_INJECTION = "capacity-buffer-pod-injection-enabled"
DRY_RUN = "capacity-buffer-pod-dry-run-enabled"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


def test_capacity_buffers_are_off_by_default() -> None:
    cell = autoscaling()
    assert cell.of_type(DEFINITION) == []
    chart_values = values()
    assert not [flag for flag in chart_values["extraArgs"] if flag.startswith("capacity-buffer")]
    assert "additionalRules" not in chart_values["rbac"]


@pytest.mark.parametrize("minor", ["1.35", "1.36"])
def test_capacity_buffers_enable_their_flags_definition_and_rbac_rule(minor: str) -> None:
    cell = autoscaling(minor=minor, capacity_buffers=True)
    crd = cell.one(DEFINITION).inputs
    assert crd["metadata"]["name"] == "capacitybuffers.autoscaling.x-k8s.io"
    chart_values = cell.one(RELEASE, AUTOSCALER).inputs["values"]
    flags = {
        key: on for key, on in chart_values["extraArgs"].items() if key.startswith("capacity-b")
    }
    dry_run = {DRY_RUN: False} if minor == "1.36" else {}
    assert flags == {BUFFERS: True, POD_INJECTION: True, **dry_run}, (
        "the Cluster Autoscaler exits on unknown flags"
    )
    assert chart_values["rbac"]["additionalRules"] == [
        {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["list", "watch"]}
    ], "the Cluster Autoscaler waits forever, or may create pods anywhere"


@pytest.mark.parametrize("on", [True, False])
def test_the_descheduler_can_be_turned_off(on: bool) -> None:
    cell = autoscaling(descheduler=on)
    releases = {each.name for each in cell.of_type(RELEASE)}
    assert releases == ({AUTOSCALER, DESCHEDULER} if on else {AUTOSCALER})


def test_the_cluster_autoscaler_is_the_pinned_chart_for_its_cluster() -> None:
    release = autoscaling().one(RELEASE, AUTOSCALER).inputs
    assert release["chart"] == "cluster-autoscaler"
    assert release["version"] == CLUSTER_AUTOSCALER.version
    assert release["repositoryOpts"]["repo"] == CLUSTER_AUTOSCALER.repository
    assert release["values"]["cloudProvider"] == "aws"
    assert release["values"]["awsRegion"] == REGION
    assert release["values"]["autoDiscovery"] == {"clusterName": "prod"}


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36"])
def test_the_cluster_autoscaler_has_the_minor_version_of_the_cluster(version: str) -> None:
    tag = values(minor=version)["image"]["tag"]
    assert tag == CLUSTER_AUTOSCALER_IMAGE[version]
    assert tag.startswith(f"v{version}."), (
        "the autoscaler would simulate the scheduler of another minor version"
    )


def test_the_service_account_of_the_cluster_autoscaler_has_the_role() -> None:
    cell = autoscaling()
    account = cell.one(RELEASE, AUTOSCALER).inputs["values"]["rbac"]["serviceAccount"]
    assert account == {"create": True, "name": cell.one(ASSOCIATION).inputs["serviceAccount"]}


def test_the_cluster_autoscaler_has_two_spread_replicas_and_a_budget() -> None:
    chart_values = values()
    assert chart_values["replicaCount"] == 2
    assert chart_values["podDisruptionBudget"] == {"maxUnavailable": 1}
    for spread in chart_values["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == {
            "app.kubernetes.io/name": "aws-cluster-autoscaler",  # prefix of the chart
            "app.kubernetes.io/instance": "cluster-autoscaler",
        }


def test_the_cluster_autoscaler_meets_the_restricted_standard() -> None:
    chart_values = values()
    assert chart_values["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65534,
        "runAsGroup": 65534,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert chart_values["containerSecurityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_memory_limit_of_the_cluster_autoscaler_is_its_request() -> None:
    resources = values()["resources"]
    assert resources["limits"] == {"memory": resources["requests"]["memory"]}


def test_node_groups_of_a_pool_are_balanced() -> None:
    chart_flags = flags()
    assert chart_flags["balance-similar-node-groups"] is True
    assert chart_flags["balancing-label"] == "ha-eks/pool"


def test_the_cluster_autoscaler_publishes_metrics_per_node_group() -> None:
    assert flags()["emit-per-nodegroup-metrics"] is True, (
        "metrics would not show which group is not scaled up"
    )


def test_no_pool_has_priority_by_default() -> None:
    chart_values = values(spot_groups=("^spot$",))
    assert chart_values["extraArgs"]["expander"] == "least-waste"
    assert "expanderPriorities" not in chart_values


def test_spot_groups_are_scaled_up_first_with_the_priority_expander() -> None:
    chart_values = values(expander="priority", spot_groups=("^spot-a$", "^spot-b$"))
    assert chart_values["extraArgs"]["expander"] == "priority,least-waste"
    assert chart_values["expanderPriorities"] == {"20": ["^spot-a$", "^spot-b$"], "10": [".*"]}


@pytest.mark.parametrize(("zones", "share"), [(2, 65), (3, 65), (6, 45)])
def test_the_cluster_autoscaler_keeps_working_after_a_zone_failure(zones: int, share: int) -> None:
    chart_flags = flags(zones=zones)
    assert chart_flags["max-total-unready-percentage"] == share
    assert share > 100 / zones


@pytest.mark.parametrize(("changes", "flag"), [({}, "10m"), ({"nodeProvisionMinutes": 6}, "6m")])
def test_the_provision_time_is_that_of_the_stack_file(changes: dict[str, int], flag: str) -> None:
    assert flags(**changes)["max-node-provision-time"] == flag


def test_scale_down_waits_for_the_longest_grace_period_of_all_apps() -> None:
    chart_flags = flags(longest_grace_seconds=1225)
    assert chart_flags["max-graceful-termination-sec"] == 1225, "requests are cut off at scale-down"


def test_a_short_grace_period_keeps_the_default_of_the_cluster_autoscaler() -> None:
    assert flags()["max-graceful-termination-sec"] == 600


def test_nodes_with_scratch_volumes_can_be_removed() -> None:
    assert flags()["skip-nodes-with-local-storage"] is False


def test_the_cluster_autoscaler_may_read_groups_and_instance_types() -> None:
    reads = statement_with("autoscaling:DescribeAutoScalingGroups")
    assert reads == {
        "Effect": "Allow",
        "Action": [
            "autoscaling:DescribeAutoScalingGroups",
            "autoscaling:DescribeAutoScalingInstances",
            "autoscaling:DescribeLaunchConfigurations",
            "autoscaling:DescribeScalingActivities",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeLaunchTemplateVersions",
            "ec2:GetInstanceTypesFromInstanceRequirements",
        ],
        "Resource": "*",
    }


def test_the_cluster_autoscaler_may_resize_only_groups_of_its_cluster() -> None:
    tag = "aws:ResourceTag/k8s.io/cluster-autoscaler/prod"
    assert statement_with("autoscaling:SetDesiredCapacity") == {
        "Effect": "Allow",
        "Action": [
            "autoscaling:SetDesiredCapacity",
            "autoscaling:TerminateInstanceInAutoScalingGroup",
        ],
        "Resource": "*",
        "Condition": {"Null": {tag: "false"}},
    }


def test_all_write_permissions_of_the_cluster_autoscaler_have_a_condition() -> None:
    reading = ("Describe", "Get", "List")
    for statement in statements():
        writes = [
            action
            for action in statement["Action"]
            if not action.partition(":")[2].startswith(reading)
        ]
        assert not writes or "Condition" in statement, (
            f"{writes} are allowed on every cluster of the account"
        )


def test_the_cluster_autoscaler_may_describe_only_node_groups_of_its_cluster() -> None:
    statement = statement_with("eks:DescribeNodegroup")
    assert statement["Action"] == ["eks:DescribeNodegroup"]
    assert statement["Resource"] == f"arn:aws:eks:{REGION}:*:nodegroup/prod/*"


def test_the_stack_file_can_set_the_version_of_the_cluster_autoscaler() -> None:
    assert values(minor="1.35", version="v1.35.7")["image"]["tag"] == "v1.35.7"


def test_the_stack_file_can_configure_metrics_server() -> None:
    override = AddOnOverride.model_validate({"configuration": {"replicas": 3}})
    add_on = autoscaling(overrides={"metrics-server": override}).one(ADD_ON).inputs
    assert json.loads(add_on["configurationValues"]) == {"replicas": 3}


def test_the_cluster_autoscaler_image_is_pulled_from_the_image_source() -> None:
    assert values()["image"]["repository"] == copied(CLUSTER_AUTOSCALER.image)
