"""Lines of the summary about requests from outside."""

from tests.live.cells import settings_of
from tests.settings.stack_files import LOAD_BALANCING, WEB
from tools.preview.load_balancer import load_balancer_lines


def test_apps_for_some_clients_are_listed() -> None:
    ranges = ["203.0.113.0/24", "2001:db8::/32"]
    settings = settings_of(((*WEB, "expose", "sourceRanges"), ranges))
    assert [*load_balancer_lines(settings)][1:] == [
        "web: requests from 203.0.113.0/24 and 2001:db8::/32; others receive status 403"
    ]


def test_clients_of_the_load_balancer_are_listed() -> None:
    sources = {"sourceRanges": ["203.0.113.0/24"], "sourcePrefixLists": ["pl-01234567"]}
    settings = settings_of(((LOAD_BALANCING,), sources))
    assert [*load_balancer_lines(settings)][1:] == [
        "load balancer: connections from 203.0.113.0/24, pl-01234567 and the health checkers of "
        "Route 53 only"
    ]
