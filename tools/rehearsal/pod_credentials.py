"""The real API server refuses pods to which EKS Pod Identity has not added credentials."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.pod_identity import ASSOCIATION, CREDENTIALS
from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import ApiError, Manifest, pod_of
from tools.rehearsal.run import Step

_REFUSAL = "EKS Pod Identity has not added AWS credentials to the pod"
_TIMEOUT = 10.0
"""Seconds until the server enforces a new policy; 0.75 on a machine with two cores."""


def check_pod_credentials(server: ApiServer, manifests: Iterable[Manifest]) -> Step:
    """Creates pods with an association and pods of an add-on, each without and with credentials.

    Raises ApiError unless exactly the pods without credentials are refused.
    """
    start = time.monotonic()
    deployment = next(each for each in manifests if each["kind"] == "Deployment")
    kinds = [*_pods(pod_of(deployment))]
    for kind, pod in kinds:
        _wait_for_refusal(server, kind, pod)
        refusal = server.create(_with_credentials(pod))
        if refusal is not None:
            raise ApiError(f"{kind} with credentials is refused: {refusal}")
    return Step(
        scenario="api",
        name="pods without AWS credentials",
        result=f"{' and '.join(kind for kind, _ in kinds)}: refused without, accepted with them",
        seconds=time.monotonic() - start,
    )


def _pods(pod: Manifest) -> Iterator[tuple[str, Manifest]]:
    """Yields a pod with an association and a pod of an add-on, each with a description."""
    metadata: Mapping[str, Any] = {
        **pod["metadata"],
        "name": "with-association",
        "annotations": {ASSOCIATION: "a-1"},
    }
    yield "a pod with an association", {**pod, "metadata": metadata}
    metadata = {"name": "of-add-on", "namespace": "kube-system"}
    spec = {**pod["spec"], "serviceAccountName": "aws-node"}
    yield "a pod of the VPC CNI", {**pod, "metadata": metadata, "spec": spec}


def _wait_for_refusal(server: ApiServer, kind: str, pod: Manifest) -> None:
    """Waits until the server refuses a pod because of its credentials."""
    deadline = time.monotonic() + _TIMEOUT
    while _REFUSAL not in (refusal := server.create(pod) or "accepted"):
        server.delete_now(pod)
        if time.monotonic() > deadline:
            raise ApiError(f"{kind} without credentials is not refused for them: {refusal}")
        time.sleep(0.1)


def _with_credentials(pod: Manifest) -> Manifest:
    """Returns a pod as the webhook of EKS would change it."""
    first, *others = pod["spec"]["containers"]
    variable = {"name": CREDENTIALS, "value": "http://169.254.170.23/v1/credentials"}
    injected: Mapping[str, Any] = {**first, "env": [*(first.get("env") or []), variable]}
    return {**pod, "spec": {**pod["spec"], "containers": [injected, *others]}}
