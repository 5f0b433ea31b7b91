"""Disruption budgets of the apps."""

from tests.stacks.objects import autoscaled, autoscaler_of, deployments, object_in_namespace
from tools.recording import Recording


def test_every_app_has_a_disruption_budget_that_evicts_unready_pods(
    recording: Recording,
) -> None:
    for name in deployments(recording):
        spec = object_in_namespace(recording, "PodDisruptionBudget", name)["spec"]
        assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow", (
            "an unready pod would block the drain of its node"
        )


def test_evictions_leave_the_needed_replicas(recording: Recording) -> None:
    for name, app in autoscaled(recording).items():
        minimum = autoscaler_of(recording, name)["minReplicas"]
        evicted = object_in_namespace(recording, "PodDisruptionBudget", name)["spec"][
            "maxUnavailable"
        ]
        assert minimum - evicted >= app.replicas.needed, "a drain would overload the other pods"
