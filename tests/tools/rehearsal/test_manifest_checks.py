"""Requests to the API server, and the report of its answers."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from tests.stacks.objects import objects, of_kind
from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import ApiError, pod_of
from tools.recording import Recording
from tools.rehearsal.manifest_checks import check_manifests
from tools.rehearsal.run import Step


class FakeServer:
    """Serves all kinds except some, and refuses some objects."""

    def __init__(
        self, unknown: tuple[str, ...] = (), refusals: Mapping[str, str] | None = None
    ) -> None:
        self.unknown = unknown
        self.refusals = refusals or {}
        self.requests: list[tuple[str, str, str]] = []

    def serves(self, manifest: Any) -> bool:
        return manifest["kind"] not in self.unknown

    def apply(self, manifest: Any) -> str | None:
        return self._request("apply", manifest)

    def create(self, manifest: Any) -> str | None:
        return self._request("create", manifest)

    def _request(self, verb: str, manifest: Any) -> str | None:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        self.requests.append((verb, kind, name))
        return self.refusals.get(f"{kind} {name}")


def check(server: FakeServer, manifests: list[Any]) -> Step:
    return check_manifests(cast("ApiServer", server), manifests)


def manifest(kind: str, name: str, **metadata: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **metadata}}


def deployment(name: str) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": []}}
    return {**manifest("Deployment", name, namespace="shop"), "spec": {"template": template}}


def test_a_pod_is_like_the_pods_of_its_deployment(recording: Recording) -> None:
    deployments = of_kind(recording, "Deployment")
    assert len(deployments) > 4
    for each in deployments:
        pod = pod_of(each)
        template = each["spec"]["template"]
        assert (pod["apiVersion"], pod["kind"]) == ("v1", "Pod")
        metadata = pod["metadata"]
        assert metadata["namespace"] == each["metadata"]["namespace"]
        assert metadata["name"].startswith(each["metadata"]["name"] + "-")
        labels = dict(metadata["labels"])
        assert labels.pop("pod-template-hash"), "spread constraints use this label"
        assert labels == template["metadata"]["labels"]
        assert pod["spec"] == template["spec"], "another pod spec would be checked"
        assert "pod-template-hash" not in template["metadata"]["labels"], "the recording changed"


def test_the_names_of_pods_are_unique(recording: Recording) -> None:
    pods = [pod_of(each)["metadata"] for each in of_kind(recording, "Deployment")]
    assert len({(each["namespace"], each["name"]) for each in pods}) == len(pods)


def test_all_objects_are_applied_in_order_and_then_pods_created(recording: Recording) -> None:
    server, manifests = FakeServer(), objects(recording)
    step = check(server, manifests)
    applied = [("apply", each["kind"], each["metadata"]["name"]) for each in manifests]
    pods = [
        ("create", "Pod", f"{each['metadata']['name']}-0")
        for each in of_kind(recording, "Deployment")
    ]
    assert server.requests == [*applied, *pods]
    assert (step.scenario, step.result) == (
        "api", f"{len(applied)} objects and {len(pods)} pods accepted",
    )  # fmt: skip
    assert step.seconds >= 0


def test_pods_are_created_after_objects_that_follow_their_deployment() -> None:
    server = FakeServer()
    check(server, [deployment("web"), manifest("PriorityClass", "last")])
    assert [name for _, _, name in server.requests] == ["web", "last", "web-0"]


def test_all_refusals_are_reported_one_per_line() -> None:
    refusals = {"Service web": "no ports", "Namespace shop": "no name", "Pod web-0": "runs as root"}
    server = FakeServer(refusals=refusals)
    manifests = [manifest("Namespace", "shop"), manifest("Service", "web", namespace="shop"),
                 deployment("web"), deployment("cache")]  # fmt: skip
    with pytest.raises(ApiError) as caught:
        check(server, manifests)
    assert str(caught.value).splitlines() == [
        "Namespace shop: no name",
        "Service shop/web: no ports",
        "Pod shop/web-0: runs as root",
    ]
    assert len(server.requests) == 6, "the check stopped at a refusal"


def test_unknown_kinds_are_not_applied_and_reported_once() -> None:
    server = FakeServer(unknown=("TargetGroupBinding", "Alarm"))
    manifests = [manifest("TargetGroupBinding", "web"), manifest("Service", "web"),
                 manifest("TargetGroupBinding", "shop"), manifest("Alarm", "web")]  # fmt: skip
    step = check(server, manifests)
    assert server.requests == [("apply", "Service", "web")]
    assert step.result == (
        "1 objects and 0 pods accepted; not checked, because a Helm chart defines them: "
        "Alarm, TargetGroupBinding"
    )


def test_a_deployment_of_an_unknown_kind_has_no_pod() -> None:
    server = FakeServer(unknown=("Deployment",))
    step = check(server, [manifest("Service", "a"), deployment("b")])
    assert server.requests == [("apply", "Service", "a")]
    assert step.result == (
        "1 objects and 0 pods accepted; not checked, because a Helm chart defines them: Deployment"
    )


def test_only_kinds_of_known_charts_are_not_checked(recording: Recording) -> None:
    kinds = {
        each["kind"]
        for each in objects(recording)
        if "." in each["apiVersion"] and ".k8s.io/" not in each["apiVersion"]
    }
    keda = {"ScaledObject", "TriggerAuthentication"} if recording.settings.uses_keda else set()
    has_secrets = any(each.aws_secrets for each in recording.settings.workloads.values())
    secrets = {"SecretProviderClass"} if has_secrets else set()
    assert kinds == {"TargetGroupBinding"} | keda | secrets, "another kind would not be checked"
