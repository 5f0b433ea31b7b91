"""Constraints of KEDA and Amazon Managed Service for Prometheus, for apps that scale on
queries or queues.

KEDA: https://github.com/kedacore/keda/blob/v2.20.2/apis/keda/v1alpha1/scaledobject_webhook.go
Scraper: https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-collector-how-to.html
"""

from typing import cast

from tools.rehearsal.constraints.kubernetes import controller_runs
from tools.rehearsal.constraints.network import zones_of
from tools.rehearsal.fake_cloud.cloud import CLUSTER, Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource
from tools.rehearsal.fake_cloud.references import Values, namespace_of

_KEDA = "kubernetes:keda.sh/v1alpha1"
_SCALED_OBJECT = f"{_KEDA}:ScaledObject"
_AUTHENTICATION = f"{_KEDA}:TriggerAuthentication"
_AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_SCRAPER = "aws:amp/scraper:Scraper"

_IGNORED_BY_KEDA = ("validations.keda.sh/hpa-ownership", "false")
"""Annotation of a HorizontalPodAutoscaler that the webhook of KEDA ignores."""
_TRANSFER = ("scaledobject.keda.sh/transfer-hpa-ownership", "true")
"""Annotation of a ScaledObject that takes over an existing HorizontalPodAutoscaler."""


def _keda_runs(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The chart of KEDA brings its kinds, and its operator removes their finalizers."""
    if type_ in (_SCALED_OBJECT, _AUTHENTICATION) and not controller_runs(cloud, "keda"):
        raise RefusedError("Timeout", "kinds and finalizers of KEDA need the KEDA operator")


def _scaled_object(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A ScaledObject needs its Deployment and authentication, and no other autoscaler."""
    if type_ != _SCALED_OBJECT or verb == "delete":
        return
    namespace, spec = namespace_of(inputs), cast("Values", inputs["spec"])
    target = spec["scaleTargetRef"]["name"]
    if target not in _names(cloud, _DEPLOYMENT, namespace):
        raise RefusedError("Denied", f"Deployment {target} does not exist")
    authentications = _names(cloud, _AUTHENTICATION, namespace)
    for trigger in cast("list[Values]", spec["triggers"]):
        name = trigger.get("authenticationRef", {}).get("name")
        if name and name not in authentications:
            raise RefusedError(
                "Timeout",
                f"the ScaledObject does not become ready: TriggerAuthentication {name} does not "
                "exist",
            )
    for other in cloud.of_type(_AUTOSCALER):
        same = other.inputs["spec"]["scaleTargetRef"]["name"] == target
        if namespace_of(other.inputs) == namespace and same and not _compatible(other, inputs):
            raise RefusedError("Denied", f"{target} is already scaled by {other.label}")


def _names(cloud: FakeCloud, type_: str, namespace: str | None) -> set[str]:
    return {
        each.inputs["metadata"]["name"]
        for each in cloud.of_type(type_)
        if namespace_of(each.inputs) == namespace
    }


def _compatible(autoscaler: CloudResource, scaled_object: Values) -> bool:
    """True if KEDA accepts a ScaledObject although an autoscaler of the same target exists."""
    if _has_annotation(autoscaler.inputs, _IGNORED_BY_KEDA):
        return True
    advanced: Values = scaled_object["spec"].get("advanced") or {}
    config: Values = advanced.get("horizontalPodAutoscalerConfig") or {}
    name = autoscaler.inputs["metadata"]["name"]
    return _has_annotation(scaled_object, _TRANSFER) and config.get("name") == name


def _has_annotation(inputs: Values, annotation: tuple[str, str]) -> bool:
    annotations: Values = inputs["metadata"].get("annotations") or {}
    return annotation in annotations.items()


def _scraper(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """A scraper needs subnets in two zones, a private endpoint and access entries."""
    if type_ != _SCRAPER or verb == "delete":
        return
    source = inputs["source"]["eks"]
    if len(zones_of(cloud, source["subnetIds"])) < 2:
        raise RefusedError("ValidationException", "a scraper needs subnets in two zones")
    for cluster in cloud.of_type(CLUSTER):
        if cluster.outputs["arn"] != source["clusterArn"]:
            continue
        if not cluster.inputs["vpcConfig"].get("endpointPrivateAccess"):
            raise RefusedError("ValidationException", "the cluster has no private endpoint")
        if cluster.inputs["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
            raise RefusedError("ValidationException", "the cluster does not use access entries")


CONSTRAINTS: tuple[Constraint, ...] = (_keda_runs, _scaled_object, _scraper)
