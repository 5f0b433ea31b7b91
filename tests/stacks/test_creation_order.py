"""Order in which the resources of each stack are created; destruction reverses the order."""

import itertools

import pytest

from core.facts.versions.add_ons import ADD_ON_NAMES, OPTIONAL_ADD_ONS
from settings.availability import headroom_of
from settings.singleton.singletons import Singleton
from tests.stacks.resources import kubernetes_provider_of
from tools.recording import Recording, Resource

RELEASE = "kubernetes:helm.sh/v3:Release"
GROUP = "aws:eks/nodeGroup:NodeGroup"
ADD_ON = "aws:eks/addon:Addon"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
CALLS_AWS = {"cluster-autoscaler", "aws-load-balancer-controller", "keda"}
"""Charts whose pods call AWS."""
SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SCALED = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTHENTICATION = "kubernetes:keda.sh/v1alpha1:TriggerAuthentication"


def release_of(recording: Recording, chart: str) -> Resource:
    [found] = [each for each in recording.of_type(RELEASE) if each.inputs["chart"] == chart]
    return found


def namespace_of(resource: Resource) -> str:
    return resource.inputs["metadata"]["namespace"]


def of_app(recording: Recording, type_: str, app: str) -> Resource:
    [found] = [each for each in recording.of_type(type_) if namespace_of(each) == app]
    return found


def autoscaler_of(recording: Recording, app: str) -> Resource:
    """Returns the autoscaler of an app: a ScaledObject if KEDA scales the app."""
    by_keda = recording.settings.replicated[app].scaling.by_keda
    return of_app(recording, SCALED if by_keda else SCALER, app)


def autoscaled(recording: Recording) -> list[str]:
    """Returns the apps that have an autoscaler."""
    return [*recording.settings.replicated]


def exposed(recording: Recording) -> list[str]:
    return [*recording.settings.exposed]


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
                earlier = [of_app(recording, BINDING, namespace_of(each))]
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


def test_a_binding_comes_after_its_controller_service_security_groups_and_listener(
    recording: Recording,
) -> None:
    controller = release_of(recording, "aws-load-balancer-controller")
    rules = recording.of_type(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    )
    to_pods = {each.urn for each in rules if "pods" in each.name}
    assert to_pods
    assert len(recording.of_type(BINDING)) == len(exposed(recording)) > 0
    for name in exposed(recording):
        before = recording.before(of_app(recording, BINDING, name))
        assert controller.urn in before, (
            "the webhook would not respond, and the finalizer would never be removed"
        )
        services = recording.of_type("kubernetes:core/v1:Service")
        assert [e for e in services if e.name == name and e.urn in before]
        assert to_pods <= before, "targets would never become healthy"
        listeners = recording.of_type(
            "aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"
        )
        group = of_app(recording, BINDING, name).inputs["spec"]["targetGroupARN"]
        assert [each for each in listeners if each.urn in before and group in str(each.inputs)], (
            "targets of a group that no listener uses are never checked"
        )


def test_pods_come_after_service_account_budget_binding_and_priority_class(
    recording: Recording,
) -> None:
    priority = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
    for name in recording.settings.deployments:
        deployment = of_app(recording, DEPLOYMENT, name)
        before = recording.before(deployment)
        types = ["core/v1:ServiceAccount", "policy/v1:PodDisruptionBudget"]
        services = [
            each
            for each in recording.of_type("kubernetes:core/v1:Service")
            if namespace_of(each) == name
        ]
        assert services or name not in recording.settings.served
        assert {each.urn for each in services} <= before
        for type_ in types:
            assert of_app(recording, f"kubernetes:{type_}", name).urn in before
        if name in exposed(recording):
            assert of_app(recording, BINDING, name).urn in before, (
                "pods would have no readiness gate"
            )
        classes = {urn for urn in before if recording.get(urn).type == priority}
        assert classes
        assert release_of(recording, "cluster-autoscaler").urn in before, (
            "no node would be added for pending pods"
        )
        if name in autoscaled(recording):
            needs_deployment = autoscaler_of(recording, name).type == SCALED  # for KEDA's webhook
            autoscaler = autoscaler_of(recording, name)
            assert (deployment.urn in autoscaler.dependencies) is needs_deployment


def test_pods_come_after_network_policy_permissions_files_and_volume(
    recording: Recording,
) -> None:
    [cni] = [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == "vpc-cni"]
    [storage_class] = recording.of_type("kubernetes:storage.k8s.io/v1:StorageClass")
    for name, app in recording.settings.deployments.items():
        deployment = of_app(recording, DEPLOYMENT, name)
        before = recording.before(deployment)
        network_policy = of_app(recording, "kubernetes:networking.k8s.io/v1:NetworkPolicy", name)
        assert network_policy.urn in before, "new pods would have unrestricted network access"
        assert cni.urn in recording.before(network_policy), (
            "destroy would remove the policy agent first, which crashes on the remaining policy"
        )
        permissions = [e for e in recording.of_type(ASSOCIATION) if e.inputs["namespace"] == name]
        attachments = recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        permissions += [each for each in attachments if each.name.startswith(f"{name}:")]
        inline = recording.of_type("aws:iam/rolePolicy:RolePolicy")
        permissions += [each for each in inline if each.name == f"{name}:secrets"]
        has_role = bool(app.policies or app.aws_secrets)
        expected = len(app.policies) + bool(app.aws_secrets) + has_role
        assert len(permissions) == expected
        assert {each.urn for each in permissions} <= before, "pods would run without credentials"
        if app.files:
            assert of_app(recording, "kubernetes:core/v1:ConfigMap", name).urn in before
        if isinstance(app, Singleton) and app.volume:
            [claim] = [
                each
                for each in recording.of_type("kubernetes:core/v1:PersistentVolumeClaim")
                if each.name == name
            ]
            assert claim.urn in before
            assert storage_class.urn in recording.before(claim), (
                "no controller would create or delete the resource"
            )
            assert bool(claim.options.get("protect")) is app.volume.deletion_protection


def test_a_changed_role_rolls_out_the_pods(recording: Recording) -> None:
    """Pods receive credentials when they are created; running pods would have none."""
    for name, app in recording.settings.deployments.items():
        template = of_app(recording, DEPLOYMENT, name).inputs["spec"]["template"]["metadata"]
        annotations = template.get("annotations", {})
        associations = [e for e in recording.of_type(ASSOCIATION) if e.inputs["namespace"] == name]
        has_role = bool(app.policies or app.aws_secrets)
        assert ("ha-eks/identity" in annotations) is has_role
        dependencies = of_app(recording, DEPLOYMENT, name).dependencies
        assert [each.urn in dependencies for each in associations] == ([True] if has_role else [])


def test_an_unexposed_app_does_not_depend_on_the_load_balancer_controller(
    recording: Recording,
) -> None:
    controller = release_of(recording, "aws-load-balancer-controller")
    for name, app in recording.settings.deployments.items():
        if {name, app.migrated_by} & {*exposed(recording)}:
            continue
        assert controller.urn not in recording.before(of_app(recording, DEPLOYMENT, name))


def test_headroom_comes_after_the_cluster_autoscaler(recording: Recording) -> None:
    kinds = (DEPLOYMENT, "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer")
    found = [each for each in recording.of_type(*kinds) if namespace_of(each) == "headroom"]
    assert bool(found) is any(headroom_of(recording.settings).pods.values())
    for each in found:
        assert release_of(recording, "cluster-autoscaler").urn in recording.before(each)


def test_scaled_objects_come_after_keda_scraper_and_workspace(
    recording: Recording,
) -> None:
    scraper = recording.of_type("aws:amp/scraper:Scraper")
    workspace = recording.of_type("aws:amp/workspace:Workspace")
    assert len(scraper) == len(workspace) == recording.settings.scales_on_prometheus, (
        "the cell would pay for a Prometheus server without queries"
    )
    by_keda = {n: app for n, app in recording.settings.replicated.items() if app.scaling.by_keda}
    assert bool(by_keda) is recording.settings.uses_keda
    for name, app in by_keda.items():
        authentication = of_app(recording, AUTHENTICATION, name)
        keda = release_of(recording, "keda")
        before = recording.before(of_app(recording, SCALED, name))
        assert keda.urn in recording.before(authentication), (
            "destroy would remove KEDA first, and the finalizer would never be removed"
        )
        assert {keda.urn, authentication.urn} <= before
        server = {each.urn for each in (*scraper, *workspace)}
        if app.scaling.prometheus:
            assert server <= before
        else:
            assert not {each.urn for each in scraper} & before, (
                "a worker with a queue would wait 17 minutes for a scraper that it does not need"
            )
        assert of_app(recording, DEPLOYMENT, name).urn in before, (
            "the webhook of KEDA would refuse it"
        )
    others = set(recording.settings.replicated) - {*by_keda}
    for name in others if by_keda else ():
        assert release_of(recording, "keda").urn not in recording.before(
            of_app(recording, DEPLOYMENT, name)
        )


def test_the_scraper_comes_after_cluster_access_and_its_network(
    recording: Recording,
) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    for scraper in recording.of_type("aws:amp/scraper:Scraper"):
        before = recording.before(scraper)
        assert cluster.urn in before
        admin = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
        assert [urn for urn in before if recording.get(urn).type == admin]
        eks = scraper.inputs["source"]["eks"]
        cluster_subnets = {*cluster.inputs["vpcConfig"]["subnetIds"]}
        assert {*eks["subnetIds"]} == cluster_subnets, "AWS would refuse the scraper"
        assert len(eks["subnetIds"]) >= 2
        groups = {group.urn for group in recording.of_type(GROUP)}
        assert not groups & before, (
            "the scraper would be created after the nodes, and an up would take 17 minutes longer"
        )


def test_dns_sends_clients_to_a_cell_after_all_apps_serve(recording: Recording) -> None:
    records = [e for e in recording.of_type("aws:route53/record:Record") if "aliases" in e.inputs]
    traffic = recording.settings.traffic
    families = 1 + recording.settings.load_balancing.dualstack
    assert len(records) == (families * (1 + len(recording.settings.hosts)) if traffic else 0)
    serving = {of_app(recording, DEPLOYMENT, name).urn for name in recording.settings.deployments}
    serving |= {autoscaler_of(recording, name).urn for name in autoscaled(recording)}
    for record in records:
        before = recording.before(record)
        assert serving <= before or recording.settings.traffic.drained, (
            "clients would be sent to an empty cell"
        )
        checks = recording.of_type("aws:route53/healthCheck:HealthCheck")
        checked_paths = {
            each.inputs["resourcePath"] for each in checks if each.inputs["type"] == "HTTPS"
        }
        assert checked_paths == {*recording.settings.health_paths.values()}
        for check in checks:
            drained = check.name == "traffic-all" and recording.settings.traffic.drained
            assert drained or check.urn in before


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
    )  # fmt: skip
    for role in recording.of_type("aws:iam/role:Role"):
        policies = {each.urn for each in attachments if role.urn in each.dependencies}
        assert policies, "the role has no permissions"
        using = [each for each in users if role.urn in recording.before(each)]
        assert using
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


def test_pods_with_credentials_come_after_the_policy_that_refuses_them_too_early(
    recording: Recording,
) -> None:
    [policy] = recording.of_type(
        "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding"
    )
    workloads = [
        *recording.of_type(RELEASE, DEPLOYMENT),
        *(
            each
            for each in recording.of_type(ADD_ON)
            if each.inputs.get("podIdentityAssociations") and each.inputs["addonName"] != "vpc-cni"
        ),
    ]
    assert len(workloads) > 5
    for each in workloads:
        assert policy.urn in recording.before(each), (
            f"the first pods of {each.name} may never get AWS credentials"
        )


def test_the_policy_of_the_access_logs_takes_effect_while_the_expiry_rule_is_created(
    recording: Recording,
) -> None:
    [load_balancer] = recording.of_type("aws:lb/loadBalancer:LoadBalancer")
    names = {each.name for each in recording.of_type("aws:s3/bucketPolicy:BucketPolicy")}
    for name in names & {"lb-access-logs"}:
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
