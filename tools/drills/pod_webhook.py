"""The webhook of the AWS Load Balancer Controller that adds readiness gates to pods."""

import base64

from core.facts.versions.charts import AWS_LOAD_BALANCER_CONTROLLER
from tools.control_plane.manifest import Manifest
from tools.drills.recorded_chart import recorded_chart
from tools.recording import Recording


def pod_webhook(recording: Recording, url: str, certificate: bytes = b"") -> Manifest:
    """Returns the webhook at the address `url` of a server with a certificate.

    The selectors and rules are those of the chart, with the recorded values.
    https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.5.0/helm/aws-load-balancer-controller/templates/webhook.yaml
    """
    values = recorded_chart(recording, AWS_LOAD_BALANCER_CONTROLLER.name).values
    client: dict[str, str] = {"url": f"{url}/mutate-v1-pod"}
    if certificate:
        client["caBundle"] = base64.b64encode(certificate).decode()
    gate, name = "elbv2.k8s.aws/pod-readiness-gate-inject", AWS_LOAD_BALANCER_CONTROLLER.name
    own_pods = {"key": "app.kubernetes.io/name", "operator": "NotIn", "values": [name]}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "aws-load-balancer-webhook"},
        "webhooks": [
            {
                "name": "mpod.elbv2.k8s.aws",
                "clientConfig": client,
                "failurePolicy": values["podMutatorWebhookConfig"]["failurePolicy"],
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "namespaceSelector": {
                    "matchExpressions": [{"key": gate, "operator": "In", "values": ["enabled"]}]
                },
                "objectSelector": {
                    "matchExpressions": [own_pods],
                    "matchLabels": values["objectSelector"]["matchLabels"],
                },
                "rules": [
                    {
                        "apiGroups": [""],
                        "apiVersions": ["v1"],
                        "operations": ["CREATE"],
                        "resources": ["pods"],
                    }
                ],
            }
        ],
    }
