"""HA5: rules about volumes that only one node or one zone can use."""

from collections.abc import Iterator

from tools.rules.objects import Objects
from tools.rules.rollout import unavailable
from tools.rules.rule import Evidence, Rule


def _shared_volume(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.replicated:
        claims, pods = objects.single_node_claims(workload), objects.maximum(workload)
        if claims and pods > 1:
            yield Evidence(
                resource=workload.subject,
                field=f"{workload.pod_path}.volumes",
                text=f"{', '.join(claims)} can be mounted on one node at a time, so that the "
                f"others of up to {pods} pods stay pending or run on the same node; write a "
                "StatefulSet with volumeClaimTemplates, or a volume with ReadWriteMany",
            )


SHARED_VOLUME = Rule(
    id="HA506",
    claim="Several pods do not share a volume that only one node can mount.",
    why="A volume with ReadWriteOnce, such as an EBS volume, is in one zone and on one node. All "
    "pods of the workload fail with this node, or never start on others.",
    not_flagged=(
        "claims with ReadWriteMany or ReadOnlyMany",
        "volumeClaimTemplates of StatefulSets: each pod has a volume",
        "workloads with one pod, and claims that no file has",
    ),
    severity="error",
    setting="singletons.NAME.volume",
    find=_shared_volume,
)


def _blocked_rollout(objects: Objects) -> Iterator[Evidence]:
    for workload in objects.replicated:
        claims = objects.single_node_claims(workload)
        if (
            workload.kind == "Deployment"
            and claims
            and objects.maximum(workload) == 1
            and not unavailable(workload, 1)
        ):
            yield Evidence(
                resource=workload.subject,
                field="spec.strategy",
                text="a rollout starts the new pod before it deletes the old one, which still "
                f"uses {', '.join(claims)}; on another node, the new pod never starts; write type: "
                "Recreate",
            )


BLOCKED_ROLLOUT = Rule(
    id="HA507",
    claim="A rollout releases the volume of the old pod first.",
    why="The new pod waits for the volume, and the old pod is deleted only when the new one is "
    "ready. The rollout, for example of a security fix, does not end.",
    not_flagged=(
        "strategy Recreate, and rolling updates with maxUnavailable of 1 or more",
        "StatefulSets, which delete the old pod first",
    ),
    severity="error",
    setting="The program writes Recreate for singletons with a volume.",
    find=_blocked_rollout,
)

RULES = (SHARED_VOLUME, BLOCKED_ROLLOUT)
