"""Settings and resources in which the shipped stacks may differ."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from tools.recording import Recording

SETTINGS_OF_A_CELL = {
    "aws.region",
    "network.cidr",
    "network.zones",
    "network.controlPlaneZones",
    "images.credentials.ghcr.io",
    "traffic.role",
}
"""Region, network and traffic role of a cell."""

SETTINGS_OF_DEV = SETTINGS_OF_A_CELL | {
    "network.nat",
    "protected",
    "audit.waivers",
    "cluster.logRetentionDays",
    "pools.general.perZone.max",
    "apps.web.requests.cpu",
    "apps.web.requests.memory",
    "apps.web.replicas.needed",
    "apps.web.replicas.max",
    "apps.cache.image",
    "apps.cache.replicas.needed",
    "apps.cache.replicas.max",
    "loadBalancing.accessLogDays",
    "observability.alarms.subscriptions",
    "observability.logRetentionDays",
    "observability.traces.sampledPercent",
    "images.source",
    "traffic",
    *(
        f"resilience.autoshift{each}"
        for each in (
            "",
            ".practiceOnly",
            ".observer",
            ".blockedDates",
            ".practiceWindows.cluster",
            ".practiceWindows.loadBalancer",
            ".practiceWindows.internalLoadBalancer",
        )
    ),
}
"""Settings that make dev smaller, cheaper and easy to destroy.

Dev traces all requests and has no domain, secrets or alarm subscribers. One setting reduces
availability: dev pulls images from upstream registries.
"""

RESOURCES_OF_A_DOMAIN = {
    ("aws:acm/certificate:Certificate", "lb"),
    ("aws:acm/certificateValidation:CertificateValidation", "lb"),
    ("aws:route53/record:Record", "lb-validation"),
    ("aws:lb/listener:Listener", "lb-https"),
    ("aws:route53/healthCheck:HealthCheck", "traffic"),
    ("aws:route53/healthCheck:HealthCheck", "traffic-all"),
    ("ha-eks:index:Traffic", "traffic"),
    ("aws:route53/record:Record", "traffic"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "lb-from-anywhere-443"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-health-web"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-certificate-app.example.com"),
}
RESOURCES_OF_A_PRIMARY = {
    ("aws:cloudwatch/eventRule:EventRule", "traffic-latch"),
    ("aws:cloudwatch/eventTarget:EventTarget", "traffic-latch"),
    ("aws:cloudwatch/logGroup:LogGroup", "traffic-latch"),
    ("aws:cloudwatch/logMetricFilter:LogMetricFilter", "traffic-latch"),
    ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "traffic-latch"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "traffic-latch"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "traffic-latch-web"),
    ("aws:route53/healthCheck:HealthCheck", "traffic-latch"),
    ("ha-eks:index:FailoverLatch", "traffic-latch"),
}
"""Failover latch of a primary cell."""
RESOURCES_OF_AUTOSHIFT = {
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-apps-below-need"),
    ("ha-eks:index:Resilience", "resilience"),
    *(
        (
            "aws:arczonalshift/zonalAutoshiftConfiguration:ZonalAutoshiftConfiguration",
            f"resilience-autoshift-{each}",
        )
        for each in ("cluster", "lb")
    ),
    ("aws:cloudwatch/eventRule:EventRule", "resilience-zonal-shifts"),
    ("aws:cloudwatch/eventTarget:EventTarget", "resilience-zonal-shifts"),
}
HEALTH_ALARM_TOPIC = {
    ("aws:kms/key:Key", "alarms-health"),
    ("aws:kms/alias:Alias", "alarms-health"),
    ("aws:sns/topic:Topic", "alarms-health"),
    ("aws:sns/topicPolicy:TopicPolicy", "alarms-health"),
}
"""Topic in us-east-1, the region of Route 53 metrics, of a cell in another region; without its
subscriptions."""
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yields the path and value of every setting that is not a mapping."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}".removeprefix("."))
    else:
        yield path, value


def differences(one: Recording, other: Recording) -> set[str]:
    """Returns the paths of settings that differ."""
    first, second = (
        dict(leaves(recording.settings.model_dump(mode="json", by_alias=True)))
        for recording in (one, other)
    )
    paths = {path for path in {*first, *second} if first.get(path) != second.get(path)}
    return {"traffic" if None in (one.settings.traffic, other.settings.traffic)
            and path.startswith("traffic") else path for path in paths}  # fmt: skip


def shape(recording: Recording) -> set[tuple[str, str]]:
    """Returns types and names of all resources, with placeholders for stack and zones."""
    names: set[tuple[str, str]] = set()
    for each in recording.resources:
        name = each.name.replace(f"-{recording.stack}", "-STACK")
        for zone in recording.settings.network.zones:
            name = name.replace(zone, "ZONE")
        names.add((each.type, name))
    return names


@pytest.mark.parametrize(
    ("other", "allowed"),
    [("dev", SETTINGS_OF_DEV), ("prod-standby", SETTINGS_OF_A_CELL)],
    ids=["dev", "standby"],
)
def test_a_stack_differs_from_prod_only_in_the_listed_settings(
    previewed: Callable[[str], Recording], other: str, allowed: set[str]
) -> None:
    found = differences(previewed("prod"), previewed(other))
    assert found
    assert found <= allowed, "tests in one stack would not be valid for the other"


def test_dev_has_the_resources_of_prod_except_domain_autoshift_images_and_subscriptions(
    previewed: Callable[[str], Recording],
) -> None:
    dev, prod = shape(previewed("dev")), shape(previewed("prod"))
    cached_images = {(type_, name) for type_, name in prod if type_.startswith("aws:ecr/")}
    assert cached_images
    subscriptions = {(type_, name) for type_, name in prod if type_ == SUBSCRIPTION}
    assert subscriptions
    assert prod - dev == (
        RESOURCES_OF_A_DOMAIN
        | RESOURCES_OF_A_PRIMARY
        | RESOURCES_OF_AUTOSHIFT
        | cached_images
        | subscriptions
    )
    assert dev <= prod


def test_both_cells_of_prod_have_the_same_resources_except_the_latch(
    previewed: Callable[[str], Recording],
) -> None:
    prod, standby = shape(previewed("prod")), shape(previewed("prod-standby"))
    assert prod - standby == RESOURCES_OF_A_PRIMARY
    only_standby = standby - prod
    assert only_standby >= HEALTH_ALARM_TOPIC
    [(kind, name)] = only_standby - HEALTH_ALARM_TOPIC
    assert (kind, name[:20]) == (SUBSCRIPTION, "alarms-health-email-")


def test_cells_of_one_domain_share_only_the_record_and_its_policy(
    previewed: Callable[[str], Recording],
) -> None:
    first, second = previewed("prod"), previewed("prod-standby")
    (one, validation), (other, other_validation) = (
        sorted(
            recording.of_type("aws:route53/record:Record"),
            key=lambda each: "aliases" not in each.inputs,
        )
        for recording in (first, second)
    )
    assert validation.inputs == other_validation.inputs, "ACM requires one record for both"
    for key in ("zoneId", "name", "type"):
        assert one.inputs[key] == other.inputs[key]
    assert {one.inputs["setIdentifier"], other.inputs["setIdentifier"]} == {"prod", "prod-standby"}
    roles = [each.inputs["failoverRoutingPolicies"][0]["type"] for each in (one, other)]
    assert roles == ["PRIMARY", "SECONDARY"]
