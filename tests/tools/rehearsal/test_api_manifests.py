"""What is sent to the API server, and what is told of its answers."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from tests.stacks.objects import objects, of_kind
from tools.recording import Recording
from tools.rehearsal.api_server import ApiError, ApiServer, check, pod_of
from tools.rehearsal.run import Act


class FakeServer:
    """Knows some kinds, and has something against some names."""

    def __init__(
        self, unknown: tuple[str, ...] = (), against: Mapping[str, str] | None = None
    ) -> None:
        self.unknown = unknown
        self.against = against or {}
        self.asked: list[tuple[str, str, str]] = []

    def knows(self, manifest: Any) -> bool:
        return manifest["kind"] not in self.unknown

    def apply(self, manifest: Any) -> str | None:
        return self._asked("apply", manifest)

    def create(self, manifest: Any) -> str | None:
        return self._asked("create", manifest)

    def _asked(self, verb: str, manifest: Any) -> str | None:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        self.asked.append((verb, kind, name))
        return self.against.get(f"{kind} {name}")


def checked(server: FakeServer, manifests: list[Any]) -> Act:
    return check(cast("ApiServer", server), manifests)


def thing(kind: str, name: str, **metadata: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **metadata}}


def deployment(name: str) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": []}}
    return {**thing("Deployment", name, namespace="shop"), "spec": {"template": template}}


def test_a_pod_is_what_its_deployment_s_controller_would_make(recording: Recording) -> None:
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
        assert labels.pop("pod-template-hash"), "spread over zones would count other pods"
        assert labels == template["metadata"]["labels"]
        assert pod["spec"] == template["spec"], "another pod would be checked"
        assert "pod-template-hash" not in template["metadata"]["labels"], "the plan was changed"


def test_the_names_of_pods_do_not_clash(recording: Recording) -> None:
    pods = [pod_of(each)["metadata"] for each in of_kind(recording, "Deployment")]
    assert len({(each["namespace"], each["name"]) for each in pods}) == len(pods)


def test_all_objects_are_applied_in_order_and_pods_made_after_them(recording: Recording) -> None:
    server, given = FakeServer(), objects(recording)
    act = checked(server, given)
    applied = [("apply", each["kind"], each["metadata"]["name"]) for each in given]
    pods = [
        ("create", "Pod", f"{each['metadata']['name']}-0")
        for each in of_kind(recording, "Deployment")
    ]
    assert server.asked == [*applied, *pods]
    assert act.told == f"{len(applied)} objects and {len(pods)} pods taken"
    assert act.seconds >= 0


def test_pods_are_made_after_what_follows_their_deployment() -> None:
    server = FakeServer()
    checked(server, [deployment("web"), thing("PriorityClass", "last")])
    assert [name for _, _, name in server.asked] == ["web", "last", "web-0"]


def test_every_refusal_is_told_in_a_line_of_its_own() -> None:
    against = {"Service web": "no ports", "Namespace shop": "no name", "Pod web-0": "runs as root"}
    server = FakeServer(against=against)
    given = [thing("Namespace", "shop"), thing("Service", "web", namespace="shop"),
             deployment("web"), deployment("cache")]  # fmt: skip
    with pytest.raises(ApiError) as caught:
        checked(server, given)
    assert str(caught.value).splitlines() == [
        "Namespace shop: no name",
        "Service shop/web: no ports",
        "Pod shop/web-0: runs as root",
    ]
    assert len(server.asked) == 6, "people would learn of one mistake at a time"


def test_kinds_that_the_server_does_not_know_are_told_once_and_not_applied() -> None:
    server = FakeServer(unknown=("TargetGroupBinding", "Alarm"))
    given = [thing("TargetGroupBinding", "web"), thing("Service", "web"),
             thing("TargetGroupBinding", "shop"), thing("Alarm", "web")]  # fmt: skip
    act = checked(server, given)
    assert server.asked == [("apply", "Service", "web")]
    assert act.told == (
        "1 objects and 0 pods taken; not checked, their CRDs come with a chart: "
        "Alarm, TargetGroupBinding"
    )


def test_a_deployment_that_the_server_does_not_know_makes_no_pod() -> None:
    server = FakeServer(unknown=("Deployment",))
    assert "1 objects and 0 pods" in checked(server, [thing("Service", "a"), deployment("b")]).told
    assert [verb for verb, _, _ in server.asked] == ["apply"]


def test_only_what_charts_bring_is_beyond_a_bare_server(recording: Recording) -> None:
    own = {
        each["kind"]
        for each in objects(recording)
        if "." in each["apiVersion"] and ".k8s.io/" not in each["apiVersion"]
    }
    of_keda = (
        {"ScaledObject", "TriggerAuthentication"} if recording.settings.reads_queries else set()
    )
    wanted = {"TargetGroupBinding"} | of_keda
    assert own == wanted, "one more kind that nobody would have checked"
