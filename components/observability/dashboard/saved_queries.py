"""Queries of logs, saved in CloudWatch where people look for them."""

import pulumi
from pulumi_aws import cloudwatch

from components.observability.metric_sources import MetricSources
from core.log_queries import log_queries


def saved_queries(name: str, metric_sources: MetricSources, opts: pulumi.ResourceOptions) -> None:
    """Every query with its log group, in Logs Insights in the folder of the cell."""
    kept = [app for app, each in metric_sources.apps.items() if each.logs.collected]
    for query in log_queries(metric_sources.region, [*metric_sources.apps], kept):
        cloudwatch.QueryDefinition(
            f"{name}-{query.name.lower().replace(' ', '-')}",
            cloudwatch.QueryDefinitionArgs(
                name=f"{metric_sources.cell}/{query.name}",
                query_string=query.text,
                log_group_names=[metric_sources.log_groups[query.group]],
            ),
            opts=opts,
        )
