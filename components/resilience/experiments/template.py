"""The FIS template of an experiment: its catalog entry, filled in for a cell."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import fis

from components.resilience.experiments.targets import Targets
from core.experiments.experiment import TAG, Action, Experiment
from core.facts.fis_actions import ACTIONS

_Dashboard = fis.ExperimentTemplateExperimentReportConfigurationDataSourcesCloudwatchDashboardArgs

_SCHEMA = 2
"""https://docs.aws.amazon.com/fis/latest/userguide/monitoring-logging.html"""


@dataclass(frozen=True, kw_only=True)
class TemplateArgs:
    """Arguments of template_args."""

    targets: Targets
    """Resources that the experiment acts on."""
    values: Mapping[str, str]
    """Values of the placeholders in parameters."""
    apps: Sequence[str]
    """Apps whose pods are deleted."""
    role_arn: pulumi.Input[str]
    """ARN of the role of the experiment."""
    stop_alarm_arns: Sequence[pulumi.Input[str]]
    """ARNs of the alarms that stop the experiment."""
    dashboard_arn: pulumi.Input[str]
    """ARN of the dashboard that the report shows."""
    log_group_arn: pulumi.Input[str]
    """ARN of the log group."""
    bucket: pulumi.Input[str]
    """Name of the bucket of reports."""


def template_args(experiment: Experiment, args: TemplateArgs) -> fis.ExperimentTemplateArgs:
    """Returns the template. An experiment whose target does not exist fails, because it proves
    nothing."""
    cell = args.targets.context.cell
    actions = [*_actions(experiment, args)]
    return fis.ExperimentTemplateArgs(
        description=f"{experiment.name}: {experiment.fault}",
        role_arn=args.role_arn,
        stop_conditions=[
            fis.ExperimentTemplateStopConditionArgs(source="aws:cloudwatch:alarm", value=arn)
            for arn in args.stop_alarm_arns
        ],
        actions=[_action(name, action, args) for name, action, _ in actions],
        targets=[
            args.targets.target(name, action.id, action.selection, app)
            for name, action, app in actions
            if ACTIONS[action.id].target
        ],
        experiment_options=fis.ExperimentTemplateExperimentOptionsArgs(
            account_targeting="single-account", empty_target_resolution_mode="fail"
        ),
        log_configuration=fis.ExperimentTemplateLogConfigurationArgs(
            log_schema_version=_SCHEMA,
            cloudwatch_logs_configuration=(
                fis.ExperimentTemplateLogConfigurationCloudwatchLogsConfigurationArgs(
                    log_group_arn=pulumi.Output.concat(args.log_group_arn, ":*")
                )
            ),
        ),
        experiment_report_configuration=_report(experiment, args),
        tags={TAG: experiment.name, "Name": f"{cell}-{experiment.name}"},
    )


def _actions(
    experiment: Experiment, args: TemplateArgs
) -> Iterator[tuple[str, Action, str | None]]:
    """Yields name, action and app of each action; an action per app is repeated."""
    for action in experiment.actions:
        if action.per_app:
            yield from ((f"{action.name}-{app}", action, app) for app in args.apps)
        else:
            yield action.name, action, None


def _action(name: str, action: Action, args: TemplateArgs) -> fis.ExperimentTemplateActionArgs:
    """Returns an action, whose target has the name of the action."""
    key = ACTIONS[action.id].target
    parameters = {**_filled(action.parameters, args.values)}
    if action.document:
        region = args.targets.context.region
        parameters["documentArn"] = f"arn:aws:ssm:{region}::document/{action.document}"
        document = _filled(action.document_parameters, args.values)
        parameters["documentParameters"] = json.dumps(document, sort_keys=True)
    return fis.ExperimentTemplateActionArgs(
        name=name,
        action_id=action.id,
        parameters=[
            fis.ExperimentTemplateActionParameterArgs(key=key, value=value)
            for key, value in sorted(parameters.items())
        ],
        start_afters=[action.after] if action.after else None,
        target=fis.ExperimentTemplateActionTargetArgs(key=key, value=name) if key else None,
    )


def _filled(parameters: Mapping[str, str], values: Mapping[str, str]) -> Mapping[str, str]:
    return {key: value.format_map(values) for key, value in parameters.items()}


def _report(
    experiment: Experiment, args: TemplateArgs
) -> fis.ExperimentTemplateExperimentReportConfigurationArgs:
    """Returns the report: actions, and graphs of the dashboard from 20 minutes before the
    experiment to 20 minutes after it, the defaults of FIS."""
    return fis.ExperimentTemplateExperimentReportConfigurationArgs(
        data_sources=fis.ExperimentTemplateExperimentReportConfigurationDataSourcesArgs(
            cloudwatch_dashboards=[_Dashboard(dashboard_arn=args.dashboard_arn)]
        ),
        outputs=fis.ExperimentTemplateExperimentReportConfigurationOutputsArgs(
            s3_configuration=(
                fis.ExperimentTemplateExperimentReportConfigurationOutputsS3ConfigurationArgs(
                    bucket_name=args.bucket, prefix=experiment.name
                )
            )
        ),
        pre_experiment_duration="PT20M",
        post_experiment_duration="PT20M",
    )
