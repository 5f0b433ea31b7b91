"""Edits of the load balancer: slow start, HTTPS, access logs, web ACL."""

from tools.rehearsal.edits.apps import main_app_section
from tools.rehearsal.edits.edit import Config, Edit, stays_valid

_OTHER_ACCOUNT = "210987654321"
"""Account of resources that the stack does not create: the fake cloud knows only its own."""


def load_balancing(config: Config) -> Config:
    """Returns the section `loadBalancing`; creates the section if it is missing."""
    return config.setdefault("ha-eks:loadBalancing", {})


def set_slow_start(config: Config) -> None:
    """Sets slow start for the main app: new pods get their share of requests gradually."""
    main_app_section(config)["expose"]["slowStartSeconds"] = 60


SET_SLOW_START = Edit(
    name="set slow start for an app",
    change=set_slow_start,
    applies=stays_valid(set_slow_start),
    expected=("update TargetGroup lb-APP",),
)


def serves_http_only(config: Config) -> bool:
    """True if the public load balancer has no certificate."""
    section = config.get("ha-eks:loadBalancing", {})
    return "ha-eks:traffic" not in config and "certificate" not in section


def use_https(config: Config) -> None:
    """Serves HTTPS with a certificate that the stack does not create."""
    load_balancing(config)["certificate"] = _arn("acm", config, "certificate")


USE_HTTPS = Edit(
    name="serve HTTPS",
    change=use_https,
    applies=serves_http_only,
    expected=(
        "create Listener lb-https",
        "update Listener lb-http",
        "create SecurityGroupIngressRule lb-from-anywhere-443",
        "create MetricAlarm alarms-certificate-default",
        "update CompositeAlarm alarms-redundancy",
    ),
)


def can_serve_http(config: Config) -> bool:
    """True if only an existing certificate makes the public load balancer serve HTTPS."""
    return "ha-eks:traffic" not in config and not serves_http_only(config)


def use_http(config: Config) -> None:
    """Serves HTTP only."""
    del load_balancing(config)["certificate"]


USE_HTTP = Edit(
    name="serve HTTP only again",
    change=use_http,
    applies=can_serve_http,
    expected=(
        "delete Listener lb-https",
        "update Listener lb-http",
        "delete SecurityGroupIngressRule lb-from-anywhere-443",
        "delete MetricAlarm alarms-certificate-default",
        "update CompositeAlarm alarms-redundancy",
    ),
)


def has_access_logs(config: Config) -> bool:
    """True if access logs are on."""
    return config.get("ha-eks:loadBalancing", {}).get("accessLogDays", 1) > 0


def disable_access_logs(config: Config) -> None:
    """Turns off access logs; the existing logs are deleted."""
    load_balancing(config)["accessLogDays"] = 0


DISABLE_ACCESS_LOGS = Edit(
    name="turn off access logs",
    change=disable_access_logs,
    applies=has_access_logs,
    expected=("update LoadBalancer lb", "delete Bucket* lb-access-logs"),
)


def has_no_access_logs(config: Config) -> bool:
    """True if access logs are off."""
    return not has_access_logs(config)


def enable_access_logs(config: Config) -> None:
    """Turns on access logs for a week, and the protection of the cell."""
    load_balancing(config)["accessLogDays"] = 7
    config["ha-eks:protected"] = True


ENABLE_ACCESS_LOGS = Edit(
    name="turn on access logs and the protection of the cell",
    change=enable_access_logs,
    applies=has_no_access_logs,
    expected=(
        "update Cluster cluster-eksCluster",
        "update LoadBalancer lb",
        "create Bucket* lb-access-logs",
    ),
)


def has_no_web_acl(config: Config) -> bool:
    """True if no web ACL protects the load balancer."""
    return "waf" not in config.get("ha-eks:loadBalancing", {})


def add_web_acl(config: Config) -> None:
    """Adds a web ACL with a rate limit."""
    load_balancing(config)["waf"] = {"requestsPerFiveMinutes": 2000}


ADD_WEB_ACL = Edit(
    name="add a web ACL",
    change=add_web_acl,
    applies=has_no_web_acl,
    expected=(
        "create WebAcl lb",
        "create WebAclAssociation lb",
        "update LoadBalancer lb",
    ),
)


def has_managed_web_acl(config: Config) -> bool:
    """True if the stack creates the web ACL."""
    waf = config.get("ha-eks:loadBalancing", {}).get("waf")
    return waf is not None and "webAcl" not in waf


def use_existing_web_acl(config: Config) -> None:
    """Replaces the web ACL by one that the stack does not create."""
    load_balancing(config)["waf"] = {"webAcl": _arn("wafv2", config, "regional/webacl/external")}


USE_EXISTING_WEB_ACL = Edit(
    name="use an existing web ACL",
    change=use_existing_web_acl,
    applies=has_managed_web_acl,
    expected=(
        "delete WebAclAssociation lb",
        "create WebAclAssociation lb",
        "delete WebAcl lb",
    ),
)


def _arn(service: str, config: Config, resource: str) -> str:
    """Returns the ARN of a resource in the other account."""
    number = "00000000-0000-0000-0000-000000000000"
    return f"arn:aws:{service}:{config['aws:region']}:{_OTHER_ACCOUNT}:{resource}/{number}"
