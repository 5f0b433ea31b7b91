"""Descriptions of alarms on workers and singletons."""

from tools.recording import Recording

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def test_descriptions_name_the_kind_of_the_workload_and_who_is_affected(
    recording: Recording,
) -> None:
    settings, cell = recording.settings, recording.stack
    for name in settings.deployments:
        for each in recording.of_type(ALARM):
            key = str(each.inputs["name"]).removeprefix(f"{cell}/")
            text = str(each.inputs["alarmDescription"]).partition("\n")[0]
            if not key.startswith(f"app/{name}/") and key != f"headroom/{name}":
                continue
            if name in settings.workers or name in settings.singletons:
                assert f"app {name}" not in text.lower(), key
            if name in settings.workers:
                assert "users" not in text, f"{key}: a worker has no users"
            if name in settings.singletons:
                assert "still serve" not in text, f"{key}: a singleton has one pod"
