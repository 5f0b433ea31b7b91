"""The admission policy that refuses pods without AWS credentials.

A new Pod Identity association has no effect for some seconds, and EKS adds credentials to a pod
only when the pod is created. A pod that is created too early never gets credentials: it fails until
it is deleted. The policy refuses such a pod, and its ReplicaSet or DaemonSet creates it again after
5 milliseconds, then after twice the time before, at most after 17 minutes.
docs/decisions/0049-pods-without-aws-credentials-are-refused.md
"""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import admissionregistration, meta

from core.pod_identity import ASSOCIATION, CREDENTIALS

ADD_ON_ACCOUNTS = (
    "amazon-cloudwatch/cloudwatch-agent",
    "kube-system/aws-node",
    "kube-system/ebs-csi-controller-sa",
)
"""Namespace and name of the service accounts of add-ons with an IAM role. EKS creates their
associations and pods at the same time."""

_NAME = "ha-eks-pod-credentials"

_V1 = admissionregistration.v1


class PodCredentials(pulumi.ComponentResource):
    """Creates the admission policy and its binding.

    The policy applies to pods that have the annotation with an association, and to the pods of
    add-ons with an IAM role.
    """

    ready: Sequence[pulumi.Resource]
    """Resources that must exist before pods with an association."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ha-eks:index:PodCredentials", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        policy = _V1.ValidatingAdmissionPolicy(
            name,
            metadata=meta.v1.ObjectMetaArgs(name=_NAME),
            spec=_V1.ValidatingAdmissionPolicySpecArgs(
                match_constraints=_V1.MatchResourcesArgs(
                    resource_rules=[
                        _V1.NamedRuleWithOperationsArgs(
                            api_groups=[""],
                            api_versions=["v1"],
                            operations=["CREATE"],
                            resources=["pods"],
                        )
                    ]
                ),
                match_conditions=[
                    _V1.MatchConditionArgs(name="has-an-association", expression=_applies())
                ],
                validations=[
                    _V1.ValidationArgs(
                        expression="object.spec.containers.exists(container, has(container.env) && "
                        f"container.env.exists(variable, variable.name == '{CREDENTIALS}'))",
                        message="EKS Pod Identity has not added AWS credentials to the pod: its "
                        "association is new, or the webhook of EKS does not answer. Its controller "
                        "creates the pod again.",
                    )
                ],
            ),
            opts=child,
        )
        binding = _V1.ValidatingAdmissionPolicyBinding(
            name,
            metadata=meta.v1.ObjectMetaArgs(name=_NAME),
            spec=_V1.ValidatingAdmissionPolicyBindingSpecArgs(
                policy_name=policy.metadata.name, validation_actions=["Deny"]
            ),
            opts=child,
        )
        self.ready = [binding]
        self.register_outputs({})


def _applies() -> str:
    """Returns the CEL expression that is true for pods with an association."""
    accounts = ", ".join(f"'{account}'" for account in ADD_ON_ACCOUNTS)
    return (
        "(has(object.metadata.annotations) && "
        f"'{ASSOCIATION}' in object.metadata.annotations) || "
        "(has(object.spec.serviceAccountName) && "
        f"object.metadata.namespace + '/' + object.spec.serviceAccountName in [{accounts}])"
    )
