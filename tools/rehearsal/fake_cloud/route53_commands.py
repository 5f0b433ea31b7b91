"""Commands of the AWS CLI that drain a cell, over the resources of a fake cloud."""

from collections.abc import Iterator
from typing import Any

from tools.deploy.aws_cli import Ask, AwsError
from tools.deploy.drained import Object
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.fake_cloud.cloud_resource import CloudResource

_RECORD = "aws:route53/record:Record"
_HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"


def route53_commands(cloud: FakeCloud) -> Ask:
    """Returns a function that answers the commands of a drain.

    All other requests fail, as if the region of the cell did not answer.
    """

    def ask(*arguments: str) -> Any:  # Any: JSON of any shape
        options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
        match arguments[:2]:
            case ("route53", "list-resource-record-sets"):
                zone = options["--hosted-zone-id"]
                return {"ResourceRecordSets": [*_records(cloud, zone)]}
            case ("route53", "get-health-check"):
                return {"HealthCheck": _described(_check(cloud, options["--health-check-id"]))}
            case ("route53", "update-health-check"):
                check = _check(cloud, options["--health-check-id"])
                changed = {"childHealthThreshold": int(options["--health-threshold"])}
                check.change({**check.inputs, **changed}, {**check.outputs, **changed})
                return None
            case _:
                raise AwsError("Connect timeout on endpoint URL")

    return ask


def _check(cloud: FakeCloud, id_: str) -> CloudResource:
    return cloud.resources[_HEALTH_CHECK, id_]


def _described(check: CloudResource) -> Object:
    config = {
        "Type": check.inputs["type"],
        "ChildHealthChecks": check.inputs.get("childHealthchecks", []),
        "HealthThreshold": check.inputs.get("childHealthThreshold"),
    }
    return {"Id": check.id, "HealthCheckConfig": config}


def _records(cloud: FakeCloud, zone: str) -> Iterator[Object]:
    """Yields the records of a hosted zone that have a health check."""
    for each in cloud.of_type(_RECORD):
        if each.inputs["zoneId"] == zone and "healthCheckId" in each.inputs:
            yield {
                "Name": f"{each.inputs['name']}.",
                "Type": each.inputs["type"],
                "SetIdentifier": each.inputs["setIdentifier"],
                "HealthCheckId": each.inputs["healthCheckId"],
            }
