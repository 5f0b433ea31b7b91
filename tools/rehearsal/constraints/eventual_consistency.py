"""Eventual consistency: what exists and does not work yet.

AWS answers a call before its effect has reached every server. The table lists each place in a cell
where one resource uses another one that may be that new, and what waits. In the fake cloud, a
resource takes effect during the next creation that takes a minute.

| new | used by | what waits |
|---|---|---|
| IAM role | cluster, add-on, Pod Identity association, flow log | AWS provider [1] |
| IAM role of the nodes | node group | nothing [2]: the role does not depend on the cluster |
| IAM principal, access entry | access entry, access policy | AWS provider [3] |
| access policy | Kubernetes API | nothing: node groups are created in between [4] |
| Pod Identity association | admission of pods | nothing [5] |
| IAM policies of pods | AWS calls of pods | AWS SDKs and restarts of the controllers |
| KMS key and its policy | cluster, log groups, topics | AWS provider: five equal reads [6] |
| policy of a bucket | access logs of the load balancer | nothing [7] |
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
8. acm/certificate_validation.go, elbv2/listener.go
9. wafv2/web_acl_association.go
"""

from tools.rehearsal.fake_cloud.cloud import Constraint, FakeCloud, RefusedError, Values

_ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"


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


CONSTRAINTS: tuple[Constraint, ...] = (_access_is_effective,)
