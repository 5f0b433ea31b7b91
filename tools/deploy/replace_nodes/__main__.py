"""`python -m tools.deploy.replace_nodes STACK`: replaces nodes that differ from the stack file."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from settings import SettingsError
from settings.reading.wording import listed
from tools.command_line import command_parser
from tools.deploy.programs import ProgramError
from tools.deploy.replace_nodes.aws import Aws
from tools.deploy.replace_nodes.interfaces import REMEDY, Parts, ReplaceError
from tools.deploy.replace_nodes.kubectl import Kubectl
from tools.deploy.replace_nodes.node_groups import units_of
from tools.deploy.replace_nodes.order import Replacing
from tools.deploy.replace_nodes.pulumi_cli import PulumiCli
from tools.deploy.up import MissingError, Ready, ready
from tools.entry_point import status_of
from tools.recording import Recording, RecordingError, record
from tools.recording.record import ROOT
from tools.toolchain import KUBECTL, ToolError, find

_PREEMPTIBLE = frozenset({"headroom"})
"""Namespaces of preemptible pods, which may stay pending during a replacement."""


def main() -> int:
    """Replaces the nodes of the stack that the command line names; returns the exit status."""
    parser = command_parser(
        "tools.deploy.replace_nodes",
        "Replaces nodes that differ from the stack file, zone by zone.",
    )
    parser.add_argument(
        "--pool", help="pool of the stack file; default: all pools whose nodes differ from it"
    )
    parser.add_argument(
        "--drain-minutes",
        type=int,
        default=60,
        help="time limit for the drain of one node; default: %(default)s",
    )
    arguments = parser.parse_args()
    if int(arguments.drain_minutes) < 1:
        parser.error(f"--drain-minutes: must be 1 or more, not {arguments.drain_minutes}")
    stack, pool = str(arguments.stack), arguments.pool
    try:
        recording = record(stack)
        if pool is not None and pool not in recording.settings.pools:
            pools = listed(sorted(recording.settings.pools), "or")
            parser.error(f"POOL={pool}: must be {pools}")
        deleted = _replace(recording, ready(recording), pool, 60 * int(arguments.drain_minutes))
    except (SettingsError, RecordingError, MissingError, ToolError, ReplaceError) as error:
        print(error, file=sys.stderr)
        return 1
    except ProgramError as error:
        print(f"{error}; {REMEDY}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as error:
        error.add_note("run the same command again to continue")
        raise
    print(f"node groups deleted: {deleted}" if deleted else "nothing to replace")
    return 0


def _replace(recording: Recording, tools: Ready, pool: str | None, seconds: int) -> int:
    pulumi = PulumiCli(tools.pulumi, recording.stack, ROOT)
    with tempfile.TemporaryDirectory(prefix="ha-eks-replace-") as folder:
        kubeconfig = Path(folder) / "kubeconfig.json"
        kubeconfig.write_text(
            pulumi.kubeconfig(), encoding="utf-8"
        )  # only this user can read the folder
        parts = Parts(
            engine=pulumi,
            cloud=Aws(tools.ask, recording.stack, _targets(recording, pulumi)),
            cluster=Kubectl(
                find(KUBECTL, _report), kubeconfig, seconds=seconds, ignored_namespaces=_PREEMPTIBLE
            ),
        )
        return Replacing(parts=parts, report=_report).run(units_of(recording, pool))


def _targets(recording: Recording, pulumi: PulumiCli) -> Mapping[str, int]:
    """Returns the minimum replicas of each exposed app by the ARN of each of its target groups."""
    zones = recording.settings.network.effective_zones
    arns = {
        str(each["urn"]): str(each["id"])
        for each in pulumi.resources()
        if each["type"] == "aws:lb/targetGroup:TargetGroup" and not each.get("delete")
    }
    return {
        arns[group.urn]: balancer.served[name].minimum_replicas(zones)
        for balancer in recording.settings.load_balancers.values()
        for name in balancer.exposed
        for group in recording.of_type("aws:lb/targetGroup:TargetGroup")
        if group.name == f"{balancer.resource_name}-{name}" and group.urn in arns
    }


def _report(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(status_of(main))
