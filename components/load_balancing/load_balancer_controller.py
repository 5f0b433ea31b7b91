"""The AWS Load Balancer Controller: the values of its chart, and what it may do."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.helm_controller import container_resources, highly_available_values
from components.images import ImageResolver
from components.labels import APP_PODS
from core.facts.system_pods import CONTROLLERS
from core.facts.versions import AWS_LOAD_BALANCER_CONTROLLER
from core.iam import Document, allow, policy


def values(
    *,
    cluster_name: pulumi.Input[str],
    region: str,
    vpc_id: pulumi.Input[str],
    resolve_image: ImageResolver,
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Values of its chart: bindings, and nothing else.

    Keys: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/helm/aws-load-balancer-controller/values.yaml
    Feature gates: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/config/feature_gates.go
    """
    own = AWS_LOAD_BALANCER_CONTROLLER.name
    return {
        **highly_available_values(own, own),
        "clusterName": cluster_name,
        "image": {"repository": resolve_image(AWS_LOAD_BALANCER_CONTROLLER.image)},
        # Given both, it asks the instance metadata nothing, which pods cannot reach.
        "region": region,
        "vpcId": vpc_id,
        "serviceAccount": {"create": True, "name": own},
        "resources": container_resources(CONTROLLERS[own]),
        "podSecurityContext": {
            "fsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        },
        # A pod that came up without its readiness gate would count as ready too early.
        "podMutatorWebhookConfig": {"failurePolicy": "Fail"},
        "objectSelector": {"matchLabels": APP_PODS},
        "keepTLSSecret": True,
        "enableServiceMutatorWebhook": False,
        "createIngressClassResource": False,
        "webhookConfig": {"disableIngressValidation": True},
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
        "controllerConfig": {
            "featureGates": {
                "EnableServiceController": False,
                "NLBGatewayAPI": False,
                "ALBGatewayAPI": False,
                "GatewayListenerSet": False,
            }
        },
    }


def policy_for(name: str, region: str) -> Document:
    """What it needs for bindings, without a `networking` section, to groups named `name`-….

    By name and not by ARN: when an app goes, its binding needs the controller for its pods' sake
    after the policy would have lost the group.
    From what it calls then: https://github.com/kubernetes-sigs/aws-load-balancer-controller/tree/v3.5.0/pkg/targetgroupbinding
    """
    return policy(
        allow(
            [
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ]
        ),
        allow(
            [
                "elasticloadbalancing:RegisterTargets",
                "elasticloadbalancing:DeregisterTargets",
            ],
            f"arn:aws:elasticloadbalancing:{region}:*:targetgroup/{name}-*/*",
        ),
    )
