import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from components.cluster.add_ons import AddOnSettings
from components.observability.agents import AGENT_PORTS, Observability, ObservabilityArgs
from core.facts.versions.add_ons import ADD_ONS
from settings.app.apps import App
from settings.cluster.add_ons import AddOnOverride
from settings.observability.observability import Observability as ObservabilitySettings
from tests.components.app.deployed_apps import settings
from tests.components.deploy import Deployed, context, deploy, with_aws

ADD_ON = "aws:eks/addon:Addon"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
PERMISSIONS = "aws:iam/rolePolicy:RolePolicy"
BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"

JAVA = "application.var.log.containers.*_shop_shop-*"

FileSection = tuple[str, dict[str, str]]


def observability(
    version: str = "1.36",
    overrides: dict[str, AddOnOverride] | None = None,
    apps: Mapping[str, App] | None = None,
    **changes: Any,
) -> Deployed:
    def build() -> None:
        args = ObservabilityArgs(
            observability=ObservabilitySettings.model_validate(changes),
            context=context(),
            multiline_parsers={
                name: each.logs.multiline
                for name, each in (apps or {}).items()
                if each.logs.multiline
            },
            traced=any(each.traced for each in (apps or {}).values()),
            log_key_arn="key",
            add_on_settings=AddOnSettings(kubernetes_version=version, overrides=overrides or {}),
        )
        Observability("observability", args, with_aws())

    return deploy(build)


def configuration(apps: Mapping[str, App] | None = None, **changes: Any) -> dict[str, Any]:
    deployed = observability(apps=apps, **changes)
    return json.loads(deployed.one(ADD_ON).inputs["configurationValues"])


def files(apps: Mapping[str, App] | None = None, **changes: Any) -> dict[str, str]:
    return configuration(apps, **changes)["containerLogs"]["fluentBit"]["config"]["extraFiles"]


def parsed(text: str) -> list[FileSection]:
    """Parses a file in the classic format of Fluent Bit."""
    sections: list[FileSection] = []
    indents: set[str] = set()
    for line in text.splitlines():
        if header := re.fullmatch(r"\[([A-Z]+)\]", line):
            sections.append((header[1], {}))
        elif line:
            option = re.fullmatch(r"(\s+)(\S+) (\S.*)", line)
            assert option, f"neither a section nor an option: {line!r}"
            indents.add(option[1])
            assert option[2] not in sections[-1][1], f"{option[2]} occurs twice"
            sections[-1][1][option[2]] = option[3]
    assert len(indents) == 1, "Fluent Bit requires the same indentation for all options"
    return sections


def pipeline(apps: Mapping[str, App] | None = None) -> list[FileSection]:
    return parsed(files(apps)["application-log.conf"])


def test_the_log_groups_are_those_of_the_agents() -> None:
    names = sorted(each.inputs["name"] for each in observability().of_type(LOGS))
    assert names == [
        "/aws/containerinsights/prod/application",
        "/aws/containerinsights/prod/dataplane",
        "/aws/containerinsights/prod/host",
        "/aws/containerinsights/prod/performance",
    ]


@pytest.mark.parametrize(("changes", "days"), [({}, 30), ({"logRetentionDays": 7}, 7)])
def test_log_retention_is_that_of_the_stack_file(changes: dict[str, Any], days: int) -> None:
    retention = [each.inputs["retentionInDays"] for each in observability(**changes).of_type(LOGS)]
    assert retention == [days] * 4, "logs would be stored, and charged, forever"


def test_the_add_on_has_the_version_for_the_minor_version_of_the_cluster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ADD_ONS, "1.35", {"amazon-cloudwatch-observability": "v5.4.0-pin"})
    add_on = observability("1.35").one(ADD_ON).inputs
    assert add_on["addonName"] == "amazon-cloudwatch-observability"
    assert add_on["clusterName"] == "prod"
    assert add_on["addonVersion"] == "v5.4.0-pin"


@pytest.mark.parametrize(
    ("version", "switches"),
    [
        ("v5.4.0-eksbuild.1", {}),
        ("v6.2.0-eksbuild.1", {"containerInsights": True, "otelContainerInsights": False,
                               "applicationSignals": False}),
        ("v8.0.0-eksbuild.2", {"containerInsights": True, "otelContainerInsights": False,
                               "applicationSignals": False, "otlp": False}),
    ],
)  # fmt: skip
def test_only_classic_container_insights_is_on_in_every_version(
    version: str, switches: dict[str, bool]
) -> None:
    overrides = {"amazon-cloudwatch-observability": AddOnOverride(version=version)}
    values = observability(overrides=overrides).one(ADD_ON).inputs["configurationValues"]
    found = json.loads(values)
    names = {"containerInsights", "otelContainerInsights", "applicationSignals", "otlp"}
    assert {name: found[name]["enabled"] for name in names & {*found}} == switches, (
        "EKS refuses keys that a version does not have"
    )


def test_the_agent_has_a_role_that_may_only_write_to_cloudwatch() -> None:
    cell = observability()
    role = cell.one(ROLE)
    (identity,) = cell.one(ADD_ON).inputs["podIdentityAssociations"]
    assert identity["serviceAccount"] == "cloudwatch-agent", (
        "the agent could not write to CloudWatch"
    )
    assert identity["roleArn"].endswith(f":role/{cell.id_of(role)}")
    attachment = cell.one(ATTACHMENT).inputs
    assert attachment["role"] == cell.id_of(role)
    assert attachment["policyArn"] == "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
    assert cell.of_type(PERMISSIONS) == []


def test_the_add_on_does_not_instrument_pods() -> None:
    manager = configuration()["manager"]
    assert manager == {"applicationSignals": {"autoMonitor": {"monitorAllServices": False}}}, (
        "the webhook would inject tracing agents and restart all workloads"
    )


def test_the_stack_file_can_set_the_version_of_the_add_on() -> None:
    override = AddOnOverride.model_validate({"version": "v6.6.0-eksbuild.1"})
    add_on = (
        observability(overrides={"amazon-cloudwatch-observability": override}).one(ADD_ON).inputs
    )
    assert add_on["addonVersion"] == "v6.6.0-eksbuild.1"


# The agent.


def test_the_agent_runs_on_all_nodes_with_the_resources_of_the_stack_file() -> None:
    settings_of_add_on = configuration(agent={"cpu": "0.3", "memory": "1Gi"})
    assert settings_of_add_on["tolerations"] == [{"operator": "Exists"}], (
        "nodes with taints would publish no metrics"
    )
    [agent] = settings_of_add_on["agents"]
    assert agent["name"] == "cloudwatch-agent", (
        "apps would send traces to a Service that does not exist"
    )
    assert agent["resources"] == {
        "requests": {"cpu": "0.3", "memory": "1Gi"},
        "limits": {"cpu": "600m", "memory": "1Gi"},
    }


def test_the_agent_collects_enhanced_metrics_and_no_traces_by_default() -> None:
    [agent] = configuration()["agents"]
    assert agent["config"] == {
        "agent": {"region": "us-east-1"},
        "logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}},
    }


def test_the_agent_receives_traces_if_an_app_is_traced() -> None:
    [agent] = configuration({"web": settings(), "api": settings(traced=True)})["agents"]
    collected = agent["config"].pop("traces")["traces_collected"]
    assert collected == {
        "otlp": {"grpc_endpoint": "0.0.0.0:4317", "http_endpoint": "0.0.0.0:4318"},
        "xray": {
            "bind_address": "0.0.0.0:2000",
            "tcp_proxy": {"bind_address": "0.0.0.0:2000"},
        },
    }, "the agent would listen only on loopback"
    ports = {int(port) for port in re.findall(r":(\d+)", json.dumps(collected))}
    assert ports == set(AGENT_PORTS), "network policies would block traces"
    assert [agent] == configuration()["agents"], "other settings changed"


# Logs of pods.


def test_pod_logs_go_to_the_log_group_of_the_cell_and_no_group_is_created() -> None:
    assert configuration()["containerLogs"]["enabled"] is True
    assert set(files()) == {"application-log.conf"}, "the logs of nodes use the files of the add-on"
    [out] = [options for kind, options in pipeline() if kind == "OUTPUT"]
    assert out["Name"] == "cloudwatch_logs"
    assert out["log_group_name"] == "/aws/containerinsights/prod/application"
    assert out["auto_create_group"] == "false", (
        "a deleted log group would be created again, without retention"
    )
    assert out["region"] == "us-east-1"


def test_the_log_of_every_container_is_read_once() -> None:
    reads = [options for kind, options in pipeline() if kind == "INPUT"]
    all_containers, *separate = reads
    excluded = all_containers["Exclude_Path"].split(", ")
    assert all_containers["Path"] == "/var/log/containers/*.log"
    assert {each["Path"] for each in separate} < set(excluded), "logs would be read twice"
    of_nodes = set(excluded) - {each["Path"] for each in separate}
    assert of_nodes == {f"/var/log/containers/{each}*" for each in ("aws-node", "kube-proxy")}, (
        "these logs belong to the data plane"
    )


def test_inputs_store_their_position_and_limit_their_memory() -> None:
    reads = [options for kind, options in pipeline() if kind == "INPUT"]
    databases = [each["DB"] for each in reads]
    assert len(set(databases)) == len(reads)
    for each in reads:
        assert each["DB"].startswith("/var/fluent-bit/state/"), (
            "a new pod would read all logs again"
        )
        assert each["Mem_Buf_Limit"] in ("50MB", "5MB")
        assert each["multiline.parser"] == "docker, cri", "long lines would be split"
        assert each["Read_from_Head"] == "${READ_FROM_HEAD}"
    assert reads[0]["storage.type"] == "filesystem"


def test_all_inputs_pass_all_filters_and_the_output() -> None:
    for kind, options in pipeline():
        key = "Tag" if kind == "INPUT" else "Match"
        assert options[key] == "application.*"


def test_pods_can_exclude_their_logs() -> None:
    [kubernetes] = [options for kind, options in pipeline() if kind == "FILTER"]
    assert kubernetes["Name"] == "kubernetes"
    assert kubernetes["K8S-Logging.Exclude"] == "On", "`collected: false` would have no effect"
    assert kubernetes["Kube_Tag_Prefix"] == "application.var.log.containers."
    assert kubernetes["Use_Kubelet"] == "On", "every node would query the API server for every pod"


def test_multiline_filters_come_first_and_match_only_their_app() -> None:
    apps = {
        "web": settings(),
        "shop": settings(logs={"multiline": "java"}),
        "jobs": settings(logs={"multiline": "python"}),
    }
    filters = [options for kind, options in pipeline(apps) if kind == "FILTER"]
    assert [each["Name"] for each in filters] == ["multiline", "multiline", "kubernetes"]
    joined = {each["Match"]: each for each in filters[:2]}
    assert joined[JAVA]["multiline.parser"] == "java"
    assert joined[JAVA]["multiline.key_content"] == "log"
    assert joined[JAVA.replace("shop", "jobs")]["multiline.parser"] == "python"


def test_no_file_contains_helm_template_syntax() -> None:
    apps = {"shop": settings(logs={"multiline": "go"})}
    for text in files(apps, archive={"days": 365}).values():
        assert "{{" not in text, "the chart would render the file as a template"
        assert parsed(text)


# The archive.


def test_without_an_archive_no_bucket_is_created() -> None:
    assert [each.typ for each in observability().all if each.typ.startswith("aws:s3")] == []


def test_the_archive_has_the_retention_of_the_stack_file_and_a_folder_per_cell() -> None:
    deployed = observability(archive={"days": 365})
    bucket = deployed.id_of(deployed.one(BUCKET))
    (rule,) = deployed.one(LIFECYCLE).inputs["rules"]
    assert rule["expiration"] == {"days": 365}
    [(kind, out)] = parsed(files(archive={"days": 365})["archive.conf"])
    assert (kind, out["Name"], out["bucket"]) == ("OUTPUT", "s3", bucket)
    assert out["Match"] == "application.*", "the archive would contain excluded logs"
    assert out["region"] == "us-east-1", "the default must not depend on the region of the cell"
    assert out["store_dir"].startswith("/var/fluent-bit/state/"), (
        "buffered logs would be lost with the pod"
    )
    assert out["store_dir_limit_size"] == "500M", "the buffer could fill the disk of the node"
    assert out["use_put_object"] == "On"
    assert out["s3_key_format"].startswith("/prod/")
    assert out["s3_key_format"].endswith("$UUID.gz"), "a file could overwrite another"
    assert out["compression"] == "gzip"


def test_a_key_in_the_archive_contains_namespace_and_pod() -> None:
    """Splits the tag at any delimiter, as Fluent Bit does."""
    [(_, out)] = parsed(files(archive={"days": 365})["archive.conf"])
    tag = f"application.var.log.containers.web-1-a_shop_main-{'0' * 64}.log"
    parts = [each for each in re.split(f"[{out['s3_key_format_tag_delimiters']}]", tag) if each]
    key = re.sub(r"\$TAG\[(\d)\]", lambda found: parts[int(found[1])], out["s3_key_format"])
    assert key == "/prod/shop/%Y/%m/%d/%H/web-1-a-$UUID.gz"


def test_the_role_of_the_agent_may_write_to_the_archive_but_not_read() -> None:
    deployed = observability(archive={"days": 365})
    permissions = deployed.one(PERMISSIONS).inputs
    assert permissions["role"] == deployed.id_of(deployed.one(ROLE))
    [statement] = json.loads(permissions["policy"])["Statement"]
    assert statement["Action"] == ["s3:PutObject"]
    assert statement["Resource"] == f"arn:aws:s3:::{deployed.id_of(deployed.one(BUCKET))}/*"


@pytest.mark.parametrize(
    ("changes", "force_destroy"), [({}, False), ({"deletionProtection": False}, True)]
)
def test_an_archive_with_objects_is_not_deleted_by_default(
    changes: dict[str, bool], force_destroy: bool
) -> None:
    deployed = observability(archive={"days": 365, **changes})
    assert deployed.one(BUCKET).inputs["forceDestroy"] is force_destroy


def test_the_archive_is_private_encrypted_and_requires_tls() -> None:
    deployed = observability(archive={"days": 365})
    kinds = {each.typ.rpartition(":")[2] for each in deployed.all if each.typ.startswith("aws:s3")}
    assert kinds == {
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
    }
    [deny] = json.loads(deployed.one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])[
        "Statement"
    ]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
