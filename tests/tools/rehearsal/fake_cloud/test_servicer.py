"""The stand-in cloud as the engine sees it, request by request."""

from collections.abc import Callable
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.rpc import UNKNOWN

from tests.tools.rehearsal.clouds import empty_cloud, make, urn_of
from tools.recording.made_up_outputs import ACCOUNT
from tools.recording.wire import plain, struct_of
from tools.rehearsal.fake_cloud.cloud import Cloud, Values
from tools.rehearsal.fake_cloud.servicer import Servicer

EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"

NONE, SOME = provider_pb2.DiffResponse.DIFF_NONE, provider_pb2.DiffResponse.DIFF_SOME


class AbortedError(Exception):
    """What gRPC raises when a call is aborted."""


class Context:
    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise AbortedError(code, details)


@pytest.fixture
def cloud() -> Cloud:
    return empty_cloud()


@pytest.fixture
def call(cloud: Cloud) -> Callable[..., Any]:
    """Calls a method by name, with the fields of its request."""
    servicer = Servicer(cloud)

    def do(method: str, **fields: Any) -> Any:
        kind = getattr(provider_pb2, f"{method.removesuffix('Config')}Request")
        values = {k: struct_of(v) if isinstance(v, dict) else v for k, v in fields.items()}
        return getattr(servicer, method)(kind(**values), Context())

    return do


@pytest.mark.parametrize(
    ("type_", "old", "new", "diffs", "replaces", "first"),
    [
        (GROUP, {}, {}, [], [], False),
        (GROUP, {"version": "1", "size": {"max": 2}}, {"version": "1", "size": {"max": 2}},
         [], [], False),
        (GROUP, {"version": "1", "tags": {"a": "b"}}, {"version": "2"},
         ["tags", "version"], [], False),
        (GROUP, {"amiType": "a", "version": "1"}, {"amiType": "b", "version": "2"},
         ["amiType", "version"], ["amiType"], False),
        (CLUSTER, {"name": "a", "roleArn": "a"}, {"name": "b", "roleArn": "b"},
         ["name", "roleArn"], ["name", "roleArn"], True),
        (CLUSTER, {"name": "a", "version": "1"}, {"name": "a", "version": "2"},
         ["version"], [], False),
        (DEPLOYMENT, {"metadata": {"name": "a"}, "spec": {"selector": 1}},
         {"metadata": {"name": "a"}, "spec": {"selector": 2}}, ["spec"], ["spec"], True),
        (DEPLOYMENT, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}},
         ["metadata"], ["metadata"], False),
        (GROUP, {"subnetIds": ["a"]}, {"subnetIds": UNKNOWN}, ["subnetIds"], ["subnetIds"], False),
    ],
)  # fmt: skip
def test_a_diff_tells_what_changes_and_how(
    call: Callable[..., Any],
    type_: str, old: Values, new: Values, diffs: list[str], replaces: list[str], first: bool,
) -> None:  # fmt: skip
    decided = {**old, "arn": "decided by the cloud"}
    answer = call("Diff", type=type_, old_inputs=old, olds=decided, news=new)
    assert answer.changes == (SOME if diffs else NONE)
    assert list(answer.diffs) == diffs
    assert list(answer.replaces) == replaces
    assert answer.deleteBeforeReplace is first


def test_a_creation_in_a_preview_does_nothing(call: Callable[..., Any], cloud: Cloud) -> None:
    fields = {"type": EIP, "urn": urn_of(EIP, "one"), "properties": {"domain": "vpc"}}
    answer = call("Create", preview=True, **fields)
    assert plain(answer.properties) == {"domain": "vpc", "arn": UNKNOWN, "ownerId": UNKNOWN}
    assert (answer.id, cloud.resources, cloud.journal) == ("", {}, [])


def test_a_creation_makes_the_thing(call: Callable[..., Any], cloud: Cloud) -> None:
    fields = {"type": EIP, "urn": urn_of(EIP, "one"), "properties": {"domain": "vpc"}}
    answer = call("Create", **fields)
    [thing] = cloud.resources.values()
    assert (answer.id, plain(answer.properties)) == (thing.id, thing.outputs)
    assert (thing.type, thing.urn, thing.inputs) == (EIP, fields["urn"], {"domain": "vpc"})
    assert thing.outputs["ownerId"] == ACCOUNT


def test_whole_numbers_reach_the_cloud_as_such(call: Callable[..., Any], cloud: Cloud) -> None:
    call("Create", type=EIP, urn=urn_of(EIP, "one"), properties={"port": 80, "share": 0.5})
    [thing] = cloud.resources.values()
    assert repr(thing.inputs) == "{'port': 80, 'share': 0.5}", "80.0 is no port"


def test_an_update_changes_the_thing(call: Callable[..., Any], cloud: Cloud) -> None:
    thing = make(cloud, EIP, "one", domain="vpc")
    decided = {key: thing.outputs[key] for key in ("arn", "ownerId")}
    fields = {
        "type": EIP,
        "id": thing.id,
        "urn": thing.urn,
        "olds": dict(thing.outputs),
        "old_inputs": {"domain": "vpc"},
        "news": {"tags": {"a": "b"}},
    }
    foreseen = call("Update", preview=True, **fields)
    assert plain(foreseen.properties) == {**decided, "tags": {"a": "b"}}
    assert thing.outputs == {**decided, "domain": "vpc"}, "a preview changed something"
    assert [each.verb for each in cloud.journal] == ["create"]
    answer = call("Update", **fields)
    assert plain(answer.properties) == thing.outputs == {**decided, "tags": {"a": "b"}}
    assert [each.verb for each in cloud.journal] == ["create", "update"]


def test_what_is_there_is_read_as_it_is(call: Callable[..., Any], cloud: Cloud) -> None:
    thing = make(cloud, EIP, "one", domain="vpc")
    answer = call("Read", type=EIP, id=thing.id, urn=thing.urn)
    assert answer.id == thing.id
    assert (plain(answer.inputs), plain(answer.properties)) == (thing.inputs, thing.outputs)


def test_what_is_not_there_is_read_as_nothing(call: Callable[..., Any], cloud: Cloud) -> None:
    thing = make(cloud, EIP, "one")
    for type_, id_ in ((EIP, "gone"), (NAT, thing.id)):
        answer = call("Read", type=type_, id=id_)
        assert answer.id == "", "a refresh would keep what is gone"
        assert plain(answer.properties) == plain(answer.inputs) == {}


def test_a_deletion_deletes(call: Callable[..., Any], cloud: Cloud) -> None:
    thing = make(cloud, EIP, "one")
    call("Delete", type=EIP, id=thing.id, urn=thing.urn)
    assert cloud.resources == {}


def test_what_the_cloud_refuses_is_told_with_its_code(
    call: Callable[..., Any], cloud: Cloud
) -> None:
    address = make(cloud, EIP, "one")
    gateway = make(cloud, NAT, "nat", allocationId=address.id)
    wrong = {"type": NAT, "urn": urn_of(NAT, "two")}
    missing = "eipalloc-00000000000000000"
    for method, code, word, fields in (
        ("Delete", "DependencyViolation", "nat", {"type": EIP, "id": address.id}),
        ("Create", "NotFound", missing, {**wrong, "properties": {"allocationId": missing}}),
        ("Update", "NotFound", "gone", {**wrong, "id": "gone", "news": {}}),
    ):
        with pytest.raises(AbortedError) as caught:
            call(method, **fields)
        status, text = caught.value.args
        assert status == grpc.StatusCode.INVALID_ARGUMENT
        assert text.startswith(f"{code}: ")
        assert word in text
    assert list(cloud.resources.values()) == [address, gateway]


def test_a_known_function_is_answered(call: Callable[..., Any]) -> None:
    answer = call("Invoke", tok="aws:index/getCallerIdentity:getCallerIdentity", args={})
    assert list(answer.failures) == []
    assert plain(getattr(answer, "return"))["accountId"] == ACCOUNT
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session"
    token = "aws:iam/getSessionContext:getSessionContext"
    answer = call("Invoke", tok=token, args={"arn": arn})
    assert plain(getattr(answer, "return"))["arn"] == arn


def test_an_unknown_function_is_a_failure_that_names_it(call: Callable[..., Any]) -> None:
    answer = call("Invoke", tok="aws:index/getRegion:getRegion", args={})
    assert [each.reason for each in answer.failures] == [
        "no answer for aws:index/getRegion:getRegion"
    ]
    assert plain(getattr(answer, "return")) == {}


def test_a_provider_takes_its_config_as_it_is(call: Callable[..., Any]) -> None:
    config = {"region": "eu-west-1"}
    for method in ("Check", "CheckConfig"):
        answer = call(method, news=config, olds={"region": "us-east-1"})
        assert plain(answer.inputs) == config
        assert list(answer.failures) == []
    assert call("DiffConfig", olds=config, news=config).changes == NONE
    assert call("DiffConfig", olds=config, news={"region": "us-east-1"}).changes == SOME


def test_a_provider_is_asked_in_previews_too(call: Callable[..., Any]) -> None:
    answer = call("Configure")
    assert answer.supportsPreview, "a preview would not tell what an up does"
    assert answer.acceptSecrets
    assert answer.acceptResources


def test_the_plugins_are_newer_than_any_that_is_asked_for(cloud: Cloud) -> None:
    info = Servicer(cloud).GetPluginInfo(None, Context())
    assert int(info.version.split(".")[0]) >= 1000
