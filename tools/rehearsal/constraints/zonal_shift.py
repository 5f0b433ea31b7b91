"""Constraints of Amazon Application Recovery Controller (ARC) on zonal autoshift.

https://docs.aws.amazon.com/r53recovery/latest/dg/getting-started-cli-update-zonal_autoshift.create-practice-run.html
"""

from collections.abc import Iterator

from tools.rehearsal.fake_cloud.cloud import CLUSTER, Constraint, FakeCloud, RefusedError
from tools.rehearsal.fake_cloud.references import Values

_AUTOSHIFT = "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration"
_LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def _resource(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """Autoshift needs a cluster or load balancer for which zonal shift is enabled."""
    if type_ == _AUTOSHIFT and verb != "delete" and inputs["resourceArn"] not in _shifted(cloud):
        raise RefusedError(
            "ResourceNotFoundException", f"{inputs['resourceArn']} is not enabled for zonal shift"
        )


def _shifted(cloud: FakeCloud) -> Iterator[str]:
    for each in cloud.of_type(CLUSTER):
        config: Values = each.inputs.get("zonalShiftConfig") or {}
        if config.get("enabled"):
            yield each.outputs["arn"]
    for each in cloud.of_type(_LOAD_BALANCER):
        if each.inputs.get("enableZonalShift"):
            yield each.outputs["arn"]


def _alarms(cloud: FakeCloud, verb: str, type_: str, inputs: Values) -> None:
    """The alarms of a practice run exist in the region of the resource."""
    if type_ != _AUTOSHIFT or verb == "delete":
        return
    existing = {each.outputs["arn"] for each in cloud.of_type(_ALARM)}
    region = inputs["resourceArn"].split(":")[3]
    for condition in (*inputs["outcomeAlarms"], *(inputs.get("blockingAlarms") or ())):
        arn: str = condition["alarmIdentifier"]
        if arn not in existing or arn.split(":")[3] != region:
            raise RefusedError("ValidationException", f"no alarm {arn} in {region}")


CONSTRAINTS: tuple[Constraint, ...] = (_resource, _alarms)
