"""The example of an extension: an RDS database that one app reaches."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.facts.replacements import is_known
from tests.extensions.recorded_extension import record_with
from tests.stacks import test_deletion_guard, test_providers_names_and_outputs, test_security
from tests.stacks.objects import of_kind
from tools.recording import Recording, RecordingError
from tools.recording.record import ROOT

FILE = ROOT / "examples" / "extensions" / "database.py"
REACH = {"cidr": "10.0.0.0/16", "port": 5432}


def recorded(folder: Path, reaches: Mapping[str, Any], *, protected: bool = True) -> Recording:
    """Records the minimal stack with a worker, and `reaches` of its workloads."""
    file = ROOT / "examples" / "Pulumi.minimal.yaml"
    config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    web = config["ha-eks:apps"]["web"]
    job = {key: web[key] for key in ("image", "requests", "replicas")}
    config["ha-eks:workers"] = {"job": job}
    config["ha-eks:protected"] = protected
    for name, workload in (("web", web), ("job", job)):
        workload["reaches"] = reaches.get(name, [])
    text = yaml.safe_dump({"config": config})
    (folder / "Pulumi.shop.yaml").write_text(text, encoding="utf-8")
    return record_with(FILE.read_text(encoding="utf-8"), folder, "shop", folder)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return recorded(tmp_path_factory.mktemp("database"), {"web": [REACH]})


def inputs_of(recording: Recording, type_: str, name: str = "database") -> Mapping[str, Any]:
    [found] = [each.inputs for each in recording.of_type(type_) if each.name == name]
    return found


def test_the_diff_knows_what_replaces_each_resource_of_the_example(recording: Recording) -> None:
    parts = [each for each in recording.cloud_resources if "ha-eks:index:Extension$" in each.urn]
    assert [each.type for each in parts if not is_known(each.type)] == []
    assert len(parts) > 5


def test_the_database_has_a_standby_and_is_protected(recording: Recording) -> None:
    database = inputs_of(recording, "aws:rds/instance:Instance")
    assert database["multiAz"] is True, "the failure of a zone would be an outage"
    assert database["backupRetentionPeriod"] == 35
    assert database["deletionProtection"] is True
    assert database["skipFinalSnapshot"] is False
    assert database["finalSnapshotIdentifier"] == "shop-database-final"
    subnets = inputs_of(recording, "aws:rds/subnetGroup:SubnetGroup")["subnetIds"]
    private = [each.name for each in recording.of_type("aws:ec2/subnet:Subnet")
               if "-private-" in each.name]  # fmt: skip
    assert len(subnets) == len({*subnets}) == len(private) == 3


def test_the_database_is_encrypted_and_its_password_is_in_secrets_manager(
    recording: Recording,
) -> None:
    database = inputs_of(recording, "aws:rds/instance:Instance")
    key = next(each for each in recording.of_type("aws:kms/key:Key") if each.name == "database")
    assert database["storageEncrypted"] is True
    assert str(database["kmsKeyId"]).startswith("arn:aws:kms:us-east-1:")
    assert str(database["kmsKeyId"]).endswith(str(database["masterUserSecretKmsKeyId"]))
    assert database["manageMasterUserPassword"] is True
    assert "password" not in database, "the state would contain the password"
    assert key.inputs["enableKeyRotation"] is True
    parameters = inputs_of(recording, "aws:rds/parameterGroup:ParameterGroup")["parameters"]
    assert parameters == [{"name": "rds.force_ssl", "value": "1"}]


def test_only_pods_of_the_app_reach_the_database(recording: Recording) -> None:
    database = inputs_of(recording, "aws:rds/instance:Instance")
    assert database["publiclyAccessible"] is False
    [rule] = [
        each
        for each in recording.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if each.inputs["securityGroupId"] in database["vpcSecurityGroupIds"]
    ]
    group = recording.outputs["securityGroup"]
    assert rule.inputs["referencedSecurityGroupId"] == group, "pods have the group of the nodes"
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (5432, 5432)
    able = {
        policy["metadata"]["namespace"]
        for policy in of_kind(recording, "NetworkPolicy")
        for egress in policy["spec"].get("egress", [])
        for port in egress.get("ports", [])
        if port["port"] == 5432
    }
    assert able == {"web"}


def test_its_log_groups_exist_before_rds_would_create_them(recording: Recording) -> None:
    [database] = recording.of_type("aws:rds/instance:Instance")
    assert database.inputs["enabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    groups = {
        str(each.inputs["name"]): each.urn
        for each in recording.of_type("aws:cloudwatch/logGroup:LogGroup")
    }
    for kind in ("postgresql", "upgrade"):
        assert groups[f"/aws/rds/instance/shop-database/{kind}"] in recording.before(database)


def test_a_cell_without_protection_keeps_no_snapshot(tmp_path: Path) -> None:
    recording = recorded(tmp_path, {"web": [REACH]}, protected=False)
    database = inputs_of(recording, "aws:rds/instance:Instance")
    assert database["deletionProtection"] is False
    assert database["skipFinalSnapshot"] is True
    assert database["backupRetentionPeriod"] == 7


def test_the_rules_of_whole_stacks_hold_for_the_extension(recording: Recording) -> None:
    for rule in (
        test_providers_names_and_outputs.test_every_resource_names_an_explicit_provider,
        test_security.test_every_log_group_is_encrypted_and_has_a_retention,
        test_security.test_only_the_account_and_one_service_may_use_a_key,
        test_security.test_every_key_rotates,
        test_deletion_guard.test_destroy_of_a_protected_cell_is_refused_first,
    ):
        rule(recording)


def test_the_address_and_the_secret_are_outputs(recording: Recording) -> None:
    outputs = recording.outputs["database"]
    assert isinstance(outputs, dict)
    assert str(outputs["host"]).startswith("shop-database.")
    assert outputs["name"] == "app"
    assert ":secret:rds!db-" in str(outputs["secret"])


@pytest.mark.parametrize(
    ("reaches", "names"),
    [
        ({}, "no workload"),
        ({"web": [{"cidr": "10.1.0.0/16", "port": 5432}]}, "no workload"),
        ({"web": [REACH], "job": [REACH]}, "web and job"),
        ({"job": [{"cidr": "0.0.0.0/0", "port": 5432}]}, "job"),
    ],
)
def test_a_stack_file_in_which_others_reach_the_database_is_refused(
    tmp_path: Path, reaches: Mapping[str, Any], names: str
) -> None:
    with pytest.raises(RecordingError) as caught:
        recorded(tmp_path, reaches)
    place, _, message = str(caught.value).partition(": ")
    assert place.startswith("extensions/__init__.py:")
    assert message == (
        "web must have {cidr: 10.0.0.0/16, port: 5432} in reaches, and no other workload, but "
        f"{names} has it"
    )


def test_the_message_about_an_existing_vpc_suggests_no_network_of_all_addresses(
    tmp_path: Path,
) -> None:
    text = FILE.read_text(encoding="utf-8")
    with pytest.raises(RecordingError) as caught:
        record_with(text, tmp_path, "existing-vpc", ROOT / "examples")
    assert str(caught.value).partition(": ")[2] == (
        "web must have {cidr: CIDR of the VPC, port: 5432} in reaches, and no other workload, but "
        "shop has it"
    )
