"""Saved queries of CloudWatch Logs Insights."""

import pulumi
from pulumi_aws import cloudwatch

from components.observability.metric_sources import MetricSources
from core.log_queries import log_queries


def saved_queries(name: str, sources: MetricSources, opts: pulumi.ResourceOptions) -> None:
    """Creates all saved queries, in the folder of the cell, each with its log group."""
    collected = [app for app, each in sources.apps.items() if each.logs.collected]
    for query in log_queries(sources.region, [*sources.apps], collected):
        cloudwatch.QueryDefinition(
            f"{name}-{query.name.lower().replace(' ', '-')}",
            cloudwatch.QueryDefinitionArgs(
                name=f"{sources.cell}/{query.name}",
                query_string=query.text,
                log_group_names=[sources.log_groups[query.log_group]],
            ),
            opts=opts,
        )
