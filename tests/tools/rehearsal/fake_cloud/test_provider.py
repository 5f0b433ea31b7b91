"""The fake cloud as a provider: requests of the engine."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, status_pb2
from pulumi.runtime.rpc import UNKNOWN

from tests.tools.rehearsal.clouds import empty_cloud, make, urn_of
from tools.recording.made_up_outputs import ACCOUNT
from tools.recording.wire import python_values, struct_of
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.provider import FakeProvider
from tools.rehearsal.fake_cloud.references import Values

EIP = "aws:ec2/eip:Eip"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
VPC = "aws:ec2/vpc:Vpc"
CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"

NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME


class AbortedError(Exception):
    """gRPC raises an error like this when a call is aborted."""


class Context:
    def __init__(self) -> None:
        self.details: provider_pb2.ErrorResourceInitFailed | None = None

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        [(key, value)] = metadata
        assert key == "grpc-status-details-bin"
        self.details = provider_pb2.ErrorResourceInitFailed()
        status_pb2.Status.FromString(value).details[0].Unpack(self.details)

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise AbortedError(code, details)


@pytest.fixture
def cloud() -> FakeCloud:
    return empty_cloud()


@pytest.fixture
def call(cloud: FakeCloud) -> Callable[..., Any]:
    """Returns a function that calls a method by name, with the fields of its request."""
    provider = FakeProvider(cloud)

    def call_method(method: str, **fields: Any) -> Any:
        kind = getattr(provider_pb2, f"{method.removesuffix('Config')}Request")
        values = {k: struct_of(v) if isinstance(v, dict) else v for k, v in fields.items()}
        return getattr(provider, method)(kind(**values), Context())

    return call_method


@pytest.mark.parametrize(
    ("type_", "old", "new", "diffs", "replaces", "first"),
    [
        (NODE_GROUP, {}, {}, [], [], False),
        (NODE_GROUP, {"version": "1", "size": {"max": 2}}, {"version": "1", "size": {"max": 2}},
         [], [], False),
        (NODE_GROUP, {"version": "1", "tags": {"a": "b"}}, {"version": "2"},
         ["tags", "version"], [], False),
        (NODE_GROUP, {"amiType": "a", "version": "1"}, {"amiType": "b", "version": "2"},
         ["amiType", "version"], ["amiType"], False),
        (CLUSTER, {"name": "a", "roleArn": "a"}, {"name": "b", "roleArn": "b"},
         ["name", "roleArn"], ["name", "roleArn"], True),
        (CLUSTER, {"name": "a", "version": "1"}, {"name": "a", "version": "2"},
         ["version"], [], False),
        (DEPLOYMENT, {"metadata": {"name": "a"}, "spec": {"selector": 1}},
         {"metadata": {"name": "a"}, "spec": {"selector": 2}}, ["spec"], ["spec"], True),
        (DEPLOYMENT, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}},
         ["metadata"], ["metadata"], False),
        (NODE_GROUP, {"subnetIds": ["a"]}, {"subnetIds": UNKNOWN},
         ["subnetIds"], ["subnetIds"], False),
    ],
)  # fmt: skip
def test_a_diff_returns_changed_and_replacing_inputs_and_the_order(
    call: Callable[..., Any],
    type_: str, old: Values, new: Values, diffs: list[str], replaces: list[str], first: bool,
) -> None:  # fmt: skip
    outputs = {**old, "arn": "decided by AWS"}
    answer = call("Diff", type=type_, old_inputs=old, olds=outputs, news=new)
    assert answer.changes == (SOME if diffs else NONE)
    assert list(answer.diffs) == diffs
    assert list(answer.replaces) == replaces
    assert answer.deleteBeforeReplace is first


def test_a_diff_names_the_paths_that_changed(call: Callable[..., Any]) -> None:
    """`replaceOnChanges` compares paths."""
    old: Values = {"spec": {"arn": "a", "ports": [1], "same": 1}, "labels": {"x.y/z": "1"}}
    new: Values = {"spec": {"arn": "b", "ports": [2], "same": 1}, "labels": {"x.y/z": "2"}}
    answer = call("Diff", type=DEPLOYMENT, old_inputs=old, olds=old, news=new)
    assert answer.hasDetailedDiff
    assert sorted(answer.detailedDiff) == ['labels["x.y/z"]', "spec.arn", "spec.ports"]


def test_an_update_adds_outputs_that_aws_decides(
    call: Callable[..., Any], cloud: FakeCloud
) -> None:
    vpc = make(cloud, VPC, "v", cidrBlock="10.0.0.0/16")
    fields = {
        "type": VPC,
        "id": vpc.id,
        "urn": vpc.urn,
        "olds": dict(vpc.outputs),
        "old_inputs": vpc.inputs,
        "news": {"cidrBlock": "10.0.0.0/16", "assignGeneratedIpv6CidrBlock": True},
    }
    block = "ipv6CidrBlock"
    assert python_values(call("Update", preview=True, **fields).properties)[block] == UNKNOWN
    assert python_values(call("Update", **fields).properties)[block] == vpc.outputs[block]


def test_a_type_of_an_extension_that_the_table_lacks_is_updated_in_place(
    call: Callable[..., Any],
) -> None:
    type_ = "aws:mq/broker:Broker"
    urn = f"urn:pulumi:dev::ha-eks::ha-eks:index:Extension${type_}::jobs"
    answer = call("Diff", type=type_, urn=urn, old_inputs={"a": 1}, olds={"a": 1}, news={"a": 2})
    assert (list(answer.diffs), list(answer.replaces)) == (["a"], [])


def test_a_create_in_a_preview_creates_nothing(call: Callable[..., Any], cloud: FakeCloud) -> None:
    fields = {"type": EIP, "urn": urn_of(EIP, "one"), "properties": {"domain": "vpc"}}
    answer = call("Create", preview=True, **fields)
    assert python_values(answer.properties) == {"domain": "vpc", "arn": UNKNOWN}
    assert (answer.id, cloud.resources, cloud.operations) == ("", {}, [])


def test_a_create_creates_the_resource(call: Callable[..., Any], cloud: FakeCloud) -> None:
    fields = {"type": EIP, "urn": urn_of(EIP, "one"), "properties": {"domain": "vpc"}}
    answer = call("Create", **fields)
    [resource] = cloud.resources.values()
    assert (answer.id, python_values(answer.properties)) == (resource.id, resource.outputs)
    assert (resource.type, resource.urn, resource.inputs) == (EIP, fields["urn"], {"domain": "vpc"})
    assert resource.outputs["arn"].endswith(f":{ACCOUNT}:eipalloc/{resource.id}")


def test_integers_stay_integers(call: Callable[..., Any], cloud: FakeCloud) -> None:
    call("Create", type=EIP, urn=urn_of(EIP, "one"), properties={"port": 80, "share": 0.5})
    [resource] = cloud.resources.values()
    assert repr(resource.inputs) == "{'port': 80, 'share': 0.5}", "80.0 is not a port"


def test_an_update_changes_the_resource_but_not_in_a_preview(
    call: Callable[..., Any], cloud: FakeCloud
) -> None:
    resource = make(cloud, EIP, "one", domain="vpc")
    decided = {"arn": resource.outputs["arn"]}
    fields = {
        "type": EIP,
        "id": resource.id,
        "urn": resource.urn,
        "olds": dict(resource.outputs),
        "old_inputs": {"domain": "vpc"},
        "news": {"tags": {"a": "b"}},
    }
    previewed = call("Update", preview=True, **fields)
    assert python_values(previewed.properties) == {**decided, "tags": {"a": "b"}}
    assert resource.outputs == {**decided, "domain": "vpc"}, "the preview changed the resource"
    assert [each.verb for each in cloud.operations] == ["create"]
    answer = call("Update", **fields)
    assert python_values(answer.properties) == resource.outputs == {**decided, "tags": {"a": "b"}}
    assert [each.verb for each in cloud.operations] == ["create", "update"]


def test_an_update_sends_only_inputs_that_differ_from_the_state(
    call: Callable[..., Any], cloud: FakeCloud
) -> None:
    """The AWS provider sends a block only if it has changed in the state."""
    size, larger = {"minSize": 2, "desiredSize": 2}, {"minSize": 3, "desiredSize": 3}
    cloud.external = frozenset({"prod"})  # the cluster
    resource = make(cloud, NODE_GROUP, "one", clusterName="prod", scalingConfig=size)
    resource.inputs["scalingConfig"] = {**size, "desiredSize": 7}  # by the autoscaler
    fields = {"type": NODE_GROUP, "id": resource.id, "urn": resource.urn}
    old = {"clusterName": "prod", "scalingConfig": size}
    call("Update", **fields, olds=old, old_inputs=old, news={**old, "labels": {"a": "2"}})
    assert resource.inputs["labels"] == {"a": "2"}
    assert resource.inputs["scalingConfig"]["desiredSize"] == 7
    call("Update", **fields, olds=old, old_inputs=old, news={**old, "scalingConfig": larger})
    assert resource.inputs["scalingConfig"] == larger, "the rehearsal would hide a scale-down"


@pytest.mark.parametrize("method", ["Create", "Update", "Read"])
@pytest.mark.parametrize(("ready", "skipped"), [(True, False), (False, True), (False, False)])
def test_a_deployment_whose_pods_are_not_ready_fails_with_an_initialization_error(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, method: str, ready: bool, skipped: bool
) -> None:
    monkeypatch.setattr("tools.rehearsal.fake_cloud.readiness._IDLE_SECONDS", 0.02)
    annotations = {"pulumi.com/skipAwait": "true"} if skipped else {}
    inputs = {"metadata": {"name": "web", "annotations": annotations}, "spec": {}}
    provider, context, urn = FakeProvider(cloud), Context(), urn_of(DEPLOYMENT, "web")
    cloud.pods_ready = lambda deployment: ready
    request: Any
    if method == "Create":
        request = provider_pb2.CreateRequest(urn=urn, type=DEPLOYMENT, properties=struct_of(inputs))
    else:
        made = cloud.create(DEPLOYMENT, urn, inputs)
        kind: Any = getattr(provider_pb2, f"{method}Request")
        request = kind(urn=urn, type=DEPLOYMENT, id=made.id)
        if method == "Update":
            request.news.CopyFrom(struct_of(inputs))
    if ready or skipped:
        getattr(provider, method)(request, context)
        return
    with pytest.raises(AbortedError) as caught:
        getattr(provider, method)(request, context)
    assert caught.value.args == (
        grpc.StatusCode.UNKNOWN, "Timeout: the pods of web are not ready",
    )  # fmt: skip
    assert context.details is not None
    assert [*context.details.reasons] == ["Timeout: the pods of web are not ready"]
    assert python_values(context.details.inputs) == inputs, "the engine would lose the Deployment"
    assert context.details.id == cloud.of_type(DEPLOYMENT)[0].id


def test_a_read_returns_inputs_and_outputs(call: Callable[..., Any], cloud: FakeCloud) -> None:
    resource = make(cloud, EIP, "one", domain="vpc")
    answer = call("Read", type=EIP, id=resource.id, urn=resource.urn)
    assert answer.id == resource.id
    assert (python_values(answer.inputs), python_values(answer.properties)) == (
        resource.inputs,
        resource.outputs,
    )


def test_a_read_of_a_missing_resource_is_empty(call: Callable[..., Any], cloud: FakeCloud) -> None:
    resource = make(cloud, EIP, "one")
    for type_, id_ in ((EIP, "gone"), (NAT_GATEWAY, resource.id)):
        answer = call("Read", type=type_, id=id_)
        assert answer.id == "", "a refresh would keep the deleted resource in the state"
        assert python_values(answer.properties) == python_values(answer.inputs) == {}


def test_a_delete_deletes_the_resource(call: Callable[..., Any], cloud: FakeCloud) -> None:
    resource = make(cloud, EIP, "one")
    call("Delete", type=EIP, id=resource.id, urn=resource.urn)
    assert cloud.resources == {}


def test_a_refusal_ends_the_call_with_its_code_and_message(
    call: Callable[..., Any], cloud: FakeCloud
) -> None:
    address = make(cloud, EIP, "one")
    gateway = make(cloud, NAT_GATEWAY, "nat", allocationId=address.id)
    wrong = {"type": NAT_GATEWAY, "urn": urn_of(NAT_GATEWAY, "two")}
    missing = "eipalloc-00000000000000000"
    for method, message, fields in (
        (
            "Delete",
            f"DependencyViolation: {address.id} is in use by NatGateway nat",
            {"type": EIP, "id": address.id},
        ),
        (
            "Create",
            f"NotFound: {missing} does not exist",
            {**wrong, "properties": {"allocationId": missing}},
        ),
        ("Update", "NotFound: gone does not exist", {**wrong, "id": "gone", "news": {}}),
    ):
        with pytest.raises(AbortedError) as caught:
            call(method, **fields)
        assert caught.value.args == (grpc.StatusCode.INVALID_ARGUMENT, message)
    assert list(cloud.resources.values()) == [address, gateway]


def test_a_known_invoke_is_answered(call: Callable[..., Any]) -> None:
    answer = call("Invoke", tok="aws:index/getCallerIdentity:getCallerIdentity", args={})
    assert list(answer.failures) == []
    assert python_values(getattr(answer, "return"))["accountId"] == ACCOUNT
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session"
    token = "aws:iam/getSessionContext:getSessionContext"
    answer = call("Invoke", tok=token, args={"arn": arn})
    assert python_values(getattr(answer, "return"))["arn"] == arn


def test_an_unknown_invoke_fails_with_its_token(call: Callable[..., Any]) -> None:
    answer = call("Invoke", tok="aws:index/getRegion:getRegion", args={})
    assert [each.reason for each in answer.failures] == [
        "no made-up result for aws:index/getRegion:getRegion"
    ]
    assert python_values(getattr(answer, "return")) == {}


def test_checks_and_diffs_of_the_configuration_change_nothing(call: Callable[..., Any]) -> None:
    config = {"region": "eu-west-1"}
    for method in ("Check", "CheckConfig"):
        answer = call(method, news=config, olds={"region": "us-east-1"})
        assert python_values(answer.inputs) == config
        assert list(answer.failures) == []
    assert call("DiffConfig", olds=config, news=config).changes == NONE
    assert call("DiffConfig", olds=config, news={"region": "us-east-1"}).changes == SOME


def test_the_provider_supports_previews(call: Callable[..., Any]) -> None:
    answer = call("Configure")
    assert answer.supportsPreview, "a preview would not show the operations of up"
    assert answer.acceptSecrets
    assert answer.acceptResources


def test_the_version_of_the_plugins_is_higher_than_any_required_one(cloud: FakeCloud) -> None:
    info = FakeProvider(cloud).GetPluginInfo(None, Context())
    assert int(info.version.split(".")[0]) >= 1000
