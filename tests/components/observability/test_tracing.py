from components.observability.tracing import Tracing, TracingArgs
from core.trace_names import LONGEST, of_services, service, short
from tests.components.deploy import Deployed, context, deploy, with_aws

GROUP = "aws:xray/group:Group"
RULE = "aws:xray/samplingRule:SamplingRule"


def tracing(cell: str = "prod", percent: float = 5) -> Deployed:
    def build() -> None:
        args = TracingArgs(context=context(cell), apps=["web", "api"], sampled_percent=percent)
        Tracing("tracing", args, with_aws())

    return deploy(build)


def test_the_group_is_of_the_cell_s_own_services_and_watched_in_silence() -> None:
    group = tracing().one(GROUP).inputs
    assert group["groupName"] == "prod"
    assert group["filterExpression"] == 'service("prod/api") OR service("prod/web")'
    assert group["insightsConfiguration"] == {
        "insightsEnabled": True,
        "notificationsEnabled": False,
    }


def test_the_rule_is_of_the_cell_s_services_whatever_they_are_asked() -> None:
    rule = tracing().one(RULE).inputs
    assert rule["serviceName"] == "prod/*", "another cell would be sampled by it"
    for each in ("serviceType", "host", "httpMethod", "urlPath", "resourceArn"):
        assert rule[each] == "*"
    assert (rule["fixedRate"], rule["reservoirSize"], rule["version"]) == (0.05, 1, 1)


def test_the_rule_comes_after_people_s_own_and_before_x_ray_s_default() -> None:
    assert 5000 < tracing().one(RULE).inputs["priority"] < 10000


def test_none_and_all_can_be_sampled() -> None:
    assert tracing(percent=0).one(RULE).inputs["fixedRate"] == 0
    assert tracing(percent=100).one(RULE).inputs["fixedRate"] == 1


def test_a_long_name_of_a_cell_fits_and_stays_its_own() -> None:
    one, two = "x" * 99 + "1", "x" * 99 + "2"
    assert short(one) != short(two), "two cells would be one"
    assert len(short(one)) == LONGEST == len(short("x" * LONGEST))
    made = tracing(one)
    assert made.one(GROUP).inputs["groupName"] == made.one(RULE).inputs["ruleName"] == short(one)
    assert len(made.one(RULE).inputs["serviceName"]) <= 64
    assert short("Default").startswith("Default-"), "X-Ray has one of its own"
    assert service(one, "web") in made.one(GROUP).inputs["filterExpression"]


def test_one_order_of_services_whatever_the_file_s_is() -> None:
    assert of_services(["b", "a"]) == of_services(["a", "b"])
