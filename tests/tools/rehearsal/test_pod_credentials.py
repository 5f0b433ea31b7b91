"""Requests to the API server for pods without credentials, and the report of its answers."""

from typing import Any, cast

import pytest

import tools.rehearsal.pod_credentials as checked
from core.pod_identity import ASSOCIATION, CREDENTIALS
from tests.tools.rehearsal.test_manifest_checks import deployment
from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import ApiError
from tools.rehearsal.pod_credentials import check_pod_credentials

REFUSAL = "EKS Pod Identity has not added AWS credentials to the pod: its association is new"


class FakeServer:
    """Enforces the policy after some requests, and refuses a service account with credentials."""

    def __init__(self, enforced_after: int = 0, refused: str | None = None) -> None:
        self.requests = 0
        self.pods: dict[str, Any] = {}
        self._enforced_after, self._refused = enforced_after, refused

    def create(self, pod: Any) -> str | None:
        self.requests += 1
        name, spec = pod["metadata"]["name"], pod["spec"]
        account = spec.get("serviceAccountName")
        applies = ASSOCIATION in pod["metadata"].get("annotations", {}) or account == "aws-node"
        variables = {each["name"] for each in spec["containers"][0].get("env", [])}
        if account and account == self._refused and CREDENTIALS in variables:
            return "no such account"
        if applies and CREDENTIALS not in variables and self.requests > self._enforced_after:
            return REFUSAL
        assert name not in self.pods, "the pod exists"
        self.pods[name] = pod
        return None

    def delete_now(self, pod: Any) -> None:
        del self.pods[pod["metadata"]["name"]]


def check(server: FakeServer) -> str | None:
    web = deployment("web")
    web["spec"]["template"]["spec"]["containers"] = [{"name": "web"}, {"name": "proxy"}]
    return check_pod_credentials(cast("ApiServer", server), [web]).result


@pytest.mark.parametrize("enforced_after", [0, 3])
def test_pods_are_refused_until_they_have_credentials(enforced_after: int) -> None:
    server = FakeServer(enforced_after)
    assert check(server) == (
        "a pod with an association and a pod of the VPC CNI: refused without, accepted with them"
    )
    assert {*server.pods} == {"with-association", "of-add-on"}


def test_a_policy_that_is_not_enforced_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "_TIMEOUT", 0.0)
    with pytest.raises(ApiError) as caught:
        check(FakeServer(enforced_after=99))
    assert str(caught.value) == (
        "a pod with an association without credentials is not refused for them: accepted"
    )


def test_a_pod_that_is_refused_with_credentials_is_reported() -> None:
    with pytest.raises(ApiError) as caught:
        check(FakeServer(refused="aws-node"))
    assert str(caught.value) == "a pod of the VPC CNI with credentials is refused: no such account"
