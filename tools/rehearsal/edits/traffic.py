"""Edits of the traffic that a cell is sent."""

from tools.rehearsal.edits.alarm_operations import OVER_ALL, alarms
from tools.rehearsal.edits.apps import app_at_root, main_app
from tools.rehearsal.edits.edit import Config, Edit
from tools.rehearsal.edits.headroom import ROOM


def has_traffic(config: Config) -> bool:
    """Whether there is a domain."""
    return "ha-eks:traffic" in config


def has_own_certificate(config: Config) -> bool:
    """Whether the certificate is made for the domain."""
    return has_traffic(config) and "certificate" not in config.get("ha-eks:loadBalancing", {})


def other_domain(config: Config) -> None:
    """The cell serves another name."""
    traffic = config["ha-eks:traffic"]
    traffic["domain"] = f"edited-{traffic['domain']}"


OTHER_DOMAIN = Edit(
    name="another domain",
    change=other_domain,
    fits=has_own_certificate,
    may=(
        "create Certificate lb",
        "create Record lb-validation",
        "create CertificateValidation lb",
        "update Listener lb-https",
        "delete CertificateValidation lb",
        "delete Certificate lb",
        "create Record traffic",
        "delete Record traffic",
    ),
    might=("update HealthCheck traffic*",),
)


def critical(config: Config) -> None:
    """The app at "/" decides on the cell's health, and a small app `vital` beside it."""
    main = app_at_root(config)
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


def takes_critical(config: Config) -> bool:
    """Whether the app at "/" may decide, and nobody else does yet."""
    apps: Config = config["ha-eks:apps"]
    others = [name for name, app in apps.items() if app.get("critical")]
    return has_traffic(config) and not others and "volume" not in apps[main_app(config)]


CRITICAL = Edit(
    name="a critical app more",
    change=critical,
    fits=takes_critical,
    may=(
        "create * vital",
        "create TargetGroup lb-vital",
        "create ListenerRule lb-vital",
        "create HealthCheck traffic-app-APP",
        "create HealthCheck traffic-app-vital",
        "create HealthCheck traffic-all",
        "delete HealthCheck traffic",
        "update Record traffic",
        "update Deployment APP",
        *alarms("create", "app-vital-*", "health-vital"),
        *alarms("update", "health-APP"),
        OVER_ALL,
    ),
    might=(
        *alarms("create", "headroom-vital"),
        *alarms("update", "balancer-errors"),
        "create SecurityGroup*Rule lb-*-pods-8080",
        f"create {ROOM}",
        f"update {ROOM}",
        "update WebAcl lb",
    ),
)


def drained(config: Config) -> None:
    """Clients are kept off the cell."""
    config["ha-eks:traffic"]["drained"] = True


DRAINED = Edit(
    name="drained: true",
    change=drained,
    fits=has_traffic,
    may=("update Record traffic",),
    might=("create HealthCheck traffic-drained", "delete HealthCheck traffic-all"),
)
