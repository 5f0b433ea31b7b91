"""The recorder on small programs: every problem that it reports, URNs, and manifests."""

import dataclasses
from pathlib import Path

import pytest
import yaml

from tools.recording import RecordingError, manifests, record
from tools.recording.recording import in_creation_order

AWS = 'import pulumi, pulumi_aws as aws\nprovider = aws.Provider("aws", region="us-east-1")\n'
OPTS = "opts=pulumi.ResourceOptions(provider=provider)"


def problems_of(tmp_path: Path, source: str) -> tuple[str, ...]:
    program = tmp_path / "program.py"
    program.write_text(AWS + source, encoding="utf-8")
    with pytest.raises(RecordingError) as caught:
        record("dev", program=program)
    return caught.value.problems


def test_a_duplicate_name_is_a_problem(tmp_path: Path) -> None:
    source = f'[aws.ec2.Vpc("a", cidr_block="10.0.0.0/16", {OPTS}) for _ in range(2)]'
    [problem] = problems_of(tmp_path, source)
    assert problem == (
        "urn:pulumi:dev::ha-eks::aws:ec2/vpc:Vpc::a: registered twice; rename one of the two "
        "resources"
    )


def test_children_of_two_components_must_differ_in_type_or_name(tmp_path: Path) -> None:
    source = (
        "class Part(pulumi.ComponentResource):\n"
        "    def __init__(self, name):\n"
        '        super().__init__("ha-eks:index:Part", name)\n'
        '        aws.ec2.Vpc("a", cidr_block="10.0.0.0/16",\n'
        "            opts=pulumi.ResourceOptions(parent=self, provider=provider))\n"
        'Part("one"); Part("two")'
    )
    [problem] = problems_of(tmp_path, source)
    assert problem == (
        "urn:pulumi:dev::ha-eks::ha-eks:index:Part$aws:ec2/vpc:Vpc::a: registered twice; rename "
        "one of the two resources"
    )


def test_an_output_without_a_made_up_value_is_a_problem(tmp_path: Path) -> None:
    source = (
        f'a = aws.ec2.Vpc("a", cidr_block="10.0.0.0/16", {OPTS})\n'
        f'aws.ec2.Subnet("b", vpc_id=a.dhcp_options_id, {OPTS})'
    )
    [problem] = problems_of(tmp_path, source)
    assert problem == (
        "urn:pulumi:dev::ha-eks::aws:ec2/subnet:Subnet::b: input vpcId comes from an output that "
        "has no made-up value; add one in tools/recording/made_up_outputs"
    )


def test_an_invoke_without_a_made_up_result_is_a_problem(tmp_path: Path) -> None:
    source = "aws.get_region_output(opts=pulumi.InvokeOptions(provider=provider))"
    [problem] = problems_of(tmp_path, source)
    assert problem == (
        "aws:index/getRegion:getRegion: no made-up output for this invoke; "
        "add one in tools/recording/made_up_outputs"
    )


def test_a_missing_provider_is_a_problem(tmp_path: Path) -> None:
    [problem] = problems_of(tmp_path, 'aws.ec2.Vpc("a", cidr_block="10.0.0.0/16")')
    assert problem == (
        "urn:pulumi:dev::ha-eks::aws:ec2/vpc:Vpc::a: no explicit provider, and the default "
        "provider of aws is disabled; set `parent` or `provider` in its options"
    )


def test_an_unknown_remote_component_is_a_problem(tmp_path: Path) -> None:
    source = (
        "class Remote(pulumi.ComponentResource):\n"
        "    def __init__(self, name):\n"
        '        super().__init__("awsx:ec2:Vpc", name, {}, remote=True)\n'
        'Remote("a")'
    )
    [problem] = problems_of(tmp_path, source)
    assert problem == (
        "urn:pulumi:dev::ha-eks::awsx:ec2:Vpc::a: the recorder does not know the children of this "
        "remote component; describe them in tools/recording, as eks_cluster.py does"
    )


def test_a_dependency_cycle_is_a_problem() -> None:
    template = record("dev").resources[0]
    first, second = (
        dataclasses.replace(template, urn=urn, parent=None, provider=None, dependencies=(other,))
        for urn, other in (("a", "b"), ("b", "a"))
    )
    with pytest.raises(RecordingError) as caught:
        in_creation_order([first, second])
    assert caught.value.problems == (
        "a: is part of a dependency cycle",
        "b: is part of a dependency cycle",
    )


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    source = (
        'aws.ec2.Vpc("a", cidr_block="10.0.0.0/16");'
        'aws.kms.Key("a");'
        'aws.iam.Role("a", assume_role_policy="{}")'
    )
    assert len(problems_of(tmp_path, source)) == 3


def test_a_recording_does_not_depend_on_earlier_recordings() -> None:
    first, other, second = record("prod"), record("prod-standby"), record("prod")
    assert first == second
    assert not {each.urn for each in first.resources} & {each.urn for each in other.resources}


def test_a_recording_ignores_environment_variables_of_the_sdks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = record("dev")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
    assert record("dev") == expected


def test_kubectl_accepts_the_manifests_in_apply_order(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import pulumi, pulumi_kubernetes as k8s\n"
        'provider = k8s.Provider("k8s", kubeconfig="{}")\n'
        "opts = pulumi.ResourceOptions(provider=provider)\n"
        'namespace = k8s.core.v1.Namespace("a-namespace", metadata={"name": "web"}, opts=opts)\n'
        'k8s.core.v1.Service("a-service",\n'
        '    metadata={"name": "web", "namespace": namespace.metadata.name},\n'
        '    spec={"ports": [{"port": 80, "target_port": 9898}]}, opts=opts)\n',
        encoding="utf-8",
    )
    files = manifests(record("dev", program=program))
    assert sorted(files) == ["000-namespace-web.yaml", "001-service-web.yaml"]
    service = yaml.safe_load(files["001-service-web.yaml"])
    assert (service["apiVersion"], service["kind"]) == ("v1", "Service")
    assert service["metadata"] == {"name": "web", "namespace": "web"}
    assert service["spec"] == {"ports": [{"port": 80, "targetPort": 9898}]}
    assert "9898.0" not in files["001-service-web.yaml"], "a port is an integer"


def test_a_recording_names_the_inputs_that_are_secret(tmp_path: Path) -> None:
    program = tmp_path / "__main__.py"
    program.write_text(
        "import pulumi, pulumi_kubernetes as k\n"
        'provider = k.Provider("cluster", kubeconfig="{}")\n'
        "k.core.v1.ConfigMap(\n"
        '    "map", data={"token": pulumi.Output.secret("letmein"), "open": "yes"},\n'
        "    opts=pulumi.ResourceOptions(provider=provider),\n"
        ")\n",
        encoding="utf-8",
    )
    recording = record("dev", program=program)
    [config_map] = recording.of_type("kubernetes:core/v1:ConfigMap")
    assert config_map.secrets == ("data.token",)
    assert config_map.inputs["data"] == {"open": "yes", "token": "letmein"}


def test_urns_are_the_same_as_in_the_engine() -> None:
    urns = {resource.urn for resource in record("dev").resources}
    prefix = "urn:pulumi:dev::ha-eks::"
    nested = "ha-eks:index:Cluster$eks:index:Cluster$aws:eks/cluster:Cluster"
    assert f"{prefix}pulumi:pulumi:Stack::ha-eks-dev" in urns
    assert f"{prefix}pulumi:providers:aws::aws" in urns
    assert f"{prefix}ha-eks:index:Network$aws:ec2/vpc:Vpc::network-vpc" in urns
    assert f"{prefix}{nested}::cluster-eksCluster" in urns
