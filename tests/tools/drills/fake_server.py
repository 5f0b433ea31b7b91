"""A fake API server for tests of drills: lists of objects, and the created objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.labels import POOL, ZONE
from tests.conftest import recording_of
from tools.control_plane.manifest import ApiError, name_of
from tools.drills.drill import Drill
from tools.drills.node_supply import node_supply
from tools.drills.zones import Zones

Manifest = Mapping[str, Any]
Manifests = list[Manifest]  # a name outside of FakeServer, whose method `list` hides the type


@dataclass
class FakeServer:
    """Objects by kind."""

    objects: dict[str, Manifests] = field(default_factory=dict[str, Manifests])
    created: list[Manifest] = field(default_factory=list[Manifest])
    patched: list[tuple[Manifest, Manifest]] = field(
        default_factory=list[tuple[Manifest, Manifest]]
    )
    """Each object that was changed, with the change."""
    refusals: int = 0
    """Evictions that disruption budgets refuse from now on."""

    def list(self, version: str, kind: str, **selectors: str) -> Sequence[Manifest]:
        found = self.objects.get(kind, [])
        match selectors:
            case {"labelSelector": labels}:
                key, value = labels.split("=")
                return [each for each in found if each["metadata"]["labels"].get(key) == value]
            case {"fieldSelector": "spec.nodeName="}:
                return [each for each in found if "nodeName" not in each["spec"]]
            case {"fieldSelector": field} if field.startswith("spec.nodeName="):
                name = field.partition("=")[2]
                return [each for each in found if each["spec"].get("nodeName") == name]
            case _:
                assert not selectors
                return found

    def create(self, manifest: Manifest) -> str | None:
        self.created.append(manifest)
        self.objects.setdefault(manifest["kind"], []).append(manifest)
        return None

    def apply(self, manifest: Manifest) -> str | None:
        return self.create(manifest)

    def delete_now(self, manifest: Manifest) -> None:
        self.objects[manifest["kind"]].remove(manifest)

    def evict(self, pod: Manifest) -> bool:
        if self.refusals:
            self.refusals -= 1
            return False
        self.delete_now(pod)
        return True

    def wait_for_kind(self, definition: Manifest) -> None:
        assert self.get(definition), "the kind would never be served"

    def patch(self, manifest: Manifest, change: Manifest) -> None:
        if self.get(manifest) is None:
            raise ApiError(f"{name_of(manifest)}: change refused: not found")
        self.patched.append((manifest, change))

    def get(self, manifest: Manifest) -> Manifest | None:
        found = self.objects.get(manifest["kind"], [])
        return manifest if manifest in found else None


def node(name: str, zone: str, pool: str = "general") -> Manifest:
    labels = {ZONE: zone, POOL: pool}
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    return {"kind": "Node", "metadata": {"name": name, "labels": labels}, "status": status}


def pod(app: str, on: str | None = None, *, ready: bool = True, **more: Any) -> Manifest:
    """Returns a pod; one without a node is unschedulable."""
    conditions = {"Ready": "True" if ready else "False"} if on else {}
    reasons = [] if on else [{"type": "PodScheduled", "reason": "Unschedulable"}]
    return {
        "kind": "Pod",
        "metadata": {
            "namespace": app,
            "name": app,
            "ownerReferences": [{"kind": more.pop("owner", "ReplicaSet")}],
            **more.pop("metadata", {}),
        },
        "spec": {
            **({"nodeName": on} if on else {}),
            "containers": [{"resources": {"requests": more.pop("requests", {"cpu": "700m"})}}],
            **more.pop("spec", {}),
        },
        "status": {
            "conditions": [
                *({"type": key, "status": value} for key, value in conditions.items()),
                *reasons,
            ],
            **more,
        },
    }


def each_zone(zones: Sequence[str], count: int) -> Iterator[Manifest]:
    for zone in zones:
        for number in range(count):
            yield node(f"{zone}-{number}", zone)


@dataclass(frozen=True)
class FakeInformer:
    """The objects of a kind on a fake API server."""

    server: FakeServer
    kind: str

    def objects(self) -> Sequence[Manifest]:
        return self.server.objects.get(self.kind, [])


def pods_on(server: FakeServer) -> Any:
    """Returns the informer of the pods."""
    return FakeInformer(server, "Pod")


def drill_on(server: FakeServer) -> Drill:
    """Returns a drill of prod on a fake API server, without processes."""
    unchecked: Any = server
    nodes: Any = FakeInformer(server, "Node")
    unused: Any = None
    return Drill(
        recording=recording_of("prod"),
        server=unchecked,
        pods=pods_on(server),
        nodes=nodes,
        templates=unused,
        supply=node_supply(recording_of("prod"), {}),
        zones=Zones({}),
        baseline=unused,
        controllers=unused,
        folder=Path(),
        programs={},
    )
