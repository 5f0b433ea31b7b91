"""The requests of a version rollback to EKS, with the `aws` CLI.

A rollback of the control plane is UpdateClusterVersion with the previous minor version. Therefore
every version of the CLI supports it: the only new option, a timeout, has a default of 12 hours. The
option `--force` is never used.
https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterVersion.html
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.tags import POOL, ZONE
from tools.deploy.aws_cli import Ask, AwsError, time_of

UPGRADE, ROLLBACK = "VersionUpdate", "VersionRollback"
"""Types of the updates that change the version of a control plane."""

_POLL = 15.0
"""Seconds between two requests; AWS throttles frequent requests."""


class RollbackError(Exception):
    """The rollback stops; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class VersionUpdate:
    """A completed update of the version of the control plane."""

    type: str
    """`VersionUpdate` or `VersionRollback`."""
    version: str
    """Minor version after the update."""
    started: datetime
    """Time at which the update began; EKS does not report its end."""


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """A node group of the cluster."""

    name: str
    zone: str
    """Zone, `spanning`, or empty if the node group does not belong to the program."""
    pool: str
    """Pool, or empty."""
    version: str
    launch_template: Mapping[str, str]
    """ID and version of the launch template; empty without a launch template."""


@dataclass(frozen=True, kw_only=True)
class AddOn:
    """An installed add-on."""

    name: str
    version: str
    kept: tuple[str, ...]
    """Options of `update-addon` that keep what a request without them could reset."""


class Eks:
    """The cluster of a cell in EKS."""

    def __init__(self, ask: Ask, cell: str) -> None:
        self._ask, self._cell = ask, cell

    def version(self) -> str:
        """Returns the version of the control plane, after the update that is in progress, if any.

        Raises RollbackError if the cluster cannot be updated.
        """
        found = self._settled("describe-cluster", "--name", self._cell)
        if found["status"] != "ACTIVE":
            raise RollbackError(
                f"{self._cell}: the cluster has the status {found['status']}, and EKS rolls back "
                "only a cluster with the status ACTIVE"
            )
        return found["version"]

    def last_version_update(self) -> VersionUpdate | None:
        """Returns the latest successful upgrade or rollback; None if there was none."""
        ids = self._answer("list-updates", "--name", self._cell)["updateIds"]
        updates = [self._update(each) for each in ids]
        changes = [
            VersionUpdate(
                type=each["type"],
                version=next(p["value"] for p in each["params"] if p["type"] == "Version"),
                started=time_of(each["createdAt"]),
            )
            for each in updates
            if each["type"] in (UPGRADE, ROLLBACK) and each["status"] == "Successful"
        ]
        return max(changes, key=lambda each: each.started, default=None)

    def node_groups(self) -> Sequence[NodeGroup]:
        """Returns the node groups, sorted by zone and name, after their updates in progress."""
        names = self._answer("list-nodegroups", "--cluster-name", self._cell)["nodegroups"]
        groups = [self._node_group(each) for each in names]
        return sorted(groups, key=lambda each: (each.zone, each.name))

    def add_ons(self) -> Sequence[AddOn]:
        """Returns the installed add-ons."""
        names = self._answer("list-addons", "--cluster-name", self._cell)["addons"]
        return [self._add_on(each) for each in names]

    def compatible(self, add_on: str, version: str) -> frozenset[str]:
        """Returns the versions of an add-on that EKS offers for a Kubernetes minor version."""
        request = ("--kubernetes-version", version, "--addon-name", add_on)
        found = self._answer("describe-addon-versions", *request)["addons"]
        return frozenset(build["addonVersion"] for each in found for build in each["addonVersions"])

    def insights(self) -> Iterator[tuple[str, str]]:
        """Yields the status and a text for each rollback insight that does not pass."""
        only = json.dumps({"categories": ["ROLLBACK_READINESS"]})
        request = ("list-insights", "--cluster-name", self._cell, "--filter", only)
        for each in self._answer(*request)["insights"]:
            status = each["insightStatus"]
            if status["status"] != "PASSING":
                reason = status.get("reason")
                yield status["status"], ": ".join(filter(None, (each["name"], reason)))

    def roll_back_nodes(self, group: NodeGroup, version: str, release: str | None) -> None:
        """Rolls a node group back, with its launch template, and waits until EKS is done."""
        named = ("--nodegroup-name", group.name)
        more = ["--release-version", release] if release else []
        if group.launch_template:
            template = ",".join(f"{key}={value}" for key, value in group.launch_template.items())
            more += ["--launch-template", template]
        request = ("update-nodegroup-version", "--cluster-name", self._cell, *named)
        update = self._answer(*request, "--kubernetes-version", version, *more)["update"]
        self._follow(update["id"], *named)

    def roll_back_add_on(self, add_on: AddOn, version: str) -> None:
        """Installs another version of an add-on, and waits until EKS is done.

        OVERWRITE is what the program uses too: `components/cluster/add_ons.py`.
        """
        named = ("--addon-name", add_on.name)
        request = ("update-addon", "--cluster-name", self._cell, *named, "--addon-version", version)
        update = self._answer(*request, "--resolve-conflicts", "OVERWRITE", *add_on.kept)["update"]
        self._follow(update["id"], *named)

    def roll_back_control_plane(self, version: str) -> None:
        """Rolls the control plane back, and waits until EKS is done."""
        request = ("update-cluster-version", "--name", self._cell, "--kubernetes-version", version)
        self._follow(self._answer(*request)["update"]["id"])

    def _node_group(self, name: str) -> NodeGroup:
        named = ("--cluster-name", self._cell, "--nodegroup-name", name)
        found = self._settled("describe-nodegroup", *named)
        tags: Mapping[str, str] = found.get("tags", {})
        template: Mapping[str, str] = found.get("launchTemplate", {})
        return NodeGroup(
            name=name,
            zone=tags.get(ZONE, ""),
            pool=tags.get(POOL, ""),
            version=found["version"],
            launch_template={key: template[key] for key in ("id", "version") if key in template},
        )

    def _add_on(self, name: str) -> AddOn:
        named = ("--cluster-name", self._cell, "--addon-name", name)
        found = self._answer("describe-addon", *named)["addon"]
        options = {
            "--configuration-values": found.get("configurationValues"),
            "--service-account-role-arn": found.get("serviceAccountRoleArn"),
        }
        kept = [part for option, value in options.items() if value for part in (option, value)]
        return AddOn(name=name, version=found["addonVersion"], kept=tuple(kept))

    def _settled(self, *request: str) -> Any:  # Any: JSON of any shape
        """Returns a cluster or a node group as soon as no update of it is in progress."""
        while True:
            [found] = self._answer(*request).values()
            if found["status"] != "UPDATING":
                return found
            time.sleep(_POLL)

    def _update(self, update: str, *resource: str) -> Any:
        request = ("describe-update", "--name", self._cell, "--update-id", update, *resource)
        return self._answer(*request)["update"]

    def _follow(self, update: str, *resource: str) -> None:
        """Waits for the end of an update; raises RollbackError with its errors if it fails."""
        while (found := self._update(update, *resource))["status"] == "InProgress":
            time.sleep(_POLL)
        if found["status"] != "Successful":
            errors = [
                f"{each.get('errorCode')}: {each.get('errorMessage')}"
                for each in found.get("errors") or ()
            ]
            raise RollbackError("; ".join([f"the update {found['status'].lower()}", *errors]))

    def _answer(self, command: str, *arguments: str) -> Any:
        try:
            return self._ask("eks", command, *arguments)
        except AwsError as error:
            raise RollbackError(f"aws eks {command}: {error}") from error
