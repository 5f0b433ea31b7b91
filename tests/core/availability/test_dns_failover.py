"""Timeline of a failover by DNS."""

from core.availability.dns_failover import DnsFailover


def test_each_time_includes_those_before() -> None:
    found = DnsFailover(interval=10, threshold=3)
    assert (found.detected, found.answered, found.complete) == (30, 90, 150)


def test_the_metric_of_an_alarm_has_a_delay() -> None:
    found = DnsFailover(interval=60, threshold=3, delay=60, propagation=0, ttl=0)
    assert found.complete == found.detected == 240, "docs/requests.md says about 4 minutes"
