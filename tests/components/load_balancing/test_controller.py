"""AWS Load Balancer Controller: chart values and IAM policy."""

import fnmatch
import json
from typing import Any

import pulumi

from components.app import App, AppArgs
from components.autoscaling import PriorityClasses
from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from core.labels import APP_PODS
from tests.components.deploy import REGION, context, copied, deploy, upstream, with_kubernetes
from tests.components.load_balancing.deployed_load_balancing import (
    APPS,
    DEPLOYMENT,
    RELEASE,
    app,
    balancing,
)

POLICY = "aws:iam/rolePolicy:RolePolicy"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"


def values(**changes: Any) -> dict[str, Any]:
    return balancing(**changes).one(RELEASE).inputs["values"]


def test_the_controller_is_the_pinned_chart_for_the_cluster() -> None:
    release = balancing().one(RELEASE).inputs
    assert release["chart"] == "aws-load-balancer-controller"
    assert release["version"] == AWS_LOAD_BALANCER_CONTROLLER.version
    assert release["repositoryOpts"]["repo"] == AWS_LOAD_BALANCER_CONTROLLER.repository
    assert release["values"]["clusterName"] == "prod"


def test_the_controller_needs_no_instance_metadata() -> None:
    changes = values()
    assert changes["region"] == REGION
    assert changes["vpcId"] == "vpc-1"


def test_the_service_account_of_the_controller_has_the_role() -> None:
    lb = balancing()
    account = lb.one(RELEASE).inputs["values"]["serviceAccount"]
    assert account == {"create": True, "name": lb.one(ASSOCIATION).inputs["serviceAccount"]}


def test_the_controller_has_two_replicas_in_different_zones() -> None:
    changes = values()
    assert changes["replicaCount"] == 2
    assert changes["podDisruptionBudget"] == {"maxUnavailable": 1}
    for spread in changes["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"] == {
            "app.kubernetes.io/name": "aws-load-balancer-controller",
            "app.kubernetes.io/instance": "aws-load-balancer-controller",
        }


def test_the_controller_meets_the_restricted_pod_security_standard() -> None:
    changes = values()
    assert changes["podSecurityContext"] == {
        "fsGroup": 65534,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert changes["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_no_pod_is_created_without_its_readiness_gate() -> None:
    assert values()["podMutatorWebhookConfig"] == {"failurePolicy": "Fail"}


def test_the_webhook_selects_the_pods_of_apps() -> None:
    def build() -> None:
        priority = pulumi.Output.from_input("p")
        args = AppArgs(
            context=context(),
            app=app(None),
            callers={},
            callees={},
            resolve_image=upstream,
            zones=3,
            effective_zones=3,
            awaited=True,
            pool=None,
            node_provision_minutes=10,
            prefers_same_zone=False,
            control_plane_cidrs=[],
            storage=[],
            priority_classes=PriorityClasses(
                critical=priority, default=priority, headroom=priority
            ),
            before_pods=[],
            targets=(),
            source=None,
            keda=None,
            sampled_percent=5,
            migrations=None,
            drivers={},
            shared_files=None,
        )
        App("web", args, with_kubernetes())

    web = deploy(build)
    labels = web.one(DEPLOYMENT).inputs["spec"]["template"]["metadata"]["labels"]
    selected = values()["objectSelector"]["matchLabels"]
    assert selected, "every pod of the cell would depend on the webhook"
    assert selected.items() <= labels.items(), "pods would be created without a readiness gate"
    assert selected == APP_PODS


def test_the_controller_handles_target_group_bindings_only() -> None:
    changes = values()
    assert changes["enableServiceMutatorWebhook"] is False, (
        "no Service could be created without the controller"
    )
    assert changes["createIngressClassResource"] is False
    assert changes["webhookConfig"] == {"disableIngressValidation": True}
    assert [changes[key] for key in ("enableShield", "enableWaf", "enableWafv2")] == [False] * 3
    assert changes["controllerConfig"]["featureGates"] == {
        "EnableServiceController": False,
        "NLBGatewayAPI": False,
        "ALBGatewayAPI": False,
        "GatewayListenerSet": False,
    }


def test_an_update_keeps_the_certificate_of_the_webhook() -> None:
    assert values()["keepTLSSecret"] is True


def test_the_memory_limit_of_the_controller_equals_its_request() -> None:
    resources = values()["resources"]
    assert resources["limits"] == {"memory": resources["requests"]["memory"]}


def test_the_controller_can_register_targets_in_groups_of_the_cell_only() -> None:
    lb = balancing(apps=APPS)
    reads, writes = json.loads(lb.one(POLICY).inputs["policy"])["Statement"]
    assert reads == {
        "Effect": "Allow",
        "Action": [
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeVpcs",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        "Resource": "*",
    }
    assert writes["Effect"] == "Allow"
    assert writes["Action"] == [
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:DeregisterTargets",
    ]
    arns = lb.shown()["arns"].values()
    assert len(arns) > 1
    assert [
        arn
        for arn in arns
        if not any(fnmatch.fnmatchcase(arn, each) for each in writes["Resource"])
    ] == []
    internal = next(iter(arns)).replace("/lb-", "/ilb-")
    assert [each for each in writes["Resource"] if fnmatch.fnmatchcase(internal, each)]
    other = next(iter(arns)).replace("/lb-", "/x-")
    assert not [each for each in writes["Resource"] if fnmatch.fnmatchcase(other, each)]


def test_the_policy_does_not_change_with_the_apps() -> None:
    policies = {balancing(apps=each).one(POLICY).inputs["policy"] for each in (APPS, None)}
    assert len(policies) == 1, "the finalizer of a removed binding would never be removed"


def test_the_image_of_the_controller_is_resolved() -> None:
    assert values()["image"] == {"repository": copied(AWS_LOAD_BALANCER_CONTROLLER.image)}
