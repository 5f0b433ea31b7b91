"""Effects of taints."""

KUBERNETES_EFFECTS = {
    "NO_SCHEDULE": "NoSchedule",
    "NO_EXECUTE": "NoExecute",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
}
"""Names of the effects in Kubernetes, by their names in the EKS API."""
