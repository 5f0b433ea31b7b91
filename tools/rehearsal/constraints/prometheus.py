"""What KEDA and Amazon Managed Prometheus refuse of apps that follow queries.

KEDA: https://github.com/kedacore/keda/blob/v2.20.2/apis/keda/v1alpha1/scaledobject_webhook.go
The scraper: https://docs.aws.amazon.com/prometheus/latest/userguide/AMP-collector-how-to.html
"""

from typing import cast

from tools.rehearsal.constraints.cell import controller_lives
from tools.rehearsal.constraints.network import zones_of
from tools.rehearsal.fake_cloud.cloud import (
    CLUSTER,
    Cloud,
    Constraint,
    RefusedError,
    Values,
    namespace_of,
)

_KEDA = "kubernetes:keda.sh/v1alpha1"
_SCALED = f"{_KEDA}:ScaledObject"
_AUTHENTICATION = f"{_KEDA}:TriggerAuthentication"
_SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_SCRAPER = "aws:amp/scraper:Scraper"

_NOT_ASKED = ("validations.keda.sh/hpa-ownership", "false")
_TAKES_OVER = ("scaledobject.keda.sh/transfer-hpa-ownership", "true")
"""Annotations of an autoscaler that KEDA is to look past, and of a ScaledObject that takes one."""


def _keda_lives(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """KEDA's kinds come with its chart, and only its operator takes away their finalizers."""
    if type_ in (_SCALED, _AUTHENTICATION) and not controller_lives(cloud, "keda"):
        raise RefusedError("Timeout", "KEDA's kinds and finalizers need its operator")


def _scaled_object(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """It scales what is there, by what is there, and alone."""
    if type_ != _SCALED or verb == "delete":
        return
    space, spec = namespace_of(inputs), cast("Values", inputs["spec"])
    own = {each.inputs["metadata"]["name"]: each for each in cloud.of_type(_DEPLOYMENT)
           if namespace_of(each.inputs) == space}  # fmt: skip
    target = spec["scaleTargetRef"]["name"]
    if target not in own:
        raise RefusedError("Denied", f"there is no Deployment {target}")
    known = {each.inputs["metadata"]["name"] for each in cloud.of_type(_AUTHENTICATION)
             if namespace_of(each.inputs) == space}  # fmt: skip
    for trigger in cast("list[Values]", spec["triggers"]):
        wanted = trigger.get("authenticationRef", {}).get("name")
        if wanted and wanted not in known:
            raise RefusedError("Timeout", f"never Ready: no TriggerAuthentication {wanted}")
    for other in cloud.of_type(_SCALER):
        same = other.inputs["spec"]["scaleTargetRef"]["name"] == target
        if namespace_of(other.inputs) == space and same and not _given_up(other.inputs, inputs):
            raise RefusedError("Denied", f"{target} is already managed by the hpa {other.urn}")


def _given_up(scaler: Values, scaled: Values) -> bool:
    """Whether a ScaledObject may be beside an autoscaler."""
    if _annotated(scaler, _NOT_ASKED):
        return True
    advanced: Values = scaled["spec"].get("advanced") or {}
    own: Values = advanced.get("horizontalPodAutoscalerConfig") or {}
    return _annotated(scaled, _TAKES_OVER) and own.get("name") == scaler["metadata"]["name"]


def _annotated(inputs: Values, pair: tuple[str, str]) -> bool:
    annotations: Values = inputs["metadata"].get("annotations") or {}
    return pair in annotations.items()


def _scraper_sees(cloud: Cloud, verb: str, type_: str, inputs: Values) -> None:
    """A scraper is in two zones, and reaches and enters its cluster by itself."""
    if type_ != _SCRAPER or verb == "delete":
        return
    source = inputs["source"]["eks"]
    if len(zones_of(cloud, source["subnetIds"])) < 2:
        raise RefusedError("ValidationException", "at least two subnets, in two zones")
    for cluster in cloud.of_type(CLUSTER):
        if cluster.outputs["arn"] != source["clusterArn"]:
            continue
        if not cluster.inputs["vpcConfig"].get("endpointPrivateAccess"):
            raise RefusedError("ValidationException", "the cluster has no private endpoint")
        if cluster.inputs["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
            raise RefusedError("ValidationException", "the cluster takes no access entries")


CONSTRAINTS: tuple[Constraint, ...] = (_keda_lives, _scaled_object, _scraper_sees)
"""Those of queries."""
