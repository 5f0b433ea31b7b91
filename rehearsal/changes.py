"""Changes that people make to a stack file, each in place on what the file has under `config`."""

from typing import Any

from core.subnets import ZONE_LETTERS
from core.tags import SPANNING
from core.versions import KUBERNETES

_ELSEWHERE = "arn:aws:iam::210987654321:role"
"""Where principals are that nothing in a rehearsal makes."""
NAT = ("perZone", "regional", "single")
"""Modes of NAT that one leads to the next of."""
_MOST_ZONES = 6

Config = dict[str, Any]  # Any: a stack file's values are YAML of any shape


def main_app(config: Config) -> str:
    """Name of the app at "/", which edits are made to."""
    apps: Config = config["ha-eks:apps"]
    return next(
        name
        for name, app in apps.items()
        if app.get("expose") is not None and app["expose"].get("path", "/") == "/"
    )


def _app(config: Config) -> Config:
    return config["ha-eks:apps"][main_app(config)]


def first_pool(config: Config) -> Config:
    """The pool that edits are made to."""
    return next(iter(config["ha-eks:pools"].values()))


def image(config: Config) -> None:
    """Another image of the app at "/"."""
    image = _app(config)["image"].partition("@")[0]
    _app(config)["image"] = f"{image}-edited" if ":" in image else f"{image}:edited"


def replicas(config: Config) -> None:
    """One more pod of the app at "/" is needed."""
    replicas = _app(config)["replicas"]
    replicas["needed"], replicas["max"] = replicas["needed"] + 1, replicas["max"] * 2


def new_app(config: Config) -> None:
    """A small app `extra` on a path and a port of its own."""
    config["ha-eks:apps"]["extra"] = {
        **_app(config),
        "port": 8080,
        "expose": {"path": "/extra"},
        "requests": {"cpu": "50m", "memory": "32Mi"},
        "replicas": {"needed": 1, "max": 6},
    }


def app_gone(config: Config) -> None:
    """The app `extra` goes."""
    del config["ha-eks:apps"]["extra"]


def bigger_pool(config: Config) -> None:
    """The first pool's maximum is two nodes a zone higher."""
    first_pool(config)["perZone"]["max"] += 2


def has_descheduler(config: Config) -> bool:
    """Whether the descheduler is on."""
    return config.get("ha-eks:autoscaling", {}).get("descheduler", True)


def has_no_descheduler(config: Config) -> bool:
    """Whether the descheduler is off."""
    return not has_descheduler(config)


def descheduler_off(config: Config) -> None:
    """The descheduler goes."""
    config.setdefault("ha-eks:autoscaling", {})["descheduler"] = False


def descheduler_on(config: Config) -> None:
    """The descheduler comes."""
    config.setdefault("ha-eks:autoscaling", {})["descheduler"] = True


def new_pool(config: Config) -> None:
    """A pool `extra`."""
    config["ha-eks:pools"]["extra"] = {
        "instanceTypes": ["c7i.large"],
        "perZone": {"min": 1, "max": 2},
    }


def spanning_pool(config: Config) -> None:
    """A pool `wide`, one node group over all zones."""
    config["ha-eks:pools"]["wide"] = {
        "instanceTypes": ["c7i.large"],
        "perZone": {"min": 1, "max": 2},
        "layout": SPANNING,
    }


def reserved(config: Config) -> None:
    """Capacity is reserved for the pool `extra`."""
    config["ha-eks:pools"]["extra"]["perZone"]["reserved"] = 1


def larger_disk(config: Config) -> None:
    """Larger disks of the first pool's nodes."""
    pool = first_pool(config)
    pool["diskGib"] = pool.get("diskGib", 50) + 10


def labels(config: Config) -> None:
    """Another label of the first pool's nodes."""
    pool = first_pool(config)
    pool["labels"] = {**pool.get("labels", {}), "edited": "yes"}


def release(config: Config) -> None:
    """Another AMI release for the first pool's nodes."""
    first_pool(config)["releaseVersion"] = f"{config['ha-eks:cluster']['version']}.9-20991231"


_OTHER_AMI = {
    "AL2023_x86_64_STANDARD": "BOTTLEROCKET_x86_64",
    "AL2023_ARM_64_STANDARD": "BOTTLEROCKET_ARM_64",
}


def other_ami(config: Config) -> None:
    """Another operating system for the first pool's nodes, which they cannot take in place."""
    now = first_pool(config).get("amiType", "AL2023_x86_64_STANDARD")
    back = {new: old for old, new in _OTHER_AMI.items()}
    pool = first_pool(config)
    pool["amiType"] = {**_OTHER_AMI, **back}[now]
    for key in ("kubelet", "warmPool"):  # which are not the same for both
        pool.pop(key, None)


def has_former_minor(version: str) -> bool:
    """Whether there is a minor before a Kubernetes version."""
    return version != next(iter(KUBERNETES))


def former_minor(config: Config) -> None:
    """One Kubernetes minor back, for a stack that is then upgraded."""
    config["ha-eks:cluster"]["version"] = _neighbour(config, -1)


def next_minor(config: Config) -> None:
    """One Kubernetes minor on."""
    config["ha-eks:cluster"]["version"] = _neighbour(config, 1)


def _neighbour(config: Config, by: int) -> str:
    minors = list(KUBERNETES)
    return minors[minors.index(config["ha-eks:cluster"]["version"]) + by]


def takes_zone(config: Config) -> bool:
    """Whether there can be a zone more: VPC and pools of the file let zones come and go."""
    return _zones_move(config) and len(config["ha-eks:network"]["zones"]) < _MOST_ZONES


def spares_zone(config: Config) -> bool:
    """Whether there can be a zone less."""
    return _zones_move(config) and len(config["ha-eks:network"]["zones"]) > 2


def _zones_move(config: Config) -> bool:
    spanning = [each for each in config["ha-eks:pools"].values() if each.get("layout") == SPANNING]
    return "existing" not in config["ha-eks:network"] and not spanning


def one_more_zone(config: Config) -> None:
    """Another zone of the region."""
    zones = config["ha-eks:network"]["zones"]
    zones.append(zones[0][:-1] + _free(zones))


def one_zone_less(config: Config) -> None:
    """The last zone goes: the one that came last, if one came."""
    config["ha-eks:network"]["zones"].pop()


def other_control_plane_zones(config: Config) -> None:
    """A control-plane zone that is another one, which EKS takes at creation only."""
    zones = config["ha-eks:network"]["controlPlaneZones"]
    zones[-1] = zones[-1][:-1] + _free(zones)


def _free(zones: list[str]) -> str:
    return next(each for each in ZONE_LETTERS if each not in {zone[-1] for zone in zones})


def other_layout(config: Config) -> None:
    """One node group over all zones for the first pool's nodes instead of one in each, or back."""
    pool = first_pool(config)
    pool["layout"] = "perZone" if pool.get("layout") == SPANNING else SPANNING


def goes_out(config: Config) -> bool:
    """Whether a VPC is made, with some NAT."""
    network = config["ha-eks:network"]
    return "existing" not in network and network.get("nat", NAT[0]) in NAT


def other_nat(config: Config) -> None:
    """The next mode of NAT."""
    network = config["ha-eks:network"]
    now = NAT.index(network.get("nat", NAT[0]))
    network["nat"] = NAT[(now + 1) % len(NAT)]


def let_in(config: Config) -> None:
    """A viewer and an editor of the app at "/"."""
    cluster = config["ha-eks:cluster"]
    cluster["viewers"] = [*cluster.get("viewers", []), f"{_ELSEWHERE}/extra-viewer"]
    editors = cluster.setdefault("editors", {})
    own = editors.setdefault(main_app(config), [])
    own.append(f"{_ELSEWHERE}/extra-editor")


def has_several_apps(config: Config) -> bool:
    """Whether there is an app beside the one at "/"."""
    return len(config["ha-eks:apps"]) > 1


def let_in_further(config: Config) -> None:
    """The editor of the app at "/" may edit in another app as well."""
    app = next(name for name in config["ha-eks:apps"] if name != main_app(config))
    config["ha-eks:cluster"]["editors"].setdefault(app, []).append(f"{_ELSEWHERE}/extra-editor")


def pinned(config: Config) -> None:
    """An add-on's version is pinned."""
    add_ons = config["ha-eks:cluster"].setdefault("addOns", {})
    add_ons["kube-proxy"] = {"version": f"v{config['ha-eks:cluster']['version']}.99-eksbuild.1"}


_QUERY = "edited"
"""Name of a query that nobody else has."""


def takes_query(config: Config) -> bool:
    """Whether no app follows a query yet, and whoever asks Prometheus would reach it."""
    return config["ha-eks:network"].get("nat") != "none" and not any(
        app.get("scaling", {}).get("prometheus") for app in config["ha-eks:apps"].values()
    )


def query(config: Config) -> None:
    """The app at "/" scales on a metric of its own, as well as on CPU."""
    app = _app(config)
    app["metrics"] = {}
    app.setdefault("scaling", {})["prometheus"] = {
        _QUERY: {"query": "sum(rate(http_requests_total[2m]))", "podCarries": 50.5}
    }


def follows_query(config: Config) -> bool:
    """Whether the app at "/" follows that query."""
    return _QUERY in _app(config).get("scaling", {}).get("prometheus", {})


def query_gone(config: Config) -> None:
    """That query goes, and with it all that answered."""
    app = _app(config)
    del app["metrics"], app["scaling"]["prometheus"]


def has_traffic(config: Config) -> bool:
    """Whether there is a domain."""
    return "ha-eks:traffic" in config


def drained(config: Config) -> None:
    """Clients are kept off the cell."""
    config["ha-eks:traffic"]["drained"] = True


def unprotect(config: Config) -> None:
    """What docs/teardown.md has people change first."""
    config["ha-eks:cluster"]["deletionProtection"] = False
    config.setdefault("ha-eks:loadBalancing", {})["deletionProtection"] = False
