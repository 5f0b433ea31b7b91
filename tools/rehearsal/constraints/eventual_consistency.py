"""Eventual consistency: resources that exist but do not work yet.

AWS answers a call before its effect has reached every server. The table lists each new resource of
a cell that another resource uses at once, and the part that waits or repeats. In the fake cloud, a
resource takes effect during the next creation that takes a minute.

| new | used by | waits or repeats |
|---|---|---|
| IAM role | cluster, add-on, Pod Identity association, flow log | AWS provider [1] |
| IAM role of the nodes | node group | nothing [2]: the role does not depend on the cluster |
| IAM principal, access entry | access entry, access policy | AWS provider [3] |
| access policy | Kubernetes API | nothing: node groups are created in between [4] |
| Pod Identity association | admission of pods | an admission policy refuses the pods [5] |
| IAM policies of pods | AWS calls of pods | AWS SDKs and restarts of the controllers |
| KMS key and its policy | cluster, log groups, topics | AWS provider: five equal reads [6] |
| policy of a bucket | access logs of the load balancer | nothing [7]: a slow rule is in between |
| certificate | listener | AWS provider: until ACM has issued it, and by retries [8] |
| web ACL | its association | AWS provider [9] |
| pull-through rule, repository | first pull of an image | the kubelet, which repeats the pull |

The provider's files are below
https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
1. eks/cluster.go, eks/addon.go, eks/pod_identity_association.go, ec2/vpc_flow_log.go
2. eks/node_group.go
3. eks/access_entry.go, eks/access_policy_association.go
4. https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html
5. https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html
   https://github.com/aws/eks-pod-identity-agent/issues/52
   https://github.com/aws/containers-roadmap/issues/2507
6. kms/key.go: waitKeyPolicyPropagated, waitKeyRotationEnabledPropagated
7. elbv2/load_balancer.go; https://github.com/hashicorp/terraform-provider-aws/issues/12010
   s3/bucket_lifecycle_configuration.go: waitLifecycleConfigEquals takes about a minute
8. acm/certificate_validation.go, elbv2/listener.go
9. wafv2/web_acl_association.go
"""

from collections.abc import Iterator
from typing import cast

from tools.rehearsal.fake_cloud.cloud import NODE_GROUP, Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values, namespace_of, strings_in

_ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
_ADD_ON = "aws:eks/addon:Addon"
_ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_WITH_PODS = (
    "kubernetes:apps/v1:Deployment",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
    _RELEASE,
)
_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_ADMISSION = "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"


def _access_is_effective(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The Kubernetes API refuses an administrator whose access policy is some seconds old."""
    if not type_.startswith("kubernetes:"):
        return
    admins = [
        each
        for each in cloud.of_type(_ACCESS)
        if each.inputs["policyArn"].endswith("ClusterAdminPolicy")
    ]
    if admins and all(each.created == cloud.minute for each in admins):
        raise RefusedError("Unauthorized", "the access policy of the deployer is not effective yet")


def _pods_get_credentials(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Pods that are created before their Pod Identity association works never get credentials.

    An admission policy has to refuse them until then: pods of add-ons by their service account, all
    others by the annotation with their association.
    """
    if verb == "delete" or type_ not in (_ADD_ON, *_WITH_PODS):
        return
    policies = "".join(_enforced_policies(cloud))
    if type_ == _ADD_ON and cloud.of_type(NODE_GROUP):
        for each in cast("list[Values]", inputs.get("podIdentityAssociations") or []):
            if f"/{each['serviceAccount']}'" not in policies:
                raise _no_credentials(inputs["addonName"])
    for each in cloud.of_type(_ASSOCIATION) if type_ in _WITH_PODS else ():
        if each.inputs["namespace"] != namespace_of(inputs):
            continue
        annotation = _key_of(inputs, each.id)
        if annotation is None or f"'{annotation}' in object.metadata.annotations" not in policies:
            raise _no_credentials(each.inputs["serviceAccount"])


def _bucket_policy_is_effective(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A load balancer refuses access logs in a bucket whose policy is some seconds old."""
    if type_ != _LOAD_BALANCER or verb == "delete":
        return
    logs: Values = inputs.get("accessLogs") or {}
    bucket = logs.get("bucket")
    for policy in cloud.of_type(_BUCKET_POLICY):
        if policy.inputs["bucket"] == bucket and policy.created == cloud.minute:
            raise RefusedError("InvalidConfigurationRequest", f"Access Denied for bucket: {bucket}")


def _no_credentials(name: str) -> RefusedError:
    return RefusedError(
        "NoCredentials", f"pods of {name} are created before their association works"
    )


def _enforced_policies(cloud: FakeCloud) -> Iterator[str]:
    """Yields the expressions of all admission policies that refuse objects."""
    bindings = [each.inputs["spec"] for each in cloud.of_type(f"{_ADMISSION}Binding")]
    enforced = {each["policyName"] for each in bindings if "Deny" in each["validationActions"]}
    for policy in cloud.of_type(_ADMISSION):
        if policy.inputs["metadata"]["name"] in enforced:
            yield from strings_in(policy.inputs["spec"])


def _key_of(value: object, text: str) -> str | None:
    """Returns the key of a text in nested mappings; None if the text is not a value."""
    if isinstance(value, dict):
        for key, item in cast("Values", value).items():
            found = key if item == text else _key_of(item, text)
            if found is not None:
                return found
    return None


CONSTRAINTS: tuple[Constraint, ...] = (
    _access_is_effective, _pods_get_credentials, _bucket_policy_is_effective,
)  # fmt: skip
