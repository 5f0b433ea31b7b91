"""Other networks than the stack file's: each is brought up, again without a change, and down."""

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
from tools.rehearsal.creation_order import late
from tools.rehearsal.edits.cluster import unprotect
from tools.rehearsal.edits.edit import Config
from tools.rehearsal.fake_cloud.cloud import Cloud
from tools.rehearsal.run import Stage
from tools.rehearsal.scenarios import down, same, whole

OpenFor = Callable[[Recording, Path], AbstractContextManager[Stage]]
"""Opens a stage for a plan, with the stack file in a folder."""


def _closed(config: Config) -> None:
    """Without NAT: AWS is reached by endpoints, images come from copies in the region's ECR."""
    region = config["aws:region"]
    registry = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com"
    endpoints = [*NEEDED_WITHOUT_NAT, *NEEDED_FOR_TRACES]
    config["ha-eks:network"] = {**_zones(config), "nat": "none", "endpoints": endpoints}
    config["ha-eks:images"] = {"source": "copies", "registry": registry}


def _pods_apart(config: Config) -> None:
    """Pods have a network of their own, and nodes take addresses in blocks."""
    pods = {"cidr": "100.64.0.0/16", "prefixDelegation": True}
    config["ha-eks:network"] = {**_zones(config), "pods": pods}


def _theirs(config: Config) -> None:
    """A VPC that is there already."""
    zones = _zones(config)
    existing = {
        role: {zone: f"subnet-{digest(role + zone)}" for zone in places}
        for role, places in (
            ("privateSubnets", zones["zones"]),
            ("publicSubnets", zones["zones"]),
            ("controlPlaneSubnets", zones["controlPlaneZones"]),
        )
    }
    config["ha-eks:network"] = {
        **zones,
        "existing": {"vpcId": f"vpc-{digest('theirs')}", **existing},
    }


def _zones(config: Config) -> Mapping[str, list[str]]:
    return {key: config["ha-eks:network"][key] for key in ("zones", "controlPlaneZones")}


MODES: Mapping[str, Callable[[Config], None]] = {
    "nat: none, with endpoints": _closed,
    "pods in a network of their own, by prefix": _pods_apart,
    "a VPC that is there": _theirs,
}
"""What the stack file's network is changed to."""


def modes(open_: OpenFor, empty: Callable[[Recording], Cloud], recording: Recording) -> None:
    """Takes the stack up and down in each mode of its network."""
    for name, mode in MODES.items():
        with tempfile.TemporaryDirectory(prefix="ha-eks-mode-") as folder:
            other = written(Path(folder), recording.stack, mode)
            with open_(other, Path(folder)) as stage:
                stage.tell(late(other, empty, f", {name}"))
                stage.act("modes", f"{name}, up", partial(whole, stage, other))
                stage.act("modes", f"{name}, up again", partial(same, stage.engine.up))
                stage.act("modes", f"{name}, destroy", partial(down, stage))


def written(folder: Path, stack: str, mode: Callable[[Config], None]) -> Recording:
    """Writes the stack's file in a mode of its network, ready to be taken down; its plan."""
    config: Config = dict(read_stack_file(ROOT / f"Pulumi.{stack}.yaml"))
    mode(config)
    unprotect(config)
    text = yaml.safe_dump({"config": config})
    (folder / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    return record(stack, root=folder)
