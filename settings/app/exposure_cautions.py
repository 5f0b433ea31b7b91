"""Cautions about exposed apps: idle connections, and health checks with another Host header."""

import re
from collections.abc import Iterator
from datetime import date

from settings.caution_rule import CautionRule
from settings.reading.caution import Caution
from settings.stack import Settings

_HOSTS = re.compile(r"(?i).*(allowed|trusted)_?(hosts?|domains?)|DJANGO_SETTINGS_MODULE")
"""Environment variables of frameworks that check the Host header of requests.
https://docs.djangoproject.com/en/stable/ref/settings/#allowed-hosts
https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/host-filtering
https://symfony.com/doc/current/reference/configuration/framework.html#trusted-hosts"""


def _assumed_keep_alive(settings: Settings, today: date) -> Iterator[Caution]:
    """Yields a caution for each exposed app whose keep-alive time is the default.

    https://nodejs.org/api/http.html#serverkeepalivetimeout
    https://docs.gunicorn.org/en/stable/settings.html#keepalive
    https://www.uvicorn.org/settings/#timeouts
    """
    for name, expose in settings.exposed.items():
        balancers = [each for each in settings.load_balancers.values() if name in each.exposed]
        idle = max(each.idle_timeout_seconds for each in balancers)
        if "keep_alive_seconds" not in expose.model_fields_set:
            yield Caution(
                key=settings.key_of(name, "expose.keepAliveSeconds"),
                text=f"{expose.keep_alive_seconds}s is assumed, but many servers close idle "
                "connections earlier by default (Node.js and uvicorn after 5s, gunicorn after 2s), "
                "and requests then fail with status 502; set the keep-alive time of the app to "
                f"more than loadBalancing.idleTimeoutSeconds, {idle}, and write it here",
            )


def _host_check(settings: Settings, today: date) -> Iterator[Caution]:
    for name in settings.exposed:
        app = settings.served[name]
        variable = next((each for each in app.variables if _HOSTS.fullmatch(each)), None)
        check = app.health_check
        if variable is None or check is None or "*" in app.env.get(variable, ""):
            continue
        senders = "kubelet and load balancer send the address of the pod"
        if name in settings.load_balancer("public").health_paths:
            senders += ", Route 53 sends the DNS name of the load balancer"
        yield Caution(
            key=settings.key_of(name, "probes.readiness.path"),
            text=f"{variable} suggests that the app checks the Host header, and it may answer "
            f"health checks with status 400 ({senders}); make {check.path} answer "
            "with status 200 for every Host header "
            "(docs/application.md#the-host-header-of-health-checks)",
        )


def _sticky(settings: Settings, today: date) -> Iterator[Caution]:
    for name, expose in settings.exposed.items():
        if expose.sticky_seconds:
            yield Caution(
                key=settings.key_of(name, "expose.stickySeconds"),
                text="if a zone fails, all clients of its pods lose what these pods keep for them, "
                "and new pods receive only new clients for up to "
                f"{expose.sticky_seconds}s, so the load stays uneven; keep sessions outside of "
                "the pods",
            )


CAUTIONS = (
    CautionRule("HA927", "The keep-alive time of exposed workloads is known.", _assumed_keep_alive),
    CautionRule("HA928", "Health checks succeed with any Host header.", _host_check),
    CautionRule("HA929", "Clients are not bound to a pod.", _sticky),
)
