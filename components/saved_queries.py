"""Queries of logs, saved in CloudWatch where people look for them."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.watched import Watched
from core.log_queries import log_queries


@dataclass(frozen=True, kw_only=True)
class SavedQueriesArgs:
    """What the saved queries of a cell need."""

    watched: Watched
    """The cell."""


class SavedQueries(pulumi.ComponentResource):
    """Every query under its name, with its log group, in CloudWatch Logs Insights."""

    def __init__(
        self, name: str, args: SavedQueriesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("ha-eks:index:SavedQueries", name, None, opts)
        watched = args.watched
        kept = [app for app, each in watched.apps.items() if each.logs.collected]
        for query in log_queries(watched.region, [*watched.apps], kept):
            cloudwatch.QueryDefinition(
                f"{name}-{query.name.lower().replace(' ', '-')}",
                cloudwatch.QueryDefinitionArgs(
                    name=f"{watched.cell}/{query.name}",
                    query_string=query.text,
                    log_group_names=[watched.log_groups[query.group]],
                ),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
