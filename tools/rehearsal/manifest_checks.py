"""Scenario `api`: a real Kubernetes API server validates the recorded manifests and their pods."""

import time
from collections.abc import Iterable

from tools.control_plane.api_client import ApiServer
from tools.control_plane.manifest import ApiError, Manifest, name_of, pod_of
from tools.rehearsal.run import Step


def check_manifests(server: ApiServer, manifests: Iterable[Manifest]) -> Step:
    """Applies all manifests in order, then creates one pod of each Deployment and PodTemplate.

    Raises ApiError with all refusals.
    """
    start = time.monotonic()
    applied: list[Manifest] = []
    refused: list[str] = []
    unknown: set[str] = set()
    for each in manifests:
        if not server.serves(each):
            unknown.add(each["kind"])
            continue
        applied.append(each)
        refusal = server.apply(each)
        refused += _problem(each, refusal)
        if each["kind"] == "CustomResourceDefinition" and not refusal:
            server.wait_for_kind(each)
    pods = [pod_of(each) for each in applied if each["kind"] in ("Deployment", "PodTemplate")]
    for each in pods:
        refused += _problem(each, server.create(each))
    if refused:
        raise ApiError("\n".join(refused))
    result = f"{len(applied)} objects and {len(pods)} pods accepted"
    if unknown:
        kinds = ", ".join(sorted(unknown))
        result += f"; not checked, because a Helm chart defines them: {kinds}"
    return Step(
        scenario="api",
        name="strict server-side apply, and pod security of the pods",
        result=result,
        seconds=time.monotonic() - start,
    )


def _problem(manifest: Manifest, refusal: str | None) -> list[str]:
    return [f"{name_of(manifest)}: {refusal}"] if refusal else []
