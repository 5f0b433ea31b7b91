"""Agreement with the checks of kube-score on high availability, with reasons for differences.

https://github.com/zegl/kube-score/blob/v1.20.0/README_CHECKS.md
"""

from collections.abc import Iterator

_SAME = "the same"

AGREEMENT = {
    "container-ephemeral-storage-request-and-limit": (
        "HA502", "only an emptyDir without a limit fills a disk; logs are rotated",
    ),
    "container-image-tag": ("HA102", "tags such as stable and main move too"),
    "container-resources": ("HA501", "a limit of CPU throttles pods, and none is required"),
    "deployment-has-host-podantiaffinity": (
        "HA503", "a spread over zones protects from the loss of a zone and of a node",
    ),
    "deployment-has-poddisruptionbudget": (
        "HA601", "pods behind no Service and single pods need no budget",
    ),
    "deployment-replicas": (
        "HA101", "the autoscaler counts, and pods that must not run twice are not flagged",
    ),
    "deployment-strategy": (
        "", "Recreate is right for pods that must not run twice, and the default is RollingUpdate",
    ),
    "deployment-targeted-by-hpa-does-not-have-replicas-configured": ("HA405", _SAME),
    "horizontalpodautoscaler-has-target": ("HA403", _SAME),
    "horizontalpodautoscaler-replicas": ("HA101", "a workload behind no Service may scale to 1"),
    "ingress-targets-service": (
        "HA105", "ports are compared too; a Service that no file has may exist in the cluster",
    ),
    "pod-probes": ("HA201", "a liveness probe is no requirement: a wrong one restarts all pods"),
    "pod-probes-identical": (
        "HA202", "the same request is right if the liveness probe fails later",
    ),
    "pod-topology-spread-constraints": ("HA503", "an anti-affinity by zone is accepted too"),
    "poddisruptionbudget-has-policy": ("HA602", "the budget must also allow an eviction"),
    "service-targets-pod": ("HA103", _SAME),
    "statefulset-has-host-podantiaffinity": ("HA503", "as for Deployments"),
    "statefulset-has-poddisruptionbudget": ("HA601", "as for Deployments"),
}  # fmt: skip
"""Rule that corresponds to a check, and the difference. Empty text means no rule."""


def agreement() -> Iterator[str]:
    """Yields the lines of a Markdown section about kube-score."""
    yield "## Agreement with kube-score\n"
    yield "`make scan` runs [kube-score](https://github.com/zegl/kube-score) beside the audit. Its"
    yield "other checks are about security and form.\n"
    yield "| check of kube-score | rule | difference |\n|---|---|---|"
    for check, (rule, difference) in AGREEMENT.items():
        link = f"[{rule}](#{rule.lower()})" if rule else "none"
        yield f"| {check} | {link} | {difference} |"
