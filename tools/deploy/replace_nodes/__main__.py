"""`python -m tools.deploy.replace_nodes STACK`: replaces nodes that differ from the stack file."""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from settings import SettingsError
from tools.deploy.replace_nodes.aws import Aws
from tools.deploy.replace_nodes.interfaces import Parts, ReplaceError
from tools.deploy.replace_nodes.kubectl import Kubectl
from tools.deploy.replace_nodes.node_groups import units_of
from tools.deploy.replace_nodes.order import Replacing
from tools.deploy.replace_nodes.pulumi_cli import PulumiCli
from tools.deploy.up import MissingError, Ready, ready
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT
from tools.toolchain import KUBECTL, ToolError, find

_YIELDING = frozenset({"headroom"})
"""Namespaces whose pods give way to others, and may wait for room."""


def main() -> int:
    """Replaces the nodes of the stack that the command line names; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy.replace_nodes", description=__doc__
    )
    parser.add_argument("stack", metavar="STACK", help="prod, for Pulumi.prod.yaml")
    parser.add_argument("--pool", help="a pool of the stack file; default: each that does not fit")
    parser.add_argument(
        "--drain-minutes", type=int, default=60, help="for one node, at most (%(default)s)"
    )
    arguments = parser.parse_args()
    if int(arguments.drain_minutes) < 1:
        parser.error(f"--drain-minutes: {arguments.drain_minutes}; 1 or more")
    stack, pool = str(arguments.stack), arguments.pool
    try:
        recording = record(stack)
        if pool is not None and pool not in recording.settings.pools:
            parser.error(f"--pool: {pool}; one of {', '.join(sorted(recording.settings.pools))}")
        deleted = _replace(recording, ready(recording), pool, 60 * int(arguments.drain_minutes))
    except (SettingsError, RecordingError, MissingError, ToolError, ReplaceError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; run this again, and it goes on where it was", file=sys.stderr)
        return 130
    print(f"node groups replaced: {deleted}" if deleted else "nothing to replace")
    return 0


def _replace(recording: Recording, by: Ready, pool: str | None, seconds: int) -> int:
    pulumi = PulumiCli(by.pulumi, recording.stack, ROOT)
    with tempfile.TemporaryDirectory(prefix="ha-eks-replace-") as folder:
        kubeconfig = Path(folder) / "kubeconfig.json"
        kubeconfig.write_text(pulumi.kubeconfig(), encoding="utf-8")  # in a folder of our own only
        parts = Parts(
            engine=pulumi,
            cloud=Aws(by.ask, recording.stack, _targets(recording, pulumi)),
            cluster=Kubectl(find(KUBECTL, _say), kubeconfig, seconds=seconds, yielding=_YIELDING),
        )
        return Replacing(parts=parts, tell=_say).run(units_of(recording, pool))


def _targets(recording: Recording, pulumi: PulumiCli) -> Mapping[str, int]:
    """ARN of each app's target group, with the pods that the app has at least."""
    zones = recording.settings.network.effective_zones
    arns = {
        str(each["urn"]): str(each["id"])
        for each in pulumi.resources()
        if each["type"] == "aws:lb/targetGroup:TargetGroup" and not each.get("delete")
    }
    return {
        arns[group.urn]: app.replicas.minimum(zones)
        for name, app in recording.settings.apps.items()
        for group in recording.of_type("aws:lb/targetGroup:TargetGroup")
        if group.name == f"lb-{name}" and group.urn in arns
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
