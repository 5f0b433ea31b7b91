from components.observability.tracing import Tracing, TracingArgs
from core.trace_names import MAX_LENGTH, cell_in_traces, service_name, services_filter
from tests.components.deploy import Deployed, context, deploy, with_aws

GROUP = "aws:xray/group:Group"
RULE = "aws:xray/samplingRule:SamplingRule"


def tracing(cell: str = "prod", percent: float = 5) -> Deployed:
    def build() -> None:
        args = TracingArgs(context=context(cell), apps=["web", "api"], sampled_percent=percent)
        Tracing("tracing", args, with_aws())

    return deploy(build)


def test_the_group_selects_the_services_of_the_cell_and_sends_no_notifications() -> None:
    group = tracing().one(GROUP).inputs
    assert group["groupName"] == "prod"
    assert group["filterExpression"] == 'service("prod/api") OR service("prod/web")'
    assert group["insightsConfiguration"] == {
        "insightsEnabled": True,
        "notificationsEnabled": False,
    }


def test_the_sampling_rule_matches_all_requests_to_services_of_the_cell() -> None:
    rule = tracing().one(RULE).inputs
    assert rule["serviceName"] == "prod/*", "the rule would apply to other cells"
    for each in ("serviceType", "host", "httpMethod", "urlPath", "resourceArn"):
        assert rule[each] == "*"
    assert (rule["fixedRate"], rule["reservoirSize"], rule["version"]) == (0.05, 1, 1)


def test_the_priority_is_after_custom_rules_and_before_the_default_rule() -> None:
    assert 5000 < tracing().one(RULE).inputs["priority"] < 10000


def test_the_sampling_rate_can_be_0_and_100_percent() -> None:
    assert tracing(percent=0).one(RULE).inputs["fixedRate"] == 0
    assert tracing(percent=100).one(RULE).inputs["fixedRate"] == 1


def test_long_cell_names_are_shortened_and_stay_unique() -> None:
    one, two = "x" * 99 + "1", "x" * 99 + "2"
    assert cell_in_traces(one) != cell_in_traces(two), "two cells would share a group"
    assert len(cell_in_traces(one)) == MAX_LENGTH == len(cell_in_traces("x" * MAX_LENGTH))
    resources = tracing(one)
    assert (
        resources.one(GROUP).inputs["groupName"]
        == resources.one(RULE).inputs["ruleName"]
        == cell_in_traces(one)
    )
    assert len(resources.one(RULE).inputs["serviceName"]) <= 64
    assert cell_in_traces("Default").startswith("Default-"), "X-Ray has a built-in group Default"
    assert service_name(one, "web") in resources.one(GROUP).inputs["filterExpression"]


def test_the_filter_does_not_depend_on_the_order_of_the_services() -> None:
    assert services_filter(["b", "a"]) == services_filter(["a", "b"])
