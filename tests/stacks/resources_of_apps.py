"""Resources of an app or a chart, for tests of the order in which they are created."""

from tests.stacks.resources import RELEASE
from tools.recording import Recording, Resource

BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
CALLS_AWS = {"cluster-autoscaler", "aws-load-balancer-controller", "keda"}
"""Charts whose pods call AWS."""
SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
SCALED = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTHENTICATION = "kubernetes:keda.sh/v1alpha1:TriggerAuthentication"


def release_of(recording: Recording, chart: str) -> Resource:
    [found] = [each for each in recording.of_type(RELEASE) if each.inputs["chart"] == chart]
    return found


def namespace_of(resource: Resource) -> str:
    return resource.inputs["metadata"]["namespace"]


def of_app(recording: Recording, type_: str, app: str) -> Resource:
    [found] = [
        each
        for each in recording.of_type(type_)
        if namespace_of(each) == app and not each.name.startswith("experiments-")
    ]
    return found


def bindings_of(recording: Recording, app: str) -> list[Resource]:
    """Returns the bindings of an app, one for each load balancer with a route to the app."""
    return [each for each in recording.of_type(BINDING) if namespace_of(each) == app]


def autoscaler_of(recording: Recording, app: str) -> Resource:
    """Returns the autoscaler of an app: a ScaledObject if KEDA scales the app."""
    by_keda = recording.settings.replicated[app].scaling.by_keda
    return of_app(recording, SCALED if by_keda else SCALER, app)


def autoscaled(recording: Recording) -> list[str]:
    """Returns the apps that have an autoscaler."""
    return [*recording.settings.replicated]


def exposed(recording: Recording) -> list[str]:
    return [*recording.settings.exposed]
