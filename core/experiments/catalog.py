"""The experiments of a cell, in the order in which a team should run them for the first time.

The figures of lose-a-zone, slow-zone and lossy-zone follow AWS's scenarios, read on 2026-11-29:
https://docs.aws.amazon.com/fis/latest/userguide/az-availability-scenario.html
https://docs.aws.amazon.com/fis/latest/userguide/az-application-slowdown-scenario.html
https://docs.aws.amazon.com/fis/latest/userguide/cross-az-traffic-slowdown-scenario.html
https://docs.aws.amazon.com/fis/latest/userguide/cross-region-scenario.html
"""

from collections.abc import Mapping

from core.experiments.experiment import Action, Experiment
from core.facts import fis_actions as fis

_OUTAGE, _UNTIL_SHIFT = 30, 5
"""Minutes of a zone's outage, and of the outage before AWS shifts traffic away, as in AWS's
scenario. Unlike there, the subnets are cut for the whole outage: the addresses of the load
balancer in the zone do not answer, as in a real one."""
_GRAY, _WATCH, _REGION = 15, 10, 30
"""Minutes of a gray failure, of watching after a fault without a duration, and of a cut."""

_SERVES = ("apps-below-need", "balancer/errors", "app/*/errors", "app/*/hosts")
"""Alarms that are in alarm if requests fail, as opposed to requests that are slow."""

_WATCHED = Action(name="watch", id=fis.WAIT, parameters={"duration": f"PT{_WATCH}M"})
"""Keeps the experiment running, so that its stop conditions and its report cover the recovery."""

_SSM = (
    "The experiment acts on at most 5 nodes (quota L-D0A62255 of FIS, which AWS raises on request) "
    "and on AL2023 nodes only; the nodes install packages of Amazon Linux, which needs a route to "
    "its repositories in S3."
)


def _command(
    name: str, document: str, minutes: int, parameters: Mapping[str, str]
) -> tuple[Action, ...]:
    """Returns the action that runs an SSM document on the nodes of the zone."""
    common = {"DurationSeconds": f"{minutes * 60}", "InstallDependencies": "True"}
    return (
        Action(
            name=name,
            id=fis.SEND_COMMAND,
            parameters={"duration": f"PT{minutes}M"},
            document=document,
            document_parameters={**common, **parameters},
        ),
    )


_ALL_INTERFACES = {"Interface": "ALL", "TrafficType": "egress", "FlowsPercent": "100"}
"""Pods leave a node by any of its network interfaces; the default is the primary one only."""

_EXPERIMENTS = (
    Experiment(
        name="delete-pods",
        fault="Half of the pods of each exposed app are deleted at once.",
        proves="Deleted pods finish their requests, and the other pods carry the load until the "
        "replacements are ready.",
        holds=("impact",),
        expected=("app/*/not-ready", "redundancy"),
        before=(
            "Run the experiment in a test cell first. Pod actions of FIS fail for pods with a "
            "read-only root file system, such as those of a cell. AWS does not document whether "
            "this applies to the deletion of pods, which starts no container in them: "
            "https://docs.aws.amazon.com/fis/latest/userguide/eks-pod-actions.html",
        ),
        actions=(
            Action(
                name="delete",
                id=fis.DELETE_PODS,
                parameters={
                    "kubernetesServiceAccount": "{service_account}",
                    "fisPodSecurityPolicy": "restricted",
                },
                selection="PERCENT(50)",
                per_app=True,
            ),
            _WATCHED,
        ),
    ),
    Experiment(
        name="stress-cpu",
        fault="Another process takes 80% of the CPU of the zone's nodes.",
        proves="Pods get the CPU that they request while another process uses the rest.",
        holds=_SERVES,
        expected=("app/*/latency", "app/*/slow", "app/*/at-max", "redundancy"),
        before=(_SSM,),
        actions=_command("stress", fis.CPU_STRESS, 10, {"LoadPercent": "80", "CPU": "0"}),
    ),
    Experiment(
        name="terminate-nodes",
        fault="The nodes of one pool in the zone are terminated without a drain.",
        proves="The other zones carry the load, and new nodes and pods replace the lost ones.",
        holds=("impact",),
        expected=("redundancy",),
        actions=(
            Action(
                name="terminate",
                id=fis.TERMINATE_NODES,
                parameters={"instanceTerminationPercentage": "{percent}"},
            ),
            _WATCHED,
        ),
    ),
    Experiment(
        name="interrupt-spot",
        fault="AWS announces the interruption of the zone's spot nodes, and interrupts them 2 "
        "minutes later.",
        proves="Pods of spot nodes leave before the interruption, and other nodes run them.",
        holds=("impact",),
        expected=("redundancy",),
        before=(
            "The experiment acts on at most 5 spot nodes (quota L-F3F4B54A of FIS, which AWS "
            "raises on request).",
        ),
        actions=(
            Action(
                name="interrupt",
                id=fis.INTERRUPT_SPOT,
                parameters={"durationBeforeInterruption": "PT2M"},
            ),
            _WATCHED,
        ),
    ),
    Experiment(
        name="slow-zone",
        fault="Packets that the zone's nodes send within the zone arrive 200 ms later.",
        proves="A slow zone makes requests slower, but none fail; the dashboard shows which zone "
        "is slow.",
        holds=_SERVES,
        expected=("app/*/latency", "app/*/slow", "redundancy"),
        before=(_SSM,),
        actions=_command(
            "slow",
            fis.LATENCY,
            _GRAY,
            {"Sources": "{zone}", "DelayMilliseconds": "200", **_ALL_INTERFACES},
        ),
    ),
    Experiment(
        name="lossy-zone",
        fault="15% of the packets that the zone's nodes send to the other zones are lost.",
        proves="Lost packets between zones make requests slower, but none fail, because the "
        "packets are sent again.",
        holds=_SERVES,
        expected=("app/*/latency", "app/*/slow", "redundancy"),
        before=(_SSM,),
        actions=_command(
            "lose",
            fis.PACKET_LOSS,
            _GRAY,
            {"Sources": "{other_zones}", "LossPercent": "15", **_ALL_INTERFACES},
        ),
    ),
    Experiment(
        name="lose-a-zone",
        fault="The nodes of the zone stop, new ones are refused, and its subnets are cut off; "
        f"after {_UNTIL_SHIFT} minutes, load balancers and cluster are shifted away from the zone.",
        proves="The pods in the other zones carry the load of the lost zone without a new node.",
        holds=("impact",),
        expected=("redundancy",),
        before=(
            "No other zonal shift may be active, because a resource has at most one. Allow at "
            "least as many instances in quota L-3F98B425 of FIS as the zone has nodes; the default "
            "is 5.",
        ),
        actions=(
            Action(
                name="stop-nodes",
                id=fis.STOP_INSTANCES,
                parameters={
                    "startInstancesAfterDuration": f"PT{_OUTAGE}M",
                    # The Auto Scaling group terminates stopped nodes.
                    "completeIfInstancesTerminated": "true",
                },
            ),
            Action(
                name="refuse-launches",
                id=fis.REFUSE_LAUNCHES,
                parameters={
                    "duration": f"PT{_OUTAGE}M",
                    "availabilityZoneIdentifiers": "{zone}",
                    "percentage": "100",
                },
            ),
            Action(
                name="cut-subnets",
                id=fis.DISRUPT_SUBNETS,
                parameters={"duration": f"PT{_OUTAGE}M", "scope": "all"},
            ),
            Action(name="notice", id=fis.WAIT, parameters={"duration": f"PT{_UNTIL_SHIFT}M"}),
            Action(
                name="shift-zone",
                id=fis.SHIFT_ZONE,
                parameters={
                    "duration": f"PT{_OUTAGE - _UNTIL_SHIFT}M",
                    "availabilityZoneIdentifier": "{zone}",
                    "zonalAutoshiftStatus": "ANY",
                },
                after="notice",
            ),
        ),
    ),
    Experiment(
        name="cut-cross-region",
        fault="The private subnets lose their routes to the addresses of AWS in the other region.",
        proves="The cell serves without the region of its partner cell: they share nothing but "
        "Route 53 records.",
        holds=("impact",),
        before=(
            "Raise the quota L-93826ACB (routes per route table) of Amazon VPC to 250 plus the "
            "routes that the route tables have, or to 350 plus these if the other region is "
            "us-east-1.",
        ),
        actions=(
            Action(
                name="cut-region",
                id=fis.DISRUPT_REGION,
                parameters={"duration": f"PT{_REGION}M", "region": "{other_region}"},
            ),
        ),
    ),
)

EXPERIMENTS: Mapping[str, Experiment] = {each.name: each for each in _EXPERIMENTS}
"""The experiments, by name."""
