"""In which respects the shipped stacks may differ: in those that are listed here, and no others."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from tools.recording import Recording

OF_A_CELL = {
    "aws.region",
    "network.cidr",
    "network.zones",
    "network.controlPlaneZones",
    "images.credentials.ghcr.io",
    "traffic.role",
}
"""Where a cell is, and its part in the traffic."""

OF_DEV = OF_A_CELL | {
    "network.nat",
    "cluster.deletionProtection",
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
    "loadBalancing.deletionProtection",
    "observability.alarms.subscriptions",
    "observability.logRetentionDays",
    "observability.traces.sampledPercent",
    "autoscaling.descheduler",
    "images.source",
    "traffic",
}
"""Smaller, cheaper, easier to take down, traced in full, and without a domain, a secret or anybody
who is woken up. Nothing that keeps it up
but for other people's registries; what stands unevenly stays so until the next update."""

WITH_A_DOMAIN = {
    ("aws:acm/certificate:Certificate", "lb"),
    ("aws:acm/certificateValidation:CertificateValidation", "lb"),
    ("aws:route53/record:Record", "lb-validation"),
    ("aws:lb/listener:Listener", "lb-https"),
    ("aws:lb/listener:Listener", "lb-redirect"),
    ("aws:route53/healthCheck:HealthCheck", "traffic"),
    ("aws:route53/record:Record", "traffic"),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "lb-from-anywhere-443"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-health-web"),
}
TOLD_OF_HEALTH = {
    ("aws:kms/key:Key", "alarms-health"),
    ("aws:kms/alias:Alias", "alarms-health"),
    ("aws:sns/topic:Topic", "alarms-health"),
    ("aws:sns/topicPolicy:TopicPolicy", "alarms-health"),
}
"""Where Route 53's metrics are, by a cell that is elsewhere; beside whoever listens."""
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
DESCHEDULER = {
    (kind, "autoscaling-descheduler")
    for kind in (
        "ha-eks:index:Controller",
        "kubernetes:core/v1:Namespace",
        "kubernetes:helm.sh/v3:Release",
        "kubernetes:policy/v1:PodDisruptionBudget",
    )
}
WITHOUT = {("aws:lb/listener:Listener", "lb-http")}


def leaves(value: object, at: str = "") -> Iterator[tuple[str, object]]:
    """Every value of the settings that is no mapping, by its path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{at}.{key}".removeprefix("."))
    else:
        yield at, value


def differences(one: Recording, other: Recording) -> set[str]:
    """Paths at which the settings of two plans differ."""
    first, second = (
        dict(leaves(recording.settings.model_dump(mode="json", by_alias=True)))
        for recording in (one, other)
    )
    paths = {path for path in {*first, *second} if first.get(path) != second.get(path)}
    return {"traffic" if None in (one.settings.traffic, other.settings.traffic)
            and path.startswith("traffic") else path for path in paths}  # fmt: skip


def shape(recording: Recording) -> set[tuple[str, str]]:
    """Types and names of everything, whatever the zones are called."""
    names: set[tuple[str, str]] = set()
    for each in recording.resources:
        name = each.name.replace(f"-{recording.stack}", "-STACK")
        for zone in recording.settings.network.zones:
            name = name.replace(zone, "ZONE")
        names.add((each.type, name))
    return names


@pytest.mark.parametrize(
    ("other", "allowed"), [("dev", OF_DEV), ("prod-standby", OF_A_CELL)], ids=["dev", "standby"]
)
def test_a_stack_differs_from_prod_in_what_is_listed_only(
    previewed: Callable[[str], Recording], other: str, allowed: set[str]
) -> None:
    found = differences(previewed("prod"), previewed(other))
    assert found
    assert found <= allowed, "what is tried in one would not be what runs in the other"


def test_dev_is_made_of_the_same_as_prod_but_for_domain_descheduler_and_kept_images(
    previewed: Callable[[str], Recording],
) -> None:
    dev, prod = shape(previewed("dev")), shape(previewed("prod"))
    kept = {(type_, name) for type_, name in prod if type_.startswith("aws:ecr/")}
    assert kept
    told = {(type_, name) for type_, name in prod if type_ == SUBSCRIPTION}
    assert told
    assert prod - dev == WITH_A_DOMAIN | DESCHEDULER | kept | told
    assert dev - prod == WITHOUT


def test_the_cells_of_prod_are_made_of_the_same(previewed: Callable[[str], Recording]) -> None:
    prod, standby = shape(previewed("prod")), shape(previewed("prod-standby"))
    assert prod - standby == set()
    more = standby - prod
    assert more >= TOLD_OF_HEALTH
    [(kind, name)] = more - TOLD_OF_HEALTH
    assert (kind, name[:20]) == (SUBSCRIPTION, "alarms-health-email-")


def test_cells_of_one_domain_share_the_policy_and_nothing_else(
    previewed: Callable[[str], Recording],
) -> None:
    first, second = previewed("prod"), previewed("prod-standby")
    (one, proof), (other, other_proof) = (
        sorted(
            recording.of_type("aws:route53/record:Record"),
            key=lambda each: "aliases" not in each.inputs,
        )
        for recording in (first, second)
    )
    assert proof.inputs == other_proof.inputs, "ACM asks for the same of both"
    for key in ("zoneId", "name", "type"):
        assert one.inputs[key] == other.inputs[key]
    assert {one.inputs["setIdentifier"], other.inputs["setIdentifier"]} == {"prod", "prod-standby"}
    roles = [each.inputs["failoverRoutingPolicies"][0]["type"] for each in (one, other)]
    assert roles == ["PRIMARY", "SECONDARY"]
