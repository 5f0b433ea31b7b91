import json
from typing import Any

import pytest

from components.autoscaling import Autoscaling, AutoscalingArgs
from components.cluster.add_ons import AddOnChoices
from core.facts.versions import ADD_ONS, CLUSTER_AUTOSCALER, CLUSTER_AUTOSCALER_IMAGE
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
"""--expendable-pods-priority-cutoff of the Cluster Autoscaler: no node comes for pods below it."""


def autoscaling(
    *,
    zones: int = 3,
    minor: str = "1.36",
    longest_grace_seconds: int = 45,
    overrides: dict[str, AddOnOverride] | None = None,
    capacity_buffers: bool = False,
    spot_groups: tuple[str, ...] = (),
    **given: Any,
) -> Deployed:
    def build() -> None:
        args = AutoscalingArgs(
            before_pods=[],
            autoscaling=AutoscalingSettings.model_validate(given),
            longest_grace_seconds=longest_grace_seconds,
            zones=zones,
            capacity_buffers=capacity_buffers,
            spot_groups=spot_groups,
            context=context(),
            pulled=copied,
            choices=AddOnChoices(kubernetes_version=minor, overrides=overrides or {}),
        )
        component = Autoscaling("autoscaling", args, with_kubernetes())
        show(
            critical=component.priority_classes.critical,
            default=component.priority_classes.default,
            ready=[resource.urn for resource in component.ready],
        )

    return deploy(build)


def values(**given: Any) -> dict[str, Any]:
    return autoscaling(**given).one(RELEASE, AUTOSCALER).inputs["values"]


def flags(**given: Any) -> dict[str, Any]:
    return values(**given)["extraArgs"]


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
    assert add_on["addonName"] == "metrics-server", "no autoscaler knows of any load"
    assert add_on["clusterName"] == "prod"
    assert add_on["addonVersion"] == "v1.35-pin"


def test_critical_apps_come_before_the_others_and_headroom_after_all() -> None:
    cell = autoscaling()
    critical, default, headroom = (
        cell.one(PRIORITY, f"autoscaling-{role}").inputs
        for role in ("critical", "default", "headroom")
    )
    assert [each["value"] for each in (critical, default, headroom)] == [1000, 0, -10]
    assert headroom["value"] >= CUTOFF, "no node would come for headroom"
    assert default["globalDefault"] is True
    assert not critical["globalDefault"]
    assert not headroom["globalDefault"]
    for each in (critical, default):
        assert each["preemptionPolicy"] == "PreemptLowerPriority", "headroom never gives way"
    assert headroom["preemptionPolicy"] == "Never"


@pytest.mark.parametrize("role", ["critical", "default"])
def test_apps_are_given_the_priority_classes_of_apps(role: str) -> None:
    cell = autoscaling()
    made = cell.one(PRIORITY, f"autoscaling-{role}").inputs["metadata"]["name"]
    assert cell.shown()[role] == made == f"ha-eks-{role}"


def test_apps_wait_for_metrics_and_for_the_autoscaler() -> None:
    kinds = [urn.split("::")[2].rpartition("$")[2] for urn in autoscaling().shown()["ready"]]
    assert kinds == [ADD_ON, RELEASE]


BUFFERS = "capacity-buffer-controller-enabled"
INJECTED = "capacity-buffer-pod-injection-enabled"
DRY_RUN = "capacity-buffer-pod-dry-run-enabled"
DEFINITION = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"


def test_the_autoscaler_reads_no_buffers_unless_it_keeps_the_room() -> None:
    cell = autoscaling()
    assert cell.of_type(DEFINITION) == []
    given = values()
    assert not [flag for flag in given["extraArgs"] if flag.startswith("capacity-buffer")]
    assert "additionalRules" not in given["rbac"]


@pytest.mark.parametrize("minor", ["1.35", "1.36"])
def test_an_autoscaler_that_keeps_the_room_knows_what_it_is_to_read(minor: str) -> None:
    cell = autoscaling(minor=minor, capacity_buffers=True)
    crd = cell.one(DEFINITION).inputs
    assert crd["metadata"]["name"] == "capacitybuffers.autoscaling.x-k8s.io"
    given = cell.one(RELEASE, AUTOSCALER).inputs["values"]
    flags = {key: on for key, on in given["extraArgs"].items() if key.startswith("capacity-b")}
    dry_run = {DRY_RUN: False} if minor == "1.36" else {}
    assert flags == {BUFFERS: True, INJECTED: True, **dry_run}, "it knows no other, and exits"
    assert given["rbac"]["additionalRules"] == [
        {"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["list", "watch"]}
    ], "it waits for ever, or may create pods anywhere"


@pytest.mark.parametrize("on", [True, False])
def test_the_descheduler_is_there_unless_it_is_turned_off(on: bool) -> None:
    cell = autoscaling(descheduler=on)
    releases = {each.name for each in cell.of_type(RELEASE)}
    assert releases == ({AUTOSCALER, DESCHEDULER} if on else {AUTOSCALER})


def test_the_autoscaler_is_the_pinned_chart_and_knows_its_cluster() -> None:
    release = autoscaling().one(RELEASE, AUTOSCALER).inputs
    assert release["chart"] == "cluster-autoscaler"
    assert release["version"] == CLUSTER_AUTOSCALER.version
    assert release["repositoryOpts"]["repo"] == CLUSTER_AUTOSCALER.repository
    assert release["values"]["cloudProvider"] == "aws"
    assert release["values"]["awsRegion"] == REGION
    assert release["values"]["autoDiscovery"] == {"clusterName": "prod"}


@pytest.mark.parametrize("version", ["1.34", "1.35", "1.36"])
def test_the_autoscaler_is_of_the_cluster_s_minor(version: str) -> None:
    tag = values(minor=version)["image"]["tag"]
    assert tag == CLUSTER_AUTOSCALER_IMAGE[version]
    assert tag.startswith(f"v{version}."), "it simulates another minor's scheduler"


def test_the_autoscaler_s_service_account_is_the_one_that_has_the_role() -> None:
    cell = autoscaling()
    account = cell.one(RELEASE, AUTOSCALER).inputs["values"]["rbac"]["serviceAccount"]
    assert account == {"create": True, "name": cell.one(ASSOCIATION).inputs["serviceAccount"]}


def test_the_autoscaler_has_two_replicas_that_spread_by_their_own_labels() -> None:
    given = values()
    assert given["replicaCount"] == 2
    assert given["podDisruptionBudget"] == {"maxUnavailable": 1}
    for spread in given["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == {
            "app.kubernetes.io/name": "aws-cluster-autoscaler",  # the chart puts the cloud before
            "app.kubernetes.io/instance": "cluster-autoscaler",
        }


def test_the_autoscaler_is_within_the_restricted_standard() -> None:
    given = values()
    assert given["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65534,
        "runAsGroup": 65534,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert given["containerSecurityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_autoscaler_is_not_evicted_for_memory_before_others() -> None:
    resources = values()["resources"]
    assert resources["limits"] == {"memory": resources["requests"]["memory"]}


def test_the_groups_of_a_pool_grow_alike() -> None:
    given = flags()
    assert given["balance-similar-node-groups"] is True
    assert given["balancing-label"] == "ha-eks/pool"


def test_what_each_group_does_can_be_measured() -> None:
    assert flags()["emit-per-nodegroup-metrics"] is True, "nobody sees which group gets no node"


def test_no_pool_goes_before_another_unless_asked_for() -> None:
    given = values(spot_groups=("^spot$",))
    assert given["extraArgs"]["expander"] == "least-waste"
    assert "expanderPriorities" not in given


def test_spot_instances_go_before_the_others_which_come_when_those_do_not() -> None:
    given = values(expander="priority", spot_groups=("^spot-a$", "^spot-b$"))
    assert given["extraArgs"]["expander"] == "priority,least-waste"
    assert given["expanderPriorities"] == {"20": ["^spot-a$", "^spot-b$"], "10": [".*"]}


@pytest.mark.parametrize(("zones", "share"), [(2, 65), (3, 49), (6, 45)])
def test_the_autoscaler_goes_on_when_a_zone_is_lost(zones: int, share: int) -> None:
    given = flags(zones=zones)
    assert given["max-total-unready-percentage"] == share
    assert share > 100 / zones


@pytest.mark.parametrize(("given", "flag"), [({}, "10m"), ({"nodeProvisionMinutes": 6}, "6m")])
def test_a_node_that_does_not_come_is_waited_for_as_long_as_asked(
    given: dict[str, int], flag: str
) -> None:
    assert flags(**given)["max-node-provision-time"] == flag


def test_a_node_that_goes_waits_for_the_longest_grace_of_all_apps() -> None:
    given = flags(longest_grace_seconds=1225)
    assert given["max-graceful-termination-sec"] == 1225, "requests are cut off at scale-down"


def test_a_short_grace_leaves_the_autoscaler_its_own_limit() -> None:
    assert flags()["max-graceful-termination-sec"] == 600


def test_scratch_volumes_do_not_keep_a_node_from_going() -> None:
    assert flags()["skip-nodes-with-local-storage"] is False


def test_the_autoscaler_reads_what_it_needs_to_know() -> None:
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


def test_the_autoscaler_resizes_the_groups_of_its_own_cluster_only() -> None:
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


def test_no_write_of_the_autoscaler_is_without_that_condition() -> None:
    reading = ("Describe", "Get", "List")
    for statement in statements():
        writes = [
            action
            for action in statement["Action"]
            if not action.partition(":")[2].startswith(reading)
        ]
        assert not writes or "Condition" in statement, f"{writes} on every cluster of the account"


def test_the_autoscaler_asks_for_node_groups_of_its_own_cluster_only() -> None:
    asks = statement_with("eks:DescribeNodegroup")
    assert asks["Action"] == ["eks:DescribeNodegroup"]
    assert asks["Resource"] == f"arn:aws:eks:{REGION}:*:nodegroup/prod/*"


def test_the_autoscaler_s_release_is_the_stack_file_s_if_it_names_one() -> None:
    assert values(minor="1.35", version="v1.35.7")["image"]["tag"] == "v1.35.7"


def test_the_stack_file_has_the_last_word_on_metrics_server() -> None:
    own = AddOnOverride.model_validate({"configuration": {"replicas": 3}})
    add_on = autoscaling(overrides={"metrics-server": own}).one(ADD_ON).inputs
    assert json.loads(add_on["configurationValues"]) == {"replicas": 3}


def test_the_autoscaler_is_pulled_from_where_images_are() -> None:
    assert values()["image"]["repository"] == copied(CLUSTER_AUTOSCALER.image)
