"""The order of creation that the design lays down; destruction is its reverse."""

import itertools

import pytest

from core.facts.versions.add_ons import ADD_ON_NAMES
from settings.availability import headroom_of
from tools.recording import Recording, Resource

RELEASE = "kubernetes:helm.sh/v3:Release"
GROUP = "aws:eks/nodeGroup:NodeGroup"
ADD_ON = "aws:eks/addon:Addon"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ASKS_AWS = {"cluster-autoscaler", "aws-load-balancer-controller", "keda"}
"""Charts whose pods call AWS."""
SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SCALED = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTHENTICATION = "kubernetes:keda.sh/v1alpha1:TriggerAuthentication"


def releases(recording: Recording, chart: str) -> Resource:
    [found] = [each for each in recording.of_type(RELEASE) if each.inputs["chart"] == chart]
    return found


def space_of(resource: Resource) -> str:
    return resource.inputs["metadata"]["namespace"]


def of_app(recording: Recording, type_: str, app: str) -> Resource:
    [found] = [each for each in recording.of_type(type_) if space_of(each) == app]
    return found


def scaler_of(recording: Recording, app: str) -> Resource:
    """The app's autoscaler, of the kind that it has to be."""
    queries = recording.settings.apps[app].scaling.prometheus
    return of_app(recording, SCALED if queries else SCALER, app)


def scaled(recording: Recording) -> list[str]:
    """Apps whose number of pods is an autoscaler's."""
    return [name for name, app in recording.settings.apps.items() if not app.volume]


def exposed(recording: Recording) -> list[str]:
    return [name for name, app in recording.settings.apps.items() if app.expose]


@pytest.mark.parametrize(
    "add_on", ["coredns", "eks-node-monitoring-agent", "metrics-server", "aws-ebs-csi-driver",
               "amazon-cloudwatch-observability"],
)  # fmt: skip
def test_add_ons_with_pods_come_after_every_node_group(recording: Recording, add_on: str) -> None:
    [found] = [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == add_on]
    assert {group.urn for group in recording.of_type(GROUP)} <= recording.before(found)


def test_every_add_on_that_is_known_is_there(recording: Recording) -> None:
    names = sorted(each.inputs["addonName"] for each in recording.of_type(ADD_ON))
    assert names == sorted(ADD_ON_NAMES), "it could be neither pinned nor configured"


def test_the_class_of_volumes_comes_after_its_driver(recording: Recording) -> None:
    [driver] = [
        e for e in recording.of_type(ADD_ON) if e.inputs["addonName"] == "aws-ebs-csi-driver"
    ]
    [kind] = recording.of_type("kubernetes:storage.k8s.io/v1:StorageClass")
    assert driver.urn in recording.before(kind), "destroyed before it, its volumes would stay"


def test_a_cell_is_made_in_the_order_of_the_design(recording: Recording) -> None:
    """Some of each phase is there before anything of the next; destruction is the reverse."""
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    early = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
    vpcs = recording.of_type("aws:ec2/vpc:Vpc")
    logs = [each for each in recording.of_type("aws:kms/key:Key") if each.name == "log-key"]
    assert bool(vpcs) is not bool(recording.settings.network.existing)
    phases: list[list[Resource]] = [
        list(vpcs or logs),
        [cluster],
        [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] in early],
        list(recording.of_type(GROUP)),
        [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == "coredns"],
        list(recording.of_type(RELEASE)),
        list(recording.of_type(BINDING)),
        [of_app(recording, DEPLOYMENT, name) for name in exposed(recording)],
        [
            each
            for each in recording.of_type("aws:route53/record:Record")
            if "aliases" in each.inputs
        ],
    ]
    assert all(phases[:-1])
    for earlier, later in itertools.pairwise(phases):
        for each in later:
            if each.type == BINDING:  # of two controllers, it needs its own
                earlier = [releases(recording, "aws-load-balancer-controller")]
            elif each.type == DEPLOYMENT:
                earlier = [of_app(recording, BINDING, space_of(each))]
            missing = {first.urn for first in earlier} - recording.before(each)
            assert not missing, f"{each.name} could come before {missing}"


def test_controllers_come_after_nodes_dns_and_all_that_they_may(recording: Recording) -> None:
    groups = {group.urn for group in recording.of_type(GROUP)}
    [dns] = [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == "coredns"]
    charts = {each.inputs["chart"] for each in recording.of_type(RELEASE)}
    assert charts >= ASKS_AWS - {"keda"}
    assert ("keda" in charts) is recording.settings.scales_on_prometheus
    for release in recording.of_type(RELEASE):
        before = recording.before(release)
        assert groups | {dns.urn} <= before
        rights = {ASSOCIATION, "aws:iam/rolePolicy:RolePolicy"}
        kinds = {recording.get(urn).type for urn in release.dependencies}
        assert kinds & rights == (rights if release.inputs["chart"] in ASKS_AWS else set())


def test_an_association_is_for_the_release_s_own_namespace_and_account(
    recording: Recording,
) -> None:
    for release in recording.of_type(RELEASE):
        if release.inputs["chart"] not in ASKS_AWS:
            continue
        [association] = [
            recording.get(urn).inputs
            for urn in release.dependencies
            if recording.get(urn).type == ASSOCIATION
        ]
        values = release.inputs["values"]
        account = values.get("serviceAccount") or values["rbac"]["serviceAccount"]
        account = account.get("operator", account)  # of KEDA's three
        assert association["namespace"] == release.inputs["namespace"]
        assert association["serviceAccount"] == account["name"]
        assert account["create"] is True


def test_a_binding_comes_after_its_controller_its_service_and_its_way_in(
    recording: Recording,
) -> None:
    controller = releases(recording, "aws-load-balancer-controller")
    rules = recording.of_type(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    )
    to_pods = {each.urn for each in rules if "pods" in each.name}
    assert to_pods
    assert len(recording.of_type(BINDING)) == len(exposed(recording)) > 0
    for name in exposed(recording):
        before = recording.before(of_app(recording, BINDING, name))
        assert controller.urn in before, "its webhook would not answer, its finalizer never end"
        assert of_app(recording, "kubernetes:core/v1:Service", name).urn in before
        assert to_pods <= before, "its targets would never become healthy"
        ways = recording.of_type("aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule")
        group = of_app(recording, BINDING, name).inputs["spec"]["targetGroupARN"]
        assert [each for each in ways if each.urn in before and group in str(each.inputs)], (
            "targets of a group that no listener uses are never checked"
        )


def test_pods_come_after_all_that_they_need_from_their_first_moment(recording: Recording) -> None:
    priority = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
    for name in recording.settings.apps:
        deployment = of_app(recording, DEPLOYMENT, name)
        before = recording.before(deployment)
        for type_ in ("core/v1:Service", "core/v1:ServiceAccount", "policy/v1:PodDisruptionBudget"):
            assert of_app(recording, f"kubernetes:{type_}", name).urn in before
        if name in exposed(recording):
            assert of_app(recording, BINDING, name).urn in before, (
                "they would have no readiness gate"
            )
        classes = {urn for urn in before if recording.get(urn).type == priority}
        assert classes
        assert releases(recording, "cluster-autoscaler").urn in before, (
            "no node would come for them"
        )
        if name in scaled(recording):
            assert deployment.urn in scaler_of(recording, name).dependencies


def test_pods_come_after_their_walls_their_rights_their_files_and_their_volume(
    recording: Recording,
) -> None:
    [cni] = [each for each in recording.of_type(ADD_ON) if each.inputs["addonName"] == "vpc-cni"]
    [kind] = recording.of_type("kubernetes:storage.k8s.io/v1:StorageClass")
    for name, app in recording.settings.apps.items():
        deployment = of_app(recording, DEPLOYMENT, name)
        before = recording.before(deployment)
        walls = of_app(recording, "kubernetes:networking.k8s.io/v1:NetworkPolicy", name)
        assert walls.urn in before, "they would reach everything, and be reached, at first"
        assert cni.urn in recording.before(walls), "its agent would crash on what is left of it"
        rights = [e for e in recording.of_type(ASSOCIATION) if e.inputs["namespace"] == name]
        attached = recording.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        rights += [each for each in attached if each.name.startswith(f"{name}:")]
        assert len(rights) == len(app.policies) + bool(app.policies)
        assert {each.urn for each in rights} <= before, "they would run without credentials"
        if app.files:
            assert of_app(recording, "kubernetes:core/v1:ConfigMap", name).urn in before
        if app.volume:
            claim = of_app(recording, "kubernetes:core/v1:PersistentVolumeClaim", name)
            assert claim.urn in before
            assert kind.urn in recording.before(claim), (
                "no controller would create or delete the resource"
            )
            assert bool(claim.options.get("protect")) is app.volume.deletion_protection


def test_another_role_makes_other_pods(recording: Recording) -> None:
    """Credentials come with a pod's creation, and none to those that are there."""
    for name, app in recording.settings.apps.items():
        template = of_app(recording, DEPLOYMENT, name).inputs["spec"]["template"]["metadata"]
        given = template.get("annotations", {})
        own = [e for e in recording.of_type(ASSOCIATION) if e.inputs["namespace"] == name]
        assert ("ha-eks/identity" in given) is bool(app.policies)
        assert [each.urn in of_app(recording, DEPLOYMENT, name).dependencies for each in own] == (
            [True] if app.policies else []
        )


def test_an_unexposed_app_waits_for_no_load_balancer(recording: Recording) -> None:
    controller = releases(recording, "aws-load-balancer-controller")
    for name in set(recording.settings.apps) - set(exposed(recording)):
        assert controller.urn not in recording.before(of_app(recording, DEPLOYMENT, name))


def test_headroom_comes_after_the_autoscaler(recording: Recording) -> None:
    kinds = (DEPLOYMENT, "kubernetes:autoscaling.x-k8s.io/v1beta1:CapacityBuffer")
    found = [each for each in recording.of_type(*kinds) if space_of(each) == "headroom"]
    assert bool(found) is any(headroom_of(recording.settings).pods.values())
    for each in found:
        assert releases(recording, "cluster-autoscaler").urn in recording.before(each)


def test_what_follows_queries_comes_after_all_that_answers_and_goes_before_it(
    recording: Recording,
) -> None:
    scraper = recording.of_type("aws:amp/scraper:Scraper")
    workspace = recording.of_type("aws:amp/workspace:Workspace")
    assert len(scraper) == len(workspace) == recording.settings.scales_on_prometheus, (
        "paid for, for nothing"
    )
    following = [n for n, app in recording.settings.apps.items() if app.scaling.prometheus]
    assert bool(following) is recording.settings.scales_on_prometheus
    for name in following:
        authentication = of_app(recording, AUTHENTICATION, name)
        keda = releases(recording, "keda")
        before = recording.before(of_app(recording, SCALED, name))
        assert keda.urn in recording.before(authentication), "its finalizer would never end"
        assert {keda.urn, authentication.urn, scraper[0].urn, workspace[0].urn} <= before
        assert of_app(recording, DEPLOYMENT, name).urn in before, "KEDA's webhook looks for it"
    others = set(recording.settings.apps) - set(following)
    for name in others if following else ():
        assert releases(recording, "keda").urn not in recording.before(
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
        own = {*cluster.inputs["vpcConfig"]["subnetIds"]}
        assert {*eks["subnetIds"]} == own, "AWS: the cluster's"
        assert len(eks["subnetIds"]) >= 2
        groups = {group.urn for group in recording.of_type(GROUP)}
        assert not groups & before, "17 minutes that begin with the cluster"


def test_people_are_sent_to_a_cell_last(recording: Recording) -> None:
    records = [e for e in recording.of_type("aws:route53/record:Record") if "aliases" in e.inputs]
    assert len(records) == (1 if recording.settings.traffic else 0)
    serving = {of_app(recording, DEPLOYMENT, name).urn for name in recording.settings.apps}
    serving |= {scaler_of(recording, name).urn for name in scaled(recording)}
    for record in records:
        before = recording.before(record)
        assert serving <= before, "people would be sent to an empty cell"
        checks = recording.of_type("aws:route53/healthCheck:HealthCheck")
        asked = {each.inputs["resourcePath"] for each in checks if each.inputs["type"] == "HTTPS"}
        assert asked == {*recording.settings.health_paths.values()}
        for check in checks:
            drained = check.name == "traffic-all" and recording.settings.traffic.drained
            assert drained or check.urn in before


def test_the_log_groups_of_the_agents_are_there_before_the_agents(recording: Recording) -> None:
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
        assert group.inputs["retentionInDays"], "kept, and paid for, for ever"
