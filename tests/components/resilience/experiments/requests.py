"""The request to FIS that the AWS provider sends for a template.

https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/fis/experiment_template.go
"""

from collections.abc import Mapping
from typing import Any

from tools.recording.record import ROOT

TEMPLATE = "aws:fis/experimentTemplate:ExperimentTemplate"
EXAMPLES = ROOT / "examples"

Json = Mapping[str, Any]  # Any: JSON of any shape


def request_of(inputs: Json) -> dict[str, Any]:
    """Returns the members of CreateExperimentTemplate for the inputs of a template."""
    report = inputs["experimentReportConfiguration"]
    logs = inputs["logConfiguration"]
    return {
        "clientToken": inputs["tags"]["Name"],
        "description": inputs["description"],
        "roleArn": inputs["roleArn"],
        "stopConditions": inputs["stopConditions"],
        "actions": {each["name"]: _action(each) for each in inputs["actions"]},
        "targets": {each["name"]: _target(each) for each in inputs["targets"]},
        "experimentOptions": inputs["experimentOptions"],
        "logConfiguration": {
            "logSchemaVersion": int(logs["logSchemaVersion"]),
            "cloudWatchLogsConfiguration": logs["cloudwatchLogsConfiguration"],
        },
        "experimentReportConfiguration": {
            "dataSources": {
                "cloudWatchDashboards": [
                    {"dashboardIdentifier": each["dashboardArn"]}
                    for each in report["dataSources"]["cloudwatchDashboards"]
                ]
            },
            "outputs": report["outputs"],
            "preExperimentDuration": report["preExperimentDuration"],
            "postExperimentDuration": report["postExperimentDuration"],
        },
        "tags": inputs["tags"],
    }


def _action(action: Json) -> dict[str, Any]:
    target = action.get("target")
    return {
        "actionId": action["actionId"],
        "parameters": {each["key"]: each["value"] for each in action["parameters"]},
        "startAfter": action.get("startAfters", []),
        "targets": {target["key"]: target["value"]} if target else {},
    }


def _target(target: Json) -> dict[str, Any]:
    plain = {key: target[key] for key in ("resourceType", "selectionMode")}
    given = {key: target[key] for key in ("resourceArns", "filters", "parameters") if key in target}
    tags = target.get("resourceTags")
    by_key = {"resourceTags": {each["key"]: each["value"] for each in tags}} if tags else {}
    return {**plain, **given, **by_key}
