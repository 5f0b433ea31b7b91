"""Made-up outputs of alarms, topics, dashboards, saved queries, traces and experiments, by type."""

from tools.recording.made_up_outputs.account import (
    Account,
    Inputs,
    MakeOutputs,
    Outputs,
)
from tools.recording.made_up_outputs.ids import digest, uuid


def _alarm(key: str) -> MakeOutputs:
    """Returns the function that makes up an alarm.

    `key` is the input with the name of the alarm, which is also its ID.
    """

    def make_outputs(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        return inputs[key], {"arn": account.arn("cloudwatch", f"alarm:{inputs[key]}",
                                              region=inputs.get("region"))}  # fmt: skip

    return make_outputs


def _dashboard(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    physical_name = inputs["dashboardName"]
    return physical_name, {
        "dashboardArn": account.arn("cloudwatch", f"dashboard/{physical_name}", regional=False)
    }


def _topic(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    physical_name = inputs.get("name") or f"{name}-{digest(name, 7)}"
    arn = account.arn("sns", physical_name, region=inputs.get("region"))
    return arn, {"arn": arn, "name": physical_name}


def _topic_policy(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return inputs["arn"], {}


def _subscription(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    arn = f"{inputs['topic']}:{uuid(name)}"
    return arn, {"arn": arn}


def _event_target(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"{inputs['rule']}-{inputs['targetId']}", {}


def _log_resource_policy(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    """Returns the policy of a log group. The ID is the ARN of the group."""
    return inputs["resourceArn"], {}


def _query(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid(name)
    return id_, {"queryDefinitionId": id_}


def _trace_group(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    arn = account.arn("xray", f"group/{inputs['groupName']}/{digest(name, 26).upper()}")
    return arn, {"arn": arn}


def _sampling_rule(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    physical_name = inputs["ruleName"]
    return physical_name, {"arn": account.arn("xray", f"sampling-rule/{physical_name}")}


def _experiment_template(account: Account, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return f"EXT{digest(f'template{name}', 15)}", {}


MONITORING: dict[str, MakeOutputs] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _alarm("alarmName"),
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/eventTarget:EventTarget": _event_target,
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": _log_resource_policy,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm("name"),
    "aws:cloudwatch/queryDefinition:QueryDefinition": _query,
    "aws:fis/experimentTemplate:ExperimentTemplate": _experiment_template,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:xray/group:Group": _trace_group,
    "aws:xray/samplingRule:SamplingRule": _sampling_rule,
}
