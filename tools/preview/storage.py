"""Formats shared volumes and AWS secrets for preview."""

from collections.abc import Iterator

from settings import Settings
from settings.reading.wording import counted, listed
from settings.workload.aws_secrets import directory_of, service_of

_SERVICES = {"secretsmanager": "Secrets Manager", "ssm": "Parameter Store"}


def storage_lines(settings: Settings) -> Iterator[str]:
    """Yields a line for each directory in EFS, and for each workload with AWS secrets."""
    zones = counted(len(settings.network.zones), "zone")
    for name, workload in settings.sharing.items():
        volume = workload.shared_volume
        if volume is None or volume.of:
            continue
        users = [each for each, other in settings.sharing.items()
                 if other.shared_volume and other.shared_volume.of == name]  # fmt: skip
        files = f"shared files of {listed([name, *users])}"
        if volume.file_system:
            yield f"{files}: directory /{name} of the existing file system {volume.file_system}"
            continue
        backups = "daily backups" if volume.backups else "no backups"
        yield (
            f"{files}: an EFS file system over all zones, elastic throughput, {backups}; a mount "
            f"target in each of {zones}, so that pods in the other zones still reach the files if "
            "a zone fails"
        )
    for name, workload in settings.workloads.items():
        if workload.aws_secrets:
            services = sorted(
                {_SERVICES[service_of(each)] for each in workload.aws_secrets.values()}
            )
            [directory] = {directory_of(each) for each in workload.aws_secrets}
            yield (
                f"AWS secrets of {name}: {counted(len(workload.aws_secrets), 'file')} in "
                f"{directory}; a new pod reads them from {listed(services)}, and does not start "
                "while AWS does not answer; running pods are not affected"
            )
