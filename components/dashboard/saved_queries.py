"""Queries of logs, saved in CloudWatch where people look for them."""

import pulumi
from pulumi_aws import cloudwatch

from components.watched import Watched
from core.log_queries import log_queries


def saved_queries(name: str, watched: Watched, opts: pulumi.ResourceOptions) -> None:
    """Every query with its log group, in Logs Insights in the folder of the cell."""
    kept = [app for app, each in watched.apps.items() if each.logs.collected]
    for query in log_queries(watched.region, [*watched.apps], kept):
        cloudwatch.QueryDefinition(
            f"{name}-{query.name.lower().replace(' ', '-')}",
            cloudwatch.QueryDefinitionArgs(
                name=f"{watched.cell}/{query.name}",
                query_string=query.text,
                log_group_names=[watched.log_groups[query.group]],
            ),
            opts=opts,
        )
