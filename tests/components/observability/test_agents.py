import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from components.cluster.add_ons import AddOnChoices
from components.observability.agents import AGENT_PORTS, Observability, ObservabilityArgs
from core.facts.versions import ADD_ONS
from settings.app.apps import App
from settings.cluster.add_ons import AddOnOverride
from settings.observability.observability import Observability as ObservabilitySettings
from tests.components.app.test_app import settings
from tests.components.deploy import Deployed, context, deploy, with_aws

ADD_ON = "aws:eks/addon:Addon"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
RIGHTS = "aws:iam/rolePolicy:RolePolicy"
BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"

JAVA = "application.var.log.containers.*_shop_shop-*"

FileSection = tuple[str, dict[str, str]]


def observability(
    version: str = "1.36",
    overrides: dict[str, AddOnOverride] | None = None,
    apps: Mapping[str, App] | None = None,
    **given: Any,
) -> Deployed:
    def build() -> None:
        args = ObservabilityArgs(
            observability=ObservabilitySettings.model_validate(given),
            context=context(),
            multiline_parsers={
                name: each.logs.multiline
                for name, each in (apps or {}).items()
                if each.logs.multiline
            },
            traced=any(each.traced for each in (apps or {}).values()),
            log_key_arn="key",
            choices=AddOnChoices(kubernetes_version=version, overrides=overrides or {}),
        )
        Observability("observability", args, with_aws())

    return deploy(build)


def configuration(apps: Mapping[str, App] | None = None, **given: Any) -> dict[str, Any]:
    made = observability(apps=apps, **given)
    return json.loads(made.one(ADD_ON).inputs["configurationValues"])


def files(apps: Mapping[str, App] | None = None, **given: Any) -> dict[str, str]:
    return configuration(apps, **given)["containerLogs"]["fluentBit"]["config"]["extraFiles"]


def parsed(text: str) -> list[FileSection]:
    """The sections of a file in Fluent Bit's classic format, as Fluent Bit reads them."""
    sections: list[FileSection] = []
    indents: set[str] = set()
    for line in text.splitlines():
        if header := re.fullmatch(r"\[([A-Z]+)\]", line):
            sections.append((header[1], {}))
        elif line:
            option = re.fullmatch(r"(\s+)(\S+) (\S.*)", line)
            assert option, f"no section, and no option of one: {line!r}"
            indents.add(option[1])
            assert option[2] not in sections[-1][1], f"{option[2]} stands twice"
            sections[-1][1][option[2]] = option[3]
    assert len(indents) == 1, "Fluent Bit takes one indentation for all"
    return sections


def pipeline(apps: Mapping[str, App] | None = None) -> list[FileSection]:
    return parsed(files(apps)["application-log.conf"])


def test_the_log_groups_are_those_that_the_agents_write_to() -> None:
    names = sorted(each.inputs["name"] for each in observability().of_type(LOGS))
    assert names == [
        "/aws/containerinsights/prod/application",
        "/aws/containerinsights/prod/dataplane",
        "/aws/containerinsights/prod/host",
        "/aws/containerinsights/prod/performance",
    ]


@pytest.mark.parametrize(("given", "days"), [({}, 30), ({"logRetentionDays": 7}, 7)])
def test_logs_are_kept_as_long_as_asked(given: dict[str, int], days: int) -> None:
    kept = [each.inputs["retentionInDays"] for each in observability(**given).of_type(LOGS)]
    assert kept == [days] * 4, "some are kept, and paid for, for ever"


def test_the_add_on_is_in_the_cluster_at_the_version_of_its_minor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ADD_ONS, "1.35", {"amazon-cloudwatch-observability": "v1.35-pin"})
    add_on = observability("1.35").one(ADD_ON).inputs
    assert add_on["addonName"] == "amazon-cloudwatch-observability"
    assert add_on["clusterName"] == "prod"
    assert add_on["addonVersion"] == "v1.35-pin"


def test_the_agent_has_a_role_that_may_write_to_cloudwatch_and_nowhere_else() -> None:
    cell = observability()
    role = cell.one(ROLE)
    (identity,) = cell.one(ADD_ON).inputs["podIdentityAssociations"]
    assert identity["serviceAccount"] == "cloudwatch-agent", "nothing arrives in CloudWatch"
    assert identity["roleArn"].endswith(f":role/{cell.id_of(role)}")
    attachment = cell.one(ATTACHMENT).inputs
    assert attachment["role"] == cell.id_of(role)
    assert attachment["policyArn"] == "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"
    assert cell.of_type(RIGHTS) == []


def test_the_add_on_leaves_the_apps_pods_as_they_are() -> None:
    manager = configuration()["manager"]
    assert manager == {"applicationSignals": {"autoMonitor": {"monitorAllServices": False}}}, (
        "a tracing agent is put into every workload, and restarts it"
    )


def test_the_stack_file_has_the_last_word_on_the_add_on() -> None:
    own = AddOnOverride.model_validate({"version": "v6.6.0-eksbuild.1"})
    add_on = observability(overrides={"amazon-cloudwatch-observability": own}).one(ADD_ON).inputs
    assert add_on["addonVersion"] == "v6.6.0-eksbuild.1"


# The agent.


def test_the_agent_is_on_every_node_and_is_given_what_the_stack_file_says() -> None:
    given = configuration(agent={"cpu": "0.3", "memory": "1Gi"})
    assert given["tolerations"] == [{"operator": "Exists"}], "a node with a taint tells nothing"
    [agent] = given["agents"]
    assert agent["name"] == "cloudwatch-agent", "apps send their traces to a name that is not there"
    assert agent["resources"] == {
        "requests": {"cpu": "0.3", "memory": "1Gi"},
        "limits": {"cpu": "600m", "memory": "1Gi"},
    }


def test_the_agent_watches_containers_closely_and_takes_no_traces_that_nobody_sends() -> None:
    [agent] = configuration()["agents"]
    assert agent["config"] == {
        "agent": {"region": "us-east-1"},
        "logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}},
    }


def test_traces_of_other_pods_are_taken_once_an_app_is_traced() -> None:
    [agent] = configuration({"web": settings(), "api": settings(traced=True)})["agents"]
    taken = agent["config"].pop("traces")["traces_collected"]
    assert taken == {
        "otlp": {"grpc_endpoint": "0.0.0.0:4317", "http_endpoint": "0.0.0.0:4318"},
        "xray": {
            "bind_address": "0.0.0.0:2000",
            "tcp_proxy": {"bind_address": "0.0.0.0:2000"},
        },
    }, "it would listen to its own pod only"
    ports = {int(port) for port in re.findall(r":(\d+)", json.dumps(taken))}
    assert ports == set(AGENT_PORTS), "it listens where no policy lets apps through"
    assert [agent] == configuration()["agents"], "the rest is another"


# Logs of pods.


def test_logs_of_pods_get_to_the_cell_s_own_group_and_no_group_is_made() -> None:
    assert configuration()["containerLogs"]["enabled"] is True
    assert set(files()) == {"application-log.conf"}, "those of nodes are the add-on's own"
    [out] = [options for kind, options in pipeline() if kind == "OUTPUT"]
    assert out["Name"] == "cloudwatch_logs"
    assert out["log_group_name"] == "/aws/containerinsights/prod/application"
    assert out["auto_create_group"] == "false", "one that is deleted comes back, and for ever"
    assert out["region"] == "us-east-1"


def test_every_container_s_log_is_read_once() -> None:
    reads = [options for kind, options in pipeline() if kind == "INPUT"]
    everything, *own = reads
    left_out = everything["Exclude_Path"].split(", ")
    assert everything["Path"] == "/var/log/containers/*.log"
    assert {each["Path"] for each in own} < set(left_out), "read twice"
    of_nodes = set(left_out) - {each["Path"] for each in own}
    assert of_nodes == {f"/var/log/containers/{each}*" for each in ("aws-node", "kube-proxy")}, (
        "these are read as logs of the data plane"
    )


def test_reading_goes_on_where_it_was_and_never_fills_the_memory() -> None:
    reads = [options for kind, options in pipeline() if kind == "INPUT"]
    databases = [each["DB"] for each in reads]
    assert len(set(databases)) == len(reads)
    for each in reads:
        assert each["DB"].startswith("/var/fluent-bit/state/"), "a new pod reads all anew"
        assert each["Mem_Buf_Limit"] in ("50MB", "5MB")
        assert each["multiline.parser"] == "docker, cri", "long lines come in pieces"
        assert each["Read_from_Head"] == "${READ_FROM_HEAD}"
    assert reads[0]["storage.type"] == "filesystem"


def test_what_is_read_passes_every_filter_and_the_output() -> None:
    for kind, options in pipeline():
        key = "Tag" if kind == "INPUT" else "Match"
        assert options[key] == "application.*"


def test_pods_may_keep_their_logs_to_themselves() -> None:
    [kubernetes] = [options for kind, options in pipeline() if kind == "FILTER"]
    assert kubernetes["Name"] == "kubernetes"
    assert kubernetes["K8S-Logging.Exclude"] == "On", "`collected: false` does nothing"
    assert kubernetes["Kube_Tag_Prefix"] == "application.var.log.containers."
    assert kubernetes["Use_Kubelet"] == "On", "every node asks the API server about every pod"


def test_stack_traces_are_joined_before_all_other_filters_and_of_their_app_only() -> None:
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


def test_no_file_is_a_template_of_helm() -> None:
    apps = {"shop": settings(logs={"multiline": "go"})}
    for text in files(apps, archive={"days": 365}).values():
        assert "{{" not in text, "the chart would fill it in"
        assert parsed(text)


# The archive.


def test_without_an_archive_there_is_no_bucket() -> None:
    assert [each.typ for each in observability().all if each.typ.startswith("aws:s3")] == []


def test_an_archive_keeps_logs_as_long_as_asked_in_a_folder_of_the_cell() -> None:
    made = observability(archive={"days": 365})
    bucket = made.id_of(made.one(BUCKET))
    (rule,) = made.one(LIFECYCLE).inputs["rules"]
    assert rule["expiration"] == {"days": 365}
    [(kind, out)] = parsed(files(archive={"days": 365})["archive.conf"])
    assert (kind, out["Name"], out["bucket"]) == ("OUTPUT", "s3", bucket)
    assert out["Match"] == "application.*", "what no log group is told of is not archived either"
    assert out["region"] == "us-east-1", "it would look in us-east-1 whatever the region"
    assert out["store_dir"].startswith("/var/fluent-bit/state/"), "lost with the pod"
    assert out["store_dir_limit_size"] == "500M", "it could fill the node's disk"
    assert out["use_put_object"] == "On"
    assert out["s3_key_format"].startswith("/prod/")
    assert out["s3_key_format"].endswith("$UUID.gz"), "a file would take another's place"
    assert out["compression"] == "gzip"


def test_a_key_in_the_archive_names_the_namespace_and_the_pod() -> None:
    """As Fluent Bit splits tags, with any of the delimiters."""
    [(_, out)] = parsed(files(archive={"days": 365})["archive.conf"])
    tag = f"application.var.log.containers.web-1-a_shop_main-{'0' * 64}.log"
    parts = [each for each in re.split(f"[{out['s3_key_format_tag_delimiters']}]", tag) if each]
    key = re.sub(r"\$TAG\[(\d)\]", lambda found: parts[int(found[1])], out["s3_key_format"])
    assert key == "/prod/shop/%Y/%m/%d/%H/web-1-a-$UUID.gz"


def test_the_agent_s_role_may_put_into_the_archive_and_read_nothing() -> None:
    made = observability(archive={"days": 365})
    rights = made.one(RIGHTS).inputs
    assert rights["role"] == made.id_of(made.one(ROLE))
    [statement] = json.loads(rights["policy"])["Statement"]
    assert statement["Action"] == ["s3:PutObject"]
    assert statement["Resource"] == f"arn:aws:s3:::{made.id_of(made.one(BUCKET))}/*"


@pytest.mark.parametrize(("given", "goes"), [({}, False), ({"deletionProtection": False}, True)])
def test_what_is_archived_keeps_the_bucket_unless_said_otherwise(
    given: dict[str, bool], goes: bool
) -> None:
    made = observability(archive={"days": 365, **given})
    assert made.one(BUCKET).inputs["forceDestroy"] is goes


def test_the_archive_is_nobody_else_s_and_only_over_tls() -> None:
    made = observability(archive={"days": 365})
    kinds = {each.typ.rpartition(":")[2] for each in made.all if each.typ.startswith("aws:s3")}
    assert kinds == {
        "Bucket",
        "BucketLifecycleConfiguration",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketServerSideEncryptionConfiguration",
    }
    [deny] = json.loads(made.one("aws:s3/bucketPolicy:BucketPolicy").inputs["policy"])["Statement"]
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
