"""Redundancy alarms on NAT gateways: no free port for new outgoing connections."""

from collections.abc import Iterator

from components.observability.alarms.alarm import Alarm
from components.observability.metric_sources import MetricSources


def nat_gateway_alarms(sources: MetricSources) -> Iterator[Alarm]:
    """Yields the alarm of each NAT gateway."""
    for zone in sources.nat_gateways:
        yield Alarm(
            key=f"nat/{zone}",
            kind="redundancy",
            description=f"The NAT gateway of {zone} has no free ports for new connections to a "
            "destination. Some outgoing connections of pods fail. Usual cause: an app opens too "
            "many connections to the same address and port.",
            first_check="flow logs of the VPC: which pods open most connections to one address?",
            section="a-nat-gateway-has-no-free-ports",
            value=sources.nat_gateway_series(zone),
            comparison=">",
            threshold=0,
            periods=5,
            datapoints=3,
            missing_data="notBreaching",
        )
