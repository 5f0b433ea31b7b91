"""Order in which a cell is created: network, cluster, nodes, add-ons and controllers.

Destruction reverses the order.
"""

import itertools

import pytest

from core.facts.versions.add_ons import ADD_ON_NAMES, OPTIONAL_ADD_ONS
from tests.stacks.resources import ADD_ON, GROUP, RELEASE, kubernetes_provider_of
from tests.stacks.resources_of_apps import (
    ASSOCIATION,
    BINDING,
    CALLS_AWS,
    DEPLOYMENT,
    bindings_of,
    exposed,
    namespace_of,
    of_app,
    release_of,
)
from tools.recording import Recording, Resource


@pytest.mark.parametrize(
    "add_on", ["coredns", "eks-node-monitoring-agent", "metrics-server", "aws-ebs-csi-driver",
               "amazon-cloudwatch-observability"],
)  # fmt: skip
def test_add_ons_with_pods_come_after_every_node_group(recording: Recording, add_on: str) -> None:
    [found] = [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == add_on]
    assert {group.urn for group in recording.of_type(GROUP)} <= recording.before(found)


def test_a_cell_has_every_known_add_on(recording: Recording) -> None:
    names = sorted(each.inputs["addonName"] for each in recording.of_type(ADD_ON))
    known = {*ADD_ON_NAMES} - {*OPTIONAL_ADD_ONS} | {*recording.settings.optional_add_ons}
    assert names == sorted(known), "stack files could neither pin nor configure the add-on"


def test_the_storage_class_comes_after_its_driver(recording: Recording) -> None:
    [driver] = [
        e for e in recording.of_type(ADD_ON) if e.inputs["addonName"] == "aws-ebs-csi-driver"
    ]
    [storage_class] = recording.of_type("kubernetes:storage.k8s.io/v1:StorageClass")
    assert driver.urn in recording.before(storage_class), (
        "destroy would remove the driver first, and volumes would remain"
    )


def test_the_phases_of_a_cell_are_created_in_order(recording: Recording) -> None:
    """From the VPC to the Route 53 record; a later phase depends on the phase before.

    The record of a drained cell waits for no app.
    """
    traffic = recording.settings.traffic
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    before_nodes = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
    vpcs = recording.of_type("aws:ec2/vpc:Vpc")
    logs = [each for each in recording.of_type("aws:kms/key:Key") if each.name == "log-key"]
    assert bool(vpcs) is not bool(recording.settings.network.existing)
    phases: list[list[Resource]] = [
        list(vpcs or logs),
        [cluster],
        [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] in before_nodes],
        list(recording.of_type(GROUP)),
        [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == "coredns"],
        list(recording.of_type(RELEASE)),
        list(recording.of_type(BINDING)),
        [of_app(recording, DEPLOYMENT, name) for name in exposed(recording)],
        [
            each
            for each in recording.of_type("aws:route53/record:Record")
            if "aliases" in each.inputs and traffic and not traffic.drained
        ],
    ]
    assert all(phases[:-1])
    for earlier, later in itertools.pairwise(phases):
        for each in later:
            if each.type == BINDING:  # not KEDA
                earlier = [release_of(recording, "aws-load-balancer-controller")]
            elif each.type == DEPLOYMENT:
                earlier = bindings_of(recording, namespace_of(each))
            missing = {first.urn for first in earlier} - recording.before(each)
            assert not missing, f"{each.name} could be created before {missing}"


def test_controllers_come_after_nodes_dns_and_their_permissions(recording: Recording) -> None:
    groups = {group.urn for group in recording.of_type(GROUP)}
    [dns] = [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == "coredns"]
    charts = {each.inputs["chart"] for each in recording.of_type(RELEASE)}
    assert charts >= CALLS_AWS - {"keda"}
    assert ("keda" in charts) is recording.settings.uses_keda
    for release in recording.of_type(RELEASE):
        before = recording.before(release)
        assert groups | {dns.urn} <= before
        permissions = {ASSOCIATION, "aws:iam/rolePolicy:RolePolicy"}
        kinds = {recording.get(urn).type for urn in release.dependencies}
        assert kinds & permissions == (
            permissions if release.inputs["chart"] in CALLS_AWS else set()
        ), "the pods of the chart would start without permissions"


def test_an_association_names_the_namespace_and_service_account_of_its_release(
    recording: Recording,
) -> None:
    for release in recording.of_type(RELEASE):
        if release.inputs["chart"] not in CALLS_AWS:
            continue
        [association] = [
            recording.get(urn).inputs
            for urn in release.dependencies
            if recording.get(urn).type == ASSOCIATION
        ]
        values = release.inputs["values"]
        account = values.get("serviceAccount") or values["rbac"]["serviceAccount"]
        account = account.get("operator", account)  # KEDA has three accounts
        assert association["namespace"] == release.inputs["namespace"]
        assert association["serviceAccount"] == account["name"]
        assert account["create"] is True


def test_the_log_groups_of_the_agents_come_before_the_agents(recording: Recording) -> None:
    [agents] = [
        each
        for each in recording.of_type(ADD_ON)
        if each.inputs["addonName"] == "amazon-cloudwatch-observability"
    ]
    names = {
        str(recording.get(urn).inputs["name"])
        for urn in recording.before(agents)
        if recording.get(urn).type == "aws:cloudwatch/logGroup:LogGroup"
    }
    prefix = f"/aws/containerinsights/{recording.stack}"
    kinds = ("application", "dataplane", "host", "performance")
    assert {f"{prefix}/{kind}" for kind in kinds} <= names
    for group in recording.of_type("aws:cloudwatch/logGroup:LogGroup"):
        assert group.inputs["retentionInDays"], "the cell would store and pay for logs forever"


def test_resources_of_the_cluster_come_after_the_cluster(recording: Recording) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    found = [each for each in recording.resources if "clusterName" in each.inputs]
    kinds = {each.type for each in found}
    assert {GROUP, ADD_ON, "aws:eks/accessEntry:AccessEntry"} <= kinds
    for each in found:
        assert cluster.urn in recording.before(each), f"{each.name}: the cluster would not exist"


def test_coredns_and_node_monitoring_come_after_every_node_group(recording: Recording) -> None:
    groups = {group.urn for group in recording.of_type(GROUP)}
    with_pods = [
        each
        for each in recording.of_type(ADD_ON)
        if each.inputs["addonName"] in ("coredns", "eks-node-monitoring-agent")
    ]
    assert len(with_pods) == 2
    for add_on in with_pods:
        assert groups <= recording.before(add_on), "the add-on would wait for nodes"


def test_roles_have_their_policies_before_they_are_used(recording: Recording) -> None:
    attachments = recording.of_type(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/rolePolicy:RolePolicy"
    )
    users = recording.of_type(
        GROUP, "aws:eks/cluster:Cluster", ADD_ON, RELEASE, "aws:ec2/flowLog:FlowLog",
        "kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job", "kubernetes:batch/v1:CronJob",
        "aws:backup/selection:Selection",
        "aws:backup/restoreTestingSelection:RestoreTestingSelection",
        "aws:fis/experimentTemplate:ExperimentTemplate",
    )  # fmt: skip
    for role in recording.of_type("aws:iam/role:Role"):
        policies = {each.urn for each in attachments if role.urn in each.dependencies}
        assert policies, "the role has no permissions"
        using = [each for each in users if role.urn in recording.before(each)]
        assert using or role.name == "resilience-restore"  # of the person who restores
        for user in using:
            assert policies <= recording.before(user), (
                f"{user.name} would start without permissions"
            )


def test_the_log_group_of_the_cluster_comes_before_the_cluster(recording: Recording) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    name = f"/aws/eks/{cluster.inputs['name']}/cluster"
    [logs] = [
        e for e in recording.of_type("aws:cloudwatch/logGroup:LogGroup") if e.inputs["name"] == name
    ]
    assert logs.urn in recording.before(cluster), (
        "EKS would create the log group without retention and key"
    )


def test_access_of_administrators_takes_effect_while_nodes_start(recording: Recording) -> None:
    access = recording.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    admins = {
        each.urn for each in access if each.inputs["policyArn"].endswith("ClusterAdminPolicy")
    }
    assert admins
    for group in recording.of_type(GROUP):
        assert admins <= recording.before(group), "the access would be new when nodes are ready"
    provider = kubernetes_provider_of(recording)
    groups = {each.urn for each in recording.of_type(GROUP)}
    assert admins | groups <= recording.before(provider), (
        "the Kubernetes API would refuse the first request"
    )
    others = {each.urn for each in access} - admins
    assert not others & recording.before(provider), (
        "workloads would depend on access entries of viewers"
    )
    assert provider.inputs["clusterIdentifier"] == recording.stack


def test_the_policy_of_the_access_logs_takes_effect_while_the_expiry_rule_is_created(
    recording: Recording,
) -> None:
    balancers = {each.name: each for each in recording.of_type("aws:lb/loadBalancer:LoadBalancer")}
    names = {each.name for each in recording.of_type("aws:s3/bucketPolicy:BucketPolicy")}
    for name in names & {"lb-access-logs", "ilb-access-logs"}:
        load_balancer = balancers[name.removesuffix("-access-logs")]
        policy, rule = (
            next(each for each in recording.of_type(type_) if each.name == name)
            for type_ in (
                "aws:s3/bucketPolicy:BucketPolicy",
                "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            )
        )
        assert policy.urn in recording.before(rule)
        assert rule.urn in recording.before(load_balancer), (
            "turning on access logs would fail: Access Denied for bucket"
        )


def test_the_role_of_the_nodes_is_created_while_the_cluster_starts(recording: Recording) -> None:
    """The AWS provider does not repeat the creation of a node group whose role is too new."""
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    role = [
        each
        for each in (
            *recording.of_type("aws:iam/role:Role"),
            *recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
        )
        if each.name.startswith("nodes-role")
    ]
    assert len(role) == 4
    for each in role:
        assert cluster.urn not in recording.before(each), "EKS may refuse a role that is too new"


def test_every_resource_is_registered_after_its_dependencies(recording: Recording) -> None:
    seen: set[str] = set()
    known = {each.urn for each in recording.resources}
    for resource in recording.resources:
        assert {urn for urn in resource.prerequisites if urn in known} <= seen, resource.urn
        seen.add(resource.urn)
