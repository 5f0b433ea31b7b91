"""Edits of the traffic that Route 53 sends to the cell."""

from tools.rehearsal.edits.alarm_operations import (
    UPDATE_COMPOSITE_ALARMS,
    UPDATE_PRACTICE_RUNS,
    metric_alarms,
)
from tools.rehearsal.edits.apps import main_app_section
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.headroom import OVERPROVISIONER


def has_domain(config: Config) -> bool:
    """True if the stack file has a domain."""
    return "ha-eks:traffic" in config


def has_managed_certificate(config: Config) -> bool:
    """True if the stack creates the certificate of the domain."""
    return has_domain(config) and "certificate" not in config.get("ha-eks:loadBalancing", {})


def can_be_drained(config: Config) -> bool:
    """True if the hosted zone of a domain exists outside of the cell."""
    traffic: Config = config.get("ha-eks:traffic", {})
    internal: Config = traffic.get("internal") or {}
    return "hostedZoneId" in traffic or "hostedZoneId" in internal


def change_domain(config: Config) -> None:
    """Changes the domain."""
    traffic = config["ha-eks:traffic"]
    traffic["domain"] = f"edited-{traffic['domain']}"


CHANGE_DOMAIN = Edit(
    name="change the domain",
    change=change_domain,
    applies=has_managed_certificate,
    expected=(
        "create Certificate lb",
        "create Record lb-validation",
        "create CertificateValidation lb",
        "update Listener lb-https",
        "delete CertificateValidation lb",
        "delete Certificate lb",
        "create Record traffic",
        "delete Record traffic",
    ),
    optional=(
        "update HealthCheck traffic*",
        "create MetricAlarm alarms-certificate-*",
        "delete MetricAlarm alarms-certificate-*",
        UPDATE_COMPOSITE_ALARMS,
    ),
)


def add_critical_app(config: Config) -> None:
    """Makes the main app critical, and adds a small critical app `vital`."""
    main = main_app_section(config)
    main["critical"] = True
    config["ha-eks:apps"]["vital"] = {
        "image": main["image"],
        "critical": True,
        "port": 8080,
        "expose": {"path": "/vital"},
        "probes": {"readiness": {"path": "/vital/ready"}},
        "requests": {"cpu": "50m", "memory": "32Mi"},
        "replicas": {"needed": 1, "max": 6},
    }


def can_add_critical_app(config: Config) -> bool:
    """True if no app is critical yet."""
    apps: Config = config["ha-eks:apps"]
    critical = [name for name, app in apps.items() if app.get("critical")]
    return has_domain(config) and not critical


ADD_CRITICAL_APP = Edit(
    name="add a critical app",
    change=add_critical_app,
    applies=can_add_critical_app,
    expected=(
        "create * vital",
        "create TargetGroup lb-vital",
        "create ListenerRule lb-rule-*",
        "create HealthCheck traffic-app-APP",
        "create HealthCheck traffic-app-vital",
        "update HealthCheck traffic-all",
        "delete HealthCheck traffic",
        "update Deployment APP",
        *metric_alarms("create", "app-vital-*", "health-vital"),
        *metric_alarms("update", "health-APP"),
        UPDATE_COMPOSITE_ALARMS,
    ),
    optional=(
        *UPDATE_PRACTICE_RUNS,
        *metric_alarms("create", "headroom-vital"),
        *metric_alarms("update", "balancer-errors"),
        "create SecurityGroup*Rule lb-*-pods-8080",
        f"create {OVERPROVISIONER}",
        f"update {OVERPROVISIONER}",
        "update WebAcl lb",
        "update Record traffic",
        "create MetricAlarm traffic-latch-vital",
        "update MetricAlarm traffic-latch-APP",
        "update EventRule traffic-latch",
    ),
)


def drain_cell(config: Config) -> None:
    """Sets `traffic.drained`, so that Route 53 sends no clients to the cell."""
    config["ha-eks:traffic"]["drained"] = True


def undrain_cell(config: Config) -> None:
    """Sets `traffic.drained` to false, so that Route 53 sends clients to the cell again."""
    config["ha-eks:traffic"]["drained"] = False


DRAIN_CELL = Edit(
    name="drain the cell (drained: true)",
    change=drain_cell,
    applies=has_domain,
    expected=("update HealthCheck traffic-all",),
)
