"""KEDA, which scales workloads on Prometheus queries and SQS queues."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.cell_context import ClusterContext
from components.helm_controller import Controller, ControllerArgs
from components.images import ImageResolver
from components.keda import chart
from core.facts.versions.charts import KEDA


@dataclass(frozen=True, kw_only=True)
class KedaArgs:
    """Arguments of Keda."""

    context: ClusterContext
    """Name and region of the cell, and the name of its cluster."""
    workspace_arn: pulumi.Output[str] | None
    """ARN of the Prometheus workspace that KEDA queries; None: no app has queries."""
    queue_arns: Sequence[str]
    """ARNs of the SQS queues whose messages KEDA counts."""
    before_pods: Sequence[pulumi.Resource]
    """Resources that pods require: nodes and cluster DNS."""
    resolve_image: ImageResolver
    """Returns the name under which nodes pull an image."""


class Keda(pulumi.ComponentResource):
    """Creates KEDA with a role that may read the workspace and the queues."""

    release: pulumi.Resource
    """The release, whose pods are ready. Objects of KEDA's kinds depend on it: KEDA brings the
    kinds, and removes the finalizers of the objects."""

    def __init__(
        self, name: str, args: KedaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:Keda", name, None, opts)
        workspace = pulumi.Output.from_input(args.workspace_arn)
        controller = Controller(
            name,
            ControllerArgs(
                chart=KEDA,
                context=args.context,
                policy=workspace.apply(lambda arn: chart.policy_for(arn, args.queue_arns)),
                annotations_value="podAnnotations.keda",
                values=chart.values(args.resolve_image),
                removed_values=chart.REMOVED_VALUES,
                before_pods=args.before_pods,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.release = controller.release
        self.register_outputs({})
