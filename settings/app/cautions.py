"""Cautions about ha-eks:apps."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from core.availability.zone_loss import fullest
from settings.availability import cell_of, pools_of
from settings.reading.caution import Caution
from settings.stack import NAMESPACE, Settings

_HTTPS = 443


def _beyond_the_nodes(settings: Settings, today: date) -> Iterator[Caution]:
    """Each app alone at its most, the others at their minimums, without headroom."""
    cell = replace(cell_of(settings), room={})
    for index, app in enumerate(cell.apps):
        most = settings.apps[app.pod.name].replicas.max
        apps = [*cell.apps]
        apps[index] = replace(app, pods=most)
        waiting = sum(pod.name == app.pod.name for pod in fullest(replace(cell, apps=apps)).pending)
        if waiting:
            yield Caution(
                key=f"{NAMESPACE}:apps.{app.pod.name}.replicas.max",
                text=f"of {most} pods {waiting * cell.zones} or so would find no node: its pools "
                "are at their most before",
            )


def _grace_of_a_shutdown(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.apps.items():
        for pool_name, pool in pools_of(settings, app).items():
            given = pool.kubelet.app_grace
            if not pool.bottlerocket and app.drain.grace > given:
                yield Caution(
                    key=f"{NAMESPACE}:apps.{name}.shutdownSeconds",
                    text=f"{app.drain}, and a node of pool {pool_name} that shuts down without a "
                    f"drain gives {given} s",
                )


def _strict_spread(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.apps.items():
        key = f"{NAMESPACE}:apps.{name}.spread"
        if app.spread.zones == "strict":
            yield Caution(
                key=f"{key}.zones",
                text="while one zone has no room and gets no node, no pod more comes up in any; "
                "what becomes of a lost zone's pods counts with nodes that are gone, not with such",
            )
        if app.spread.nodes == "strict":
            yield Caution(
                key=f"{key}.nodes",
                text="one node that is full caps all others, and the autoscaler may not see that a "
                "new one would help; that a lost zone's pods fit on the others' nodes is not "
                "promised for this app",
            )


def _rights_without_a_way(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.apps.items():
        if app.policies and not any(each.port == _HTTPS for each in app.reaches):
            yield Caution(
                key=f"{NAMESPACE}:apps.{name}.policies",
                text=f"it may ask AWS, and reaches nothing at port {_HTTPS}: add to `reaches` what "
                "AWS is found at, as {cidr: 0.0.0.0/0, port: 443} or an endpoint's subnets",
            )


def _volumes(settings: Settings, today: date) -> Iterator[Caution]:
    for name, app in settings.apps.items():
        if app.volume:
            yield Caution(
                key=f"{NAMESPACE}:apps.{name}.volume",
                text="one pod in one zone: it is away while its node is drained and while it is "
                "rolled, and with its zone until that is back (docs/stateful.md)",
            )


CAUTIONS = (
    _beyond_the_nodes,
    _grace_of_a_shutdown,
    _strict_spread,
    _rights_without_a_way,
    _volumes,
)
