"""Providers, transform, names and stack outputs of every stack."""

from tests.stacks.resources import by_id
from tools.recording import Recording


def test_every_resource_names_an_explicit_provider(recording: Recording) -> None:
    for resource in recording.resources:
        if resource.custom and not resource.type.startswith("pulumi:providers:"):
            assert resource.provider, (
                f"{resource.urn} would be created in the account of the environment"
            )


def test_the_transform_sets_the_inputs_of_the_cluster_of_pulumi_eks(recording: Recording) -> None:
    [cluster] = recording.of_type("aws:eks/cluster:Cluster")
    assert cluster.transforms == ("control_plane_settings",)
    assert cluster.inputs["zonalShiftConfig"] == {"enabled": recording.settings.cluster.zonal_shift}
    access = cluster.inputs["accessConfig"]
    assert access == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert cluster.inputs["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster.inputs["bootstrapSelfManagedAddons"] is False
    assert cluster.inputs["vpcConfig"]["endpointPrivateAccess"] is True


def test_names_are_short_enough_for_the_suffix_of_pulumi(recording: Recording) -> None:
    auto_named = recording.of_type(
        "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"
    )
    assert auto_named
    for each in auto_named:
        assert len(each.name) <= 24, "AWS allows 32 characters"
        assert "name" not in each.inputs, "a replacement would be an outage"


def test_the_stack_outputs_name_kubeconfig_load_balancer_urls_alarms_and_dashboard(
    recording: Recording,
) -> None:
    balancers = recording.settings.load_balancers
    keys = {
        "public": ("loadBalancer", "urls"),
        "internal": ("internalLoadBalancer", "internalUrls"),
    }
    assert set(recording.outputs) == {
        *("kubeconfig", "alarms", "dashboard"),
        *(key for kind in balancers for key in keys[kind]),
        *("cluster", "securityGroup", "vpc", "privateSubnets"),
        *(("backups",) if recording.settings.resilience.backup else ()),
    }
    assert recording.outputs["cluster"] == recording.stack
    existing = recording.settings.network.existing
    vpcs = {existing.vpc_id} if existing else {*by_id(recording, "aws:ec2/vpc:Vpc")}
    assert recording.outputs["vpc"] in vpcs
    subnets = recording.outputs["privateSubnets"]
    assert isinstance(subnets, dict)
    assert {*subnets} == {*recording.settings.network.zones}
    assert str(recording.outputs["dashboard"]).endswith(
        f"#dashboards/dashboard/eks-{recording.stack}"
    )
    for kind, balancer in balancers.items():
        dns_name, urls = (recording.outputs[key] for key in keys[kind])
        scheme = "https" if balancer.https else "http"
        assert str(dns_name).removeprefix("internal-").startswith(f"{balancer.resource_name}-")
        assert urls == {
            name: f"{scheme}://{route.host or balancer.domain or dns_name}{route.path}"
            for name, expose in balancer.exposed.items()
            for route in expose.all_routes[:1]
        }
