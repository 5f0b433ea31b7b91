"""Every app has a disruption budget that leaves the needed replicas."""

from tests.stacks.objects import in_namespace, scaler_of
from tests.stacks.test_workloads import deployments, scaled
from tools.recording import Recording


def test_every_app_has_a_disruption_budget_that_evicts_unready_pods(
    recording: Recording,
) -> None:
    for name in deployments(recording):
        spec = in_namespace(recording, "PodDisruptionBudget", name)["spec"]
        assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_evictions_leave_the_needed_replicas(recording: Recording) -> None:
    for name, app in scaled(recording).items():
        minimum = scaler_of(recording, name)["minReplicas"]
        evicted = in_namespace(recording, "PodDisruptionBudget", name)["spec"]["maxUnavailable"]
        assert minimum - evicted >= app.replicas.needed
