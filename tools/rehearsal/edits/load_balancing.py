"""Edits of the load balancer: its logs, its firewall and how it shares requests out."""

from tools.rehearsal.edits.apps import app_at_root
from tools.rehearsal.edits.edit import Config, Edit, takes

_ELSEWHERE = "210987654321:regional/webacl/theirs/00000000-0000-0000-0000-000000000000"
"""A web ACL in an account where nothing of a rehearsal is."""


def balancing(config: Config) -> Config:
    """The load balancer's section."""
    return config.setdefault("ha-eks:loadBalancing", {})


def slow_start(config: Config) -> None:
    """New pods of the app at "/" get their share by and by."""
    app_at_root(config)["expose"]["slowStartSeconds"] = 60


SLOW_START = Edit(
    name="slow start",
    change=slow_start,
    fits=takes(slow_start),
    may=("update TargetGroup lb-APP",),
)


def is_protected(config: Config) -> bool:
    """Whether the load balancer is protected from deletion."""
    return config.get("ha-eks:loadBalancing", {}).get("deletionProtection", True)


def unprotected(config: Config) -> None:
    """The load balancer may be deleted, and its logs with it."""
    balancing(config)["deletionProtection"] = False


UNPROTECTED = Edit(
    name="the load balancer's protection off",
    change=unprotected,
    fits=is_protected,
    may=("update LoadBalancer lb", "update Bucket lb-access-logs"),
)
"""Without it AWS keeps a bucket with logs in it."""


def has_logs(config: Config) -> bool:
    """Whether access logs are kept."""
    return config.get("ha-eks:loadBalancing", {}).get("accessLogDays", 1) > 0


def logs_off(config: Config) -> None:
    """No access logs, and those that there were go."""
    balancing(config)["accessLogDays"] = 0


LOGS_OFF = Edit(
    name="access logs off",
    change=logs_off,
    fits=has_logs,
    may=("update LoadBalancer lb", "delete Bucket* lb-access-logs"),
)


def has_no_logs(config: Config) -> bool:
    """Whether access logs are off."""
    return not has_logs(config)


def logs_on(config: Config) -> None:
    """Access logs for a week, and the load balancer is protected."""
    balancing(config).update({"accessLogDays": 7, "deletionProtection": True})


LOGS_ON = Edit(
    name="access logs on, protected",
    change=logs_on,
    fits=has_no_logs,
    may=("update LoadBalancer lb", "create Bucket* lb-access-logs"),
)


def has_no_firewall(config: Config) -> bool:
    """Whether there is no firewall."""
    return "waf" not in config.get("ha-eks:loadBalancing", {})


def firewall(config: Config) -> None:
    """A firewall of the cell's own, with a bound on requests."""
    balancing(config)["waf"] = {"requestsPerFiveMinutes": 2000}


FIREWALL = Edit(
    name="a firewall",
    change=firewall,
    fits=has_no_firewall,
    may=(
        "create WebAcl lb",
        "create WebAclAssociation lb",
        "update LoadBalancer lb",
    ),
)


def has_own_firewall(config: Config) -> bool:
    """Whether there is a firewall of the cell's own."""
    waf = config.get("ha-eks:loadBalancing", {}).get("waf")
    return waf is not None and "webAcl" not in waf


def their_firewall(config: Config) -> None:
    """A web ACL of somebody else's in its place."""
    arn = f"arn:aws:wafv2:{config['aws:region']}:{_ELSEWHERE}"
    balancing(config)["waf"] = {"webAcl": arn}


THEIR_FIREWALL = Edit(
    name="somebody else's firewall instead",
    change=their_firewall,
    fits=has_own_firewall,
    may=(
        "delete WebAclAssociation lb",
        "create WebAclAssociation lb",
        "delete WebAcl lb",
    ),
)
