"""Scenario `networks`: the stack with other network modes than that of the stack file."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import yaml

from core.facts.vpc_endpoints import NEEDED_FOR_TRACES, NEEDED_WITHOUT_NAT
from settings import read_stack_file
from tools.recording import Recording, record
from tools.recording.made_up_outputs import ACCOUNT, digest
from tools.recording.record import ROOT
from tools.rehearsal.creation_order import check_orders
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.edits.protection import disable_deletion_protection
from tools.rehearsal.fake_cloud.cloud import FakeCloud
from tools.rehearsal.run import Run
from tools.rehearsal.scenarios import check_unchanged, up_as_recorded
from tools.rehearsal.teardown import destroy_unprotected

OpenRunOf = Callable[[Recording, Path], AbstractContextManager[Run]]
"""Opens a run for a recording, with the stack file in a folder."""


def _without_nat(config: Config) -> None:
    """Sets `nat: none`, with VPC endpoints and copies of all images in the ECR of the region."""
    region = config["aws:region"]
    registry = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com"
    endpoints = [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]
    config["ha-eks:network"] = {**_zones(config), "nat": "none", "endpoints": endpoints}
    config["ha-eks:images"] = {"source": "copies", "registry": registry}


def _separate_pod_network(config: Config) -> None:
    """Sets a secondary CIDR block for pods, with prefix delegation."""
    pods = {"cidr": "100.64.0.0/16", "prefixDelegation": True}
    config["ha-eks:network"] = {**_zones(config), "pods": pods}


def _existing_vpc(config: Config) -> None:
    """Sets a VPC and subnets that the stack does not create."""
    zones = _zones(config)
    existing = {
        role: {zone: f"subnet-{digest(role + zone)}" for zone in zones_of_role}
        for role, zones_of_role in (
            ("privateSubnets", zones["zones"]),
            ("publicSubnets", zones["zones"]),
            ("controlPlaneSubnets", zones["controlPlaneZones"]),
        )
    }
    config["ha-eks:network"] = {
        **zones,
        "existing": {"vpcId": f"vpc-{digest('existing')}", **existing},
    }


def _zones(config: Config) -> Mapping[str, list[str]]:
    return {key: config["ha-eks:network"][key] for key in ("zones", "controlPlaneZones")}


MODES: Mapping[str, Callable[[Config], None]] = {
    "no NAT, with VPC endpoints": _without_nat,
    "separate pod network with prefix delegation": _separate_pod_network,
    "existing VPC": _existing_vpc,
}
"""Changes of the stack file's network, by their name in the output."""


def network_modes(
    open_run: OpenRunOf, empty_cloud: Callable[[Recording], FakeCloud], recording: Recording
) -> None:
    """Creates and destroys the stack in each network mode, and checks the creation orders."""
    for name, mode in MODES.items():
        with tempfile.TemporaryDirectory(prefix="ha-eks-mode-") as folder:
            changed = record_mode(Path(folder), recording.stack, mode)
            with open_run(changed, Path(folder)) as run:
                run.report(check_orders(changed, empty_cloud, name))
                run.step("networks", f"{name}, first up", partial(up_as_recorded, run, changed))
                run.step("networks", f"{name}, second up", partial(check_unchanged, run.engine.up))
                run.step("networks", f"{name}, destroy", partial(destroy_unprotected, run))


def record_mode(folder: Path, stack: str, mode: Callable[[Config], None]) -> Recording:
    """Writes the stack file in a network mode, without deletion protection, and records it."""
    config: Config = dict(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"))
    mode(config)
    disable_deletion_protection(config)
    text = yaml.safe_dump({"config": config})
    (folder / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    return record(stack, root=folder)
