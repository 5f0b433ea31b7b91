"""What alarms, topics, dashboards, saved queries and the sorting of traces answer with, by type."""

from tools.recording.made_up_outputs.account_and_vpc import (
    Answer,
    Cloud,
    Inputs,
    Outputs,
    digest,
    uuid,
)


def _alarm(key: str) -> Answer:
    """An alarm, whose id is its name."""

    def answer(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
        return inputs[key], {"arn": cloud.arn("cloudwatch", f"alarm:{inputs[key]}",
                                              region=inputs.get("region"))}  # fmt: skip

    return answer


def _dashboard(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    own = inputs["dashboardName"]
    return own, {"dashboardArn": cloud.arn("cloudwatch", f"dashboard/{own}", regional=False)}


def _topic(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    given = inputs.get("name") or f"{name}-{digest(name, 7)}"
    arn = cloud.arn("sns", given, region=inputs.get("region"))
    return arn, {"arn": arn, "name": given}


def _topic_policy(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    return inputs["arn"], {}


def _subscription(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    arn = f"{inputs['topic']}:{uuid(name)}"
    return arn, {"arn": arn}


def _query(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    id_ = uuid(name)
    return id_, {"queryDefinitionId": id_}


def _trace_group(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    arn = cloud.arn("xray", f"group/{inputs['groupName']}/{digest(name, 26).upper()}")
    return arn, {"arn": arn}


def _sampling_rule(cloud: Cloud, name: str, inputs: Inputs) -> tuple[str, Outputs]:
    own = inputs["ruleName"]
    return own, {"arn": cloud.arn("xray", f"sampling-rule/{own}")}


WATCHING: dict[str, Answer] = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _alarm("alarmName"),
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm("name"),
    "aws:cloudwatch/queryDefinition:QueryDefinition": _query,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:xray/group:Group": _trace_group,
    "aws:xray/samplingRule:SamplingRule": _sampling_rule,
}
