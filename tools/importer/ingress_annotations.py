"""Annotations of an Ingress as settings of `expose`.

https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
"""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from settings.reading.names import MAIN_PORT
from tools.importer.fields import Fields
from tools.importer.ports import Ports
from tools.importer.read_files import Manifest
from tools.importer.report import SubjectReport

Settings = dict[str, Any]  # Any: a section of the stack file

_ALB = "alb.ingress.kubernetes.io/"
_NGINX = "nginx.ingress.kubernetes.io/"
_COOKIE_SECONDS = 86_400
"""Duration of a sticky session of a target group without an attribute for it, one day.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"""

_SET_BY_PROGRAM = (
    f"{_ALB}target-type", f"{_ALB}group.name", f"{_ALB}group.order", f"{_ALB}load-balancer-name",
    f"{_ALB}ssl-redirect", f"{_ALB}manage-backend-security-group-rules",
    f"{_NGINX}ssl-redirect", f"{_NGINX}force-ssl-redirect", f"{_NGINX}proxy-body-size",
)  # fmt: skip
"""Annotations without a setting that need no report: all apps share a load balancer, which sends
requests to the addresses of pods, limits no body, and redirects HTTP to HTTPS if it has a
certificate."""


def annotated(ingress: Manifest, ports: Ports, report: SubjectReport) -> Settings:
    """Returns the settings of `expose` that an Ingress has by its annotations."""
    annotations = ingress.fields.section("metadata").section("annotations")
    annotations.skip(*(key for key in annotations if key.startswith("kubernetes.io/")))
    annotations.skip(*_SET_BY_PROGRAM)
    listen_ports = f"{_ALB}listen-ports"
    if not re.search(r"\b(?!(?:80|443)\b)[0-9]+\b", str(annotations.values.get(listen_ports))):
        annotations.skip(listen_ports)
    found: Settings = {}
    if _is_internal(ingress, annotations, report):
        found["internal"] = True
    ranges = [
        text
        for key in (
            f"{_ALB}inbound-cidrs", f"{_NGINX}whitelist-source-range",
            f"{_NGINX}allowlist-source-range",
        )
        if key in annotations
        for text in (annotations.text(key) or "").split(",")
    ]  # fmt: skip
    networks = [*dict.fromkeys(_networks(ranges, report))]
    if networks and "0.0.0.0/0" not in networks:
        found["sourceRanges"] = networks
    protocol = _protocol(annotations, report)
    if protocol:
        found["protocol"] = protocol
    check = _health_check(annotations, ports, report)
    if check:
        found["healthCheck"] = check
    return {**found, **_target_group(annotations, report), **_affinity(annotations, report)}


def _is_internal(ingress: Manifest, annotations: Fields, report: SubjectReport) -> bool:
    key = f"{_ALB}scheme"
    scheme = annotations.text(key)
    names = (
        ingress.fields.section("spec").values.get("ingressClassName"),
        annotations.values.get("kubernetes.io/ingress.class"),
    )
    if scheme is None and "alb" in names:
        report.changed(
            annotations.path_of(key),
            "the default is internal, so internal: true is written; remove it if an "
            "IngressClassParams says internet-facing",
        )
        return True
    return scheme == "internal"


def _networks(ranges: list[str], report: SubjectReport) -> Iterator[str]:
    """Yields networks; a single address is a network too."""
    for each in filter(None, map(str.strip, ranges)):
        try:
            yield str(ip_network(each, strict=False))
        except ValueError:
            report.lost("metadata.annotations", f"{each} is no network; write expose.sourceRanges")


def _protocol(annotations: Fields, report: SubjectReport) -> str | None:
    for key in (f"{_ALB}backend-protocol", f"{_NGINX}backend-protocol"):
        value = (annotations.text(key) or "HTTP").upper()
        if value not in ("HTTP", "GRPC"):
            report.lost(annotations.path_of(key), "the load balancer sends plain HTTP to the pods")
        if value in ("GRPC", "GRPCS"):
            return "grpc"
    version = (annotations.text(f"{_ALB}backend-protocol-version") or "").upper()
    return {"HTTP2": "http2", "GRPC": "grpc"}.get(version)


def _health_check(annotations: Fields, ports: Ports, report: SubjectReport) -> Settings:
    found: Settings = {}
    path = annotations.text(f"{_ALB}healthcheck-path")
    if path:
        found["path"] = path
    port_key, codes_key = f"{_ALB}healthcheck-port", f"{_ALB}success-codes"
    port = annotations.text(port_key) or "traffic-port"
    number = ports.main if port == "traffic-port" else ports.number_of(port)
    if number is None:
        report.lost(annotations.path_of(port_key), f"no container has a port named {port}")
    elif ports.name_of(number) != MAIN_PORT:
        found["port"] = ports.name_of(number)
    codes = annotations.text(codes_key)
    if codes:
        found["codes"] = codes
    annotations.skip_if(f"{_ALB}healthcheck-protocol", "HTTP")
    return found


def _target_group(annotations: Fields, report: SubjectReport) -> Settings:
    """Returns the settings of the attributes of the target group."""
    key = f"{_ALB}target-group-attributes"
    pairs = [each.partition("=") for each in (annotations.text(key) or "").split(",") if each]
    attributes = {name.strip(): value.strip() for name, _, value in pairs}
    found: Settings = {}
    seconds = attributes.pop("stickiness.lb_cookie.duration_seconds", "")
    if attributes.pop("stickiness.enabled", "false") == "true":
        found["stickySeconds"] = int(seconds) if seconds.isdecimal() else _COOKIE_SECONDS
    algorithm = attributes.pop("load_balancing.algorithm.type", "round_robin")
    if algorithm == "least_outstanding_requests":
        found["algorithm"] = "leastOutstandingRequests"
    elif algorithm != "round_robin":
        attributes["load_balancing.algorithm.type"] = algorithm
    slow_start = attributes.pop("slow_start.duration_seconds", "0")
    if slow_start.isdecimal() and int(slow_start):
        found["slowStartSeconds"] = int(slow_start)
    if attributes.pop("stickiness.type", "lb_cookie") != "lb_cookie":
        report.changed(annotations.path_of(key), "the cookie is one of the load balancer")
    if attributes.pop("deregistration_delay.timeout_seconds", None):
        report.changed(
            annotations.path_of(key),
            "the deregistration delay follows from longestRequestSeconds",
        )
    for name, value in attributes.items():
        report.lost(annotations.path_of(key), f"there is no setting for {name}={value}")
    return found


def _affinity(annotations: Fields, report: SubjectReport) -> Settings:
    key, age_key = f"{_NGINX}affinity", f"{_NGINX}session-cookie-max-age"
    if annotations.text(key) != "cookie":
        return {}
    age = annotations.text(age_key) or annotations.text(f"{_NGINX}session-cookie-expires") or ""
    annotations.skip(*(each for each in annotations if each.startswith(f"{_NGINX}session-cookie")))
    annotations.skip(f"{_NGINX}affinity-mode")
    if not age.isdecimal() or not int(age):
        report.changed(
            annotations.path_of(key),
            f"a sticky session has a duration; {_COOKIE_SECONDS}s is written in stickySeconds",
        )
        return {"stickySeconds": _COOKIE_SECONDS}
    return {"stickySeconds": int(age)}
