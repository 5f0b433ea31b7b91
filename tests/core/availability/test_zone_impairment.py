"""Share of slow requests while a zone is impaired, and what health checks notice."""

import pytest

from core.availability.zone_impairment import (
    fails_health_checks,
    retransmission_probability,
    slow_share,
)


def test_a_slow_zone_slows_its_share_of_the_requests() -> None:
    assert slow_share(impaired=2, pods=6) == pytest.approx(1 / 3)
    assert slow_share(impaired=2, pods=6, probability=0.36) == pytest.approx(0.12)


def test_a_request_is_sent_again_if_the_request_or_the_response_is_lost() -> None:
    assert retransmission_probability(0) == 0
    assert retransmission_probability(0.2) == pytest.approx(0.2 + 0.8 * 0.2)


def test_health_checks_notice_only_a_latency_above_their_timeout() -> None:
    assert not fails_health_checks(3.9)
    assert fails_health_checks(4.0)
