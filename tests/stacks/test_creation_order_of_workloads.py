"""Order in which apps, headroom and DNS records are created; destruction reverses the order."""

import re

from settings.availability import headroom_of
from settings.singleton.singletons import Singleton
from tests.stacks.resources import ADD_ON, GROUP, RELEASE
from tests.stacks.resources_of_apps import (
    ASSOCIATION,
    AUTHENTICATION,
    BINDING,
    DEPLOYMENT,
    SCALED,
    autoscaled,
    autoscaler_of,
    bindings_of,
    exposed,
    namespace_of,
    of_app,
    release_of,
)
from tools.recording import Recording


def test_a_binding_comes_after_its_controller_service_security_groups_and_listener(
    recording: Recording,
) -> None:
    controller = release_of(recording, "aws-load-balancer-controller")
    rules = recording.of_type(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    )
    balancers = recording.settings.load_balancers.values()
    assert len(recording.of_type(BINDING)) == sum(len(each.exposed) for each in balancers) > 0
    for binding in recording.of_type(BINDING):
        before = recording.before(binding)
        assert controller.urn in before, (
            "the webhook would not respond, and the finalizer would never be removed"
        )
        services = recording.of_type("kubernetes:core/v1:Service")
        assert [e for e in services if e.name == namespace_of(binding) and e.urn in before]
        balancer = "ilb" if binding.name.endswith(".internal") else "lb"
        to_pods = {e.urn for e in rules if "pods" in e.name and e.name.startswith(f"{balancer}-")}
        assert to_pods
        assert to_pods <= before, "targets would never become healthy"
        listeners = recording.of_type(
            "aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"
        )
        group = binding.inputs["spec"]["targetGroupARN"]
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
        bindings = {each.urn for each in bindings_of(recording, name)}
        assert bool(bindings) is (name in exposed(recording))
        assert bindings <= before, "pods would have no readiness gate"
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
    balancers = recording.settings.load_balancers.values()
    assert len(records) == sum(
        (1 + each.settings.dualstack) * len(each.recorded_hosts) for each in balancers
    )
    serving = {of_app(recording, DEPLOYMENT, name).urn for name in recording.settings.deployments}
    serving |= {autoscaler_of(recording, name).urn for name in autoscaled(recording)}
    traffic = recording.settings.traffic
    drained = traffic is not None and traffic.drained
    for record in records:
        before = recording.before(record)
        assert serving <= before or drained, "clients would be sent to an empty cell"
        checks = recording.of_type("aws:route53/healthCheck:HealthCheck")
        checked_paths = {
            each.inputs["resourcePath"] for each in checks if each.inputs["type"] == "HTTPS"
        }
        public = recording.settings.load_balancer("public")
        assert checked_paths == {*public.health_paths.values()}
        name = "internal-traffic" if record.name.startswith("internal-traffic") else "traffic"
        for check in [each for each in checks if re.match(rf"{name}(-|$)", each.name)]:
            assert (drained and check.name == f"{name}-all") or check.urn in before


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
    assert len(workloads) >= 5, "an app, two charts and two add-ons at the least"
    for each in workloads:
        assert policy.urn in recording.before(each), (
            f"the first pods of {each.name} may never get AWS credentials"
        )
