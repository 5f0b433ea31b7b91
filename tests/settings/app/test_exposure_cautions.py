"""Cautions about exposed apps and about environment variables."""

import pytest

from tests.settings.stack_files import APPS, CACHE, LOAD_BALANCING, WEB, Change, cautions_of

KEY = ".".join(WEB)
KEEP_ALIVE = (
    "60s is assumed, but many servers close idle connections earlier by default (Node.js and "
    "uvicorn after 5s, gunicorn after 2s), and requests then fail with status 502; set the "
    "keep-alive time of the app to more than loadBalancing.idleTimeoutSeconds, {idle}, and write "
    "it here"
)


def test_an_assumed_keep_alive_time_is_a_caution() -> None:
    default: Change = ((*WEB, "expose"), {"path": "/"})
    key = f"{KEY}.expose.keepAliveSeconds"
    assert cautions_of(default) == {key: KEEP_ALIVE.format(idle=50)}
    assert cautions_of(default, ((LOAD_BALANCING,), {"idleTimeoutSeconds": 40})) == {
        key: KEEP_ALIVE.format(idle=40)
    }
    assert cautions_of(((*WEB, "expose"), {"path": "/", "keepAliveSeconds": 60})) == {}


def host_check(variable: str) -> str:
    return (
        f"{variable} suggests that the app checks the Host header, and it may answer health checks "
        "with status 400 (kubelet and load balancer send the address of the pod, Route 53 sends "
        "the DNS name of the load balancer); make /readyz answer with status 200 for every Host "
        "header (docs/application.md#the-host-header-of-health-checks)"
    )


@pytest.mark.parametrize(
    "variable",
    [
        "ALLOWED_HOSTS",
        "DJANGO_ALLOWED_HOSTS",
        "DJANGO_SETTINGS_MODULE",
        "AllowedHosts",
        "TRUSTED_HOSTS",
        "NEXTCLOUD_TRUSTED_DOMAINS",
    ],
)
def test_a_framework_that_checks_the_host_header_is_a_caution(variable: str) -> None:
    key = f"{KEY}.probes.readiness.path"
    assert cautions_of(((*WEB, "env"), {variable: "app.example.com"})) == {
        key: host_check(variable)
    }
    secret = {variable: {"secret": "hosts", "key": "hosts"}}
    assert cautions_of(((*WEB, "secretEnv"), secret)) == {key: host_check(variable)}


def test_the_host_header_of_route_53_matters_only_with_a_domain() -> None:
    found = cautions_of(((*WEB, "env"), {"ALLOWED_HOSTS": "a.example.com"}), stack="dev")
    assert found[f"{KEY}.probes.readiness.path"] == host_check("ALLOWED_HOSTS").replace(
        ", Route 53 sends the DNS name of the load balancer", ""
    )


@pytest.mark.parametrize(
    ("app", "env"),
    [
        (WEB, {"ALLOWED_HOSTS": "*"}),
        (WEB, {"HOSTS": "a", "ALLOWED_HOSTS_FILE": "/hosts"}),
        (CACHE, {"ALLOWED_HOSTS": "cache"}),
    ],
    ids=["all hosts are allowed", "other variables", "no health checks over HTTP"],
)
def test_other_apps_need_no_caution_about_the_host_header(
    app: tuple[str, str], env: dict[str, str]
) -> None:
    assert cautions_of(((*app, "env"), env)) == {}


DOUBLED = "Kubernetes replaces $$ with a single $; write $$$$ if the app must receive $$"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a$$b", DOUBLED),
        ("postgres://$(USER)@db", None),
        ("$$(USER)", None),
        ("a$$$$b", None),
        ("${USER} $USER 5$", None),
    ],
)
def test_a_dollar_that_kubernetes_removes_is_a_caution(value: str, text: str | None) -> None:
    env = {"USER": "app", "VALUE": value}
    key = f"{APPS}.web.env.VALUE"
    assert cautions_of(((*WEB, "env"), env)) == ({key: text} if text else {})


def test_sticky_sessions_are_a_caution() -> None:
    found = cautions_of(((*WEB, "expose", "stickySeconds"), 3600))
    assert found[f"{APPS}.web.expose.stickySeconds"] == (
        "if a zone fails, all clients of its pods lose what these pods keep for them, and new pods "
        "receive only new clients for up to 3600s, so the load stays uneven; keep sessions outside "
        "of the pods"
    )
