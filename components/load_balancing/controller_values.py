"""Helm values of the AWS Load Balancer Controller."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.helm_controller import container_resources, highly_available_values
from components.images import ImageResolver
from core.facts.system_pods import CONTROLLERS
from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from core.labels import APP_PODS


def controller_values(
    *,
    cluster_name: pulumi.Input[str],
    region: str,
    vpc_id: pulumi.Input[str],
    resolve_image: ImageResolver,
) -> Mapping[str, Any]:  # Any: JSON of any shape
    """Returns values that enable TargetGroupBindings only.

    Keys: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/helm/aws-load-balancer-controller/values.yaml
    Feature gates: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/pkg/config/feature_gates.go
    """
    name = AWS_LOAD_BALANCER_CONTROLLER.name
    return {
        **highly_available_values(name, name),
        "clusterName": cluster_name,
        "image": {"repository": resolve_image(AWS_LOAD_BALANCER_CONTROLLER.image)},
        # Without these two, the controller reads the instance metadata, which pods cannot reach.
        "region": region,
        "vpcId": vpc_id,
        "serviceAccount": {"create": True, "name": name},
        "resources": container_resources(CONTROLLERS[name]),
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
        # A pod without its readiness gate would become ready before it is a healthy target.
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
