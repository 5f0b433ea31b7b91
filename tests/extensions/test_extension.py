"""An extension is recorded like the rest of the cell, and its mistakes are one line."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from settings import SettingsError
from tests.extensions.recorded_extension import HEAD, record_with
from tools.preview.tree import headlines
from tools.recording import Recording, RecordingError
from tools.recording.record import ROOT

URN = "urn:pulumi:dev::ha-eks::ha-eks:index:Extension"
TODAY = date(2026, 11, 29)
TOPIC = '    aws.sns.Topic("events", name=f"{cell.context.cell}-events", opts=opts)\n'


def extension_of(recording: Recording) -> dict[str, str]:
    """Returns the types of the resources of the extension, by logical name."""
    return {
        each.name: each.type
        for each in recording.cloud_resources
        if f"{URN}$" in each.urn.replace(recording.stack, "dev", 1)
    }


def test_the_shipped_extension_creates_nothing(recording: Recording) -> None:
    assert extension_of(recording) == {}
    [component] = recording.of_type("ha-eks:index:Extension")
    assert component.name == "extension"


def test_an_extension_receives_the_outputs_and_the_providers_of_the_cell(
    tmp_path: Path, previewed: Callable[[str], Recording]
) -> None:
    text = f"""{HEAD}{TOPIC}    pulumi.export("cell", {{
        "account": cell.context.account, "region": cell.context.region,
        "cluster": cell.context.cluster_name, "vpc": cell.vpc_id,
        "private": cell.private_subnet_ids, "public": cell.public_subnet_ids,
        "group": cell.security_group_id, "key": cell.log_key_arn,
        "classes": [cell.priority_classes.critical, cell.priority_classes.default],
        "topic": cell.alarm_topic_arn, "apps": list(cell.settings.apps),
        "before": len(cell.before_pods) > 0,
    }})
"""
    recording = record_with(text, tmp_path)
    zones = [*recording.settings.network.zones]
    outputs = json.loads(json.dumps(recording.outputs["cell"]))
    assert outputs.pop("account") == "123456789012"
    assert outputs.pop("region") == "us-east-1"
    assert outputs.pop("cluster") == "dev"
    assert outputs.pop("apps") == ["web", "cache"]
    assert outputs.pop("classes") == ["ha-eks-critical", "ha-eks-default"]
    assert outputs.pop("before") is True
    assert outputs["private"] == recording.outputs["privateSubnets"]
    assert outputs["public"] != outputs["private"]
    for kind in ("private", "public"):
        subnets = outputs.pop(kind)
        assert [*subnets] == zones
        assert all(str(each).startswith("subnet-") for each in subnets.values())
    assert {key: str(value).split("-")[0] for key, value in outputs.items()} == {
        "vpc": "vpc",
        "group": "sg",
        "key": "arn:aws:kms:us",
        "topic": "arn:aws:sns:us",
    }
    [topic] = [each for each in recording.cloud_resources if each.name == "events"]
    assert topic.inputs["name"] == "dev-events"
    [other] = recording.of_type("aws:ec2/vpc:Vpc")
    assert topic.provider == other.provider
    added = {each.urn for each in recording.resources} - {
        each.urn for each in previewed("dev").resources
    }
    assert added == {topic.urn}, "an extension must not change the rest of the cell"


def test_destroy_of_a_protected_cell_is_refused_before_its_extension_is_deleted(
    tmp_path: Path,
) -> None:
    recording = record_with(f"{HEAD}{TOPIC}", tmp_path, "prod")
    [guard] = recording.of_type("ha-eks:index:DeletionGuard")
    [topic] = [each for each in recording.cloud_resources if each.name == "events"]
    assert topic.urn in recording.before(guard)


def test_a_resource_type_that_the_recorder_does_not_know_is_recorded(tmp_path: Path) -> None:
    text = f"""{HEAD}    cache = aws.elasticache.ReplicationGroup(
        "cache", description="x", opts=opts)
    aws.ssm.Parameter("host", type="String", value=cache.primary_endpoint_address, opts=opts)
    aws.ssm.Parameter("url", type="String", opts=opts,
                      value=pulumi.Output.concat("redis://", cache.primary_endpoint_address))
    pulumi.export("cache", cache.primary_endpoint_address)
"""
    recording = record_with(text, tmp_path)
    found = {each.name: each.inputs.get("value") for each in recording.resources}
    assert found["host"] == "(known after deployment)"
    assert found["url"] == "(known after deployment)"
    assert recording.outputs["cache"] == "(known after deployment)"
    [cost] = [line for line in headlines(recording, TODAY) if line.startswith("cost at rest")]
    assert cost.endswith(
        "; price unknown: aws:elasticache/replicationGroup:ReplicationGroup and "
        "aws:ssm/parameter:Parameter"
    )


def test_kubernetes_objects_and_charts_need_no_name(tmp_path: Path) -> None:
    text = """import pulumi_kubernetes as k8s


def extend(cell, opts):
    k8s.core.v1.ConfigMap("settings", metadata={"namespace": "web"}, data={"a": "b"}, opts=opts)
    k8s.helm.v3.Release("chart", chart="oci://example.com/chart", opts=opts)
    k8s.helm.v4.Chart("rendered", chart="oci://example.com/chart", opts=opts)
"""
    assert set(extension_of(record_with(text, tmp_path))) == {"settings", "chart"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"{HEAD}{TOPIC}{TOPIC}",
            f"{URN}$aws:sns/topic:Topic::events: registered twice; rename one of the two resources",
        ),
        (
            f'{HEAD}    aws.sns.Topic("events")\n',
            "urn:pulumi:dev::ha-eks::aws:sns/topic:Topic::events: no explicit provider, and the "
            "default provider of aws is disabled; set `parent` or `provider` in its options",
        ),
        (f"{HEAD}    {{}}['zone']\n", "extensions/__init__.py:6: KeyError: 'zone'"),
        (f"{HEAD}    raise ValueError\n", "extensions/__init__.py:6: ValueError"),
        (
            f"{HEAD}    raise pulumi.RunError('web has no port')\n",
            "extensions/__init__.py:6: web has no port",
        ),
        (
            "from absent import module\n",
            "extensions/__init__.py:1: ModuleNotFoundError: No module named 'absent'",
        ),
        ("def extend(cell, opts)\n", "extensions/__init__.py:1: SyntaxError: expected ':'"),
        (
            '"""No function."""\n',
            "extensions/__init__.py: extend(cell, opts) is required: docs/extensions.md",
        ),
        (
            "def extend():\n    pass\n",
            "extensions/__init__.py: TypeError: extend() takes 0 positional arguments but 2 were "
            "given",
        ),
        (
            f"{HEAD}    aws.rds.get_engine_version(engine='postgres', opts="
            "pulumi.InvokeOptions(parent=opts.parent))\n",
            "aws:rds/getEngineVersion:getEngineVersion: no made-up output for this invoke; add one "
            "in tools/recording/made_up_outputs",
        ),
    ],
)
def test_a_mistake_in_an_extension_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RecordingError) as caught:
        record_with(text, tmp_path)
    assert str(caught.value) == message


def test_a_missing_folder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RecordingError) as caught:
        record_with(HEAD, tmp_path)
    assert str(caught.value) == (
        "extensions/__init__.py: not found; it defines extend(cell, opts): docs/extensions.md"
    )


def test_a_refused_stack_file_keeps_its_own_error(tmp_path: Path) -> None:
    text = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text(text.replace("nat: single", "nat: nope"))
    with pytest.raises(SettingsError):
        record_with(f"{HEAD}{TOPIC}", tmp_path, root=tmp_path)
