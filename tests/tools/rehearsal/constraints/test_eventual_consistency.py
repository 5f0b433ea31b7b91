"""Resources that exist and are not effective yet."""

from tests.tools.rehearsal.clouds import create_again, delete, find, refused, remove
from tools.recording import Recording
from tools.rehearsal.fake_cloud.cloud import NODE_GROUP, FakeCloud

ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
BUDGET = ("kubernetes:policy/v1:PodDisruptionBudget", "web")
ADMIN = (ACCESS, "cluster-access-123456789012-role/deployer")
GROUPS = tuple((NODE_GROUP, f"nodes-general-us-east-1{zone}") for zone in "abc")

NEW_ACCESS = ("Unauthorized", "the access policy of the deployer is not effective yet")


def test_the_kubernetes_api_refuses_a_new_administrator(cloud: FakeCloud, prod: Recording) -> None:
    remove(cloud, ADMIN, BUDGET)
    create_again(cloud, prod, ADMIN)
    with refused(*NEW_ACCESS):
        create_again(cloud, prod, BUDGET)
    with refused(*NEW_ACCESS):
        delete(cloud, find(cloud, ("kubernetes:core/v1:Service", "web")))


def test_access_takes_effect_while_one_node_group_is_created(
    cloud: FakeCloud, prod: Recording
) -> None:
    remove(cloud, ADMIN, BUDGET, GROUPS[0])
    create_again(cloud, prod, ADMIN)
    create_again(cloud, prod, GROUPS[0])
    create_again(cloud, prod, BUDGET)


def test_one_effective_administrator_is_enough(cloud: FakeCloud, prod: Recording) -> None:
    principal = "arn:aws:iam::111122223333:role/new"
    remove(cloud, BUDGET)
    create_again(cloud, prod, ADMIN, principalArn=principal)
    create_again(cloud, prod, BUDGET)
