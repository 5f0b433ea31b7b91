"""Checks that the load balancer finds the pods of each exposed app healthy.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealthDescription.html
"""

from collections import Counter
from collections.abc import Iterator

from tools.deploy.check.result import Readings, Result, ids_in_state, not_ok, ok, spread
from tools.recording import Recording

_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_NORMAL = ("healthy", "draining", "unhealthy.draining")
"""States of targets that need no remedy; draining targets are terminating pods."""


def targets(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for each target group of each exposed app."""
    network = recording.settings.network
    arns = ids_in_state(readings.state(), _TARGET_GROUP)
    groups = {each.name: each.urn for each in recording.of_type(_TARGET_GROUP)}
    exposed = [
        (balancer, name)
        for balancer in recording.settings.load_balancers.values()
        for name in balancer.exposed
    ]
    for balancer, name in exposed:
        app, urn = balancer.served[name], groups[f"{balancer.resource_name}-{name}"]
        subject = f"app {name} (internal)" if balancer.internal else f"app {name}"
        if urn not in arns:
            yield not_ok(
                subject,
                "no target group in the state",
                f"run make up STACK={recording.stack}",
            )
            continue
        found = readings.aws("elbv2", "describe-target-health", "--target-group-arn", arns[urn])[
            "TargetHealthDescriptions"
        ]
        healthy = [each for each in found if each["TargetHealth"]["State"] == "healthy"]
        by_zone = Counter(each["Target"].get("AvailabilityZone") for each in healthy)
        minimum = app.minimum_replicas(network.effective_zones)
        others = Counter(
            f"{each['TargetHealth']['State']} ({each['TargetHealth'].get('Reason', 'no reason')})"
            for each in found
            if each["TargetHealth"]["State"] not in _NORMAL
        )
        figures = "; ".join(
            [
                f"{len(healthy)} healthy, minimum {minimum}",
                spread(by_zone, network.zones_in),
                *(f"{number} {state}" for state, number in others.items()),
            ]
        )
        empty = minimum >= len(network.zones_in) and not all(
            by_zone[zone] for zone in network.zones_in
        )
        if len(healthy) < minimum or empty or others:
            yield not_ok(
                subject,
                figures,
                "compare the readiness path and the security group of the pods "
                "(docs/alarms.md#too-few-healthy-pods)",
            )
        else:
            yield ok(subject, figures)
