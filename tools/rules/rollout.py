"""Rolling updates, budgets and percentages of pods."""

from math import ceil, floor

from tools.manifests.fields import Fields
from tools.rules.model import Workload


def unavailable(workload: Workload, pods: int) -> int:
    """Returns the number of pods that a rollout may delete before their successors are ready.

    https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
    """
    if workload.kind != "Deployment" or workload.recreated:
        return 1
    update = workload.object.spec.at("strategy.rollingUpdate")
    surplus = surge(workload, pods)
    found = share(update, "maxUnavailable", pods, default="25%", up=False)
    return found if found or surplus else 1


def surge(workload: Workload, pods: int) -> int:
    """Returns the number of pods that a rollout may create beside the old ones."""
    if workload.kind != "Deployment" or workload.recreated:
        return 0
    update = workload.object.spec.at("strategy.rollingUpdate")
    return share(update, "maxSurge", pods, default="25%", up=True)


def share(fields: Fields, key: str, pods: int, *, default: str, up: bool) -> int:
    """Returns a number of pods that is written as a number or as a percentage of all pods."""
    text = fields.text(key) or default
    percent = text.removesuffix("%")
    if percent == text or not percent.isdigit():
        return fields.number(key) or 0
    part = pods * int(percent) / 100
    return ceil(part) if up else floor(part)
