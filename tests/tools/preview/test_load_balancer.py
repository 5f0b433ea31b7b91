"""Lines of the summary about requests from outside."""

from collections.abc import Callable
from datetime import date

from tests.live.cells import settings_of
from tests.settings.stack_files import LOAD_BALANCING, TRAFFIC, WEB
from tools.preview.load_balancer import dns_line, load_balancer_lines
from tools.preview.tree import headlines
from tools.recording import Recording

CONNECTIONS = (
    "load balancer: closes connections without data after 50s, and connections of clients after "
    "300s, so that clients follow a zonal shift"
)


def test_apps_for_some_clients_are_listed() -> None:
    ranges = ["203.0.113.0/24", "2001:db8::/32"]
    settings = settings_of(((*WEB, "expose", "sourceRanges"), ranges))
    assert [*load_balancer_lines(settings)][1:] == [
        CONNECTIONS,
        "web: requests from 203.0.113.0/24 and 2001:db8::/32; others receive status 403",
    ]


def test_clients_of_the_load_balancer_are_listed() -> None:
    sources = {"sourceRanges": ["203.0.113.0/24"], "sourcePrefixLists": ["pl-01234567"]}
    settings = settings_of(((LOAD_BALANCING,), sources))
    assert [*load_balancer_lines(settings)][1:] == [
        "load balancer: connections from 203.0.113.0/24, pl-01234567 and the health checkers of "
        "Route 53 only",
        CONNECTIONS,
    ]


def test_the_failover_of_an_internal_load_balancer_is_shown() -> None:
    traffic = {"policy": "latency", "internal": {"domain": "app.example.com"}}
    internal = ((*WEB, "expose", "internal"), True)
    settings = settings_of(internal, ((TRAFFIC,), traffic))
    assert [*load_balancer_lines(settings)] == [
        "internal load balancer: HTTP only",
        f"internal {CONNECTIONS}",
    ]
    assert dns_line(settings) == (
        "traffic: app.example.com in the new private hosted zone (Route 53 fails over on the "
        "metric of alarm app/web/hosts-internal after 3 minutes), latency routing"
    )


def test_the_time_of_a_failover_is_calculated(previewed: Callable[[str], Recording]) -> None:
    assert (
        "failover of app.example.com: clients reach another cell within 150s: detection 3 failed "
        "checks, every 10s = 30s, propagation 60s (assumed), TTL 60s; the failback waits for "
        "make failback"
    ) in headlines(previewed("prod"), date(2026, 11, 28))
    dev = headlines(previewed("dev"), date(2026, 11, 28))
    assert not [line for line in dev if line.startswith("failover")]
