"""Rules for shared volumes and AWS secrets of workloads."""

from collections.abc import Iterator

from settings.reading.problem import Problem
from settings.stack import Settings
from settings.workload.aws_secrets import directory_of, region_of, service_of


def _shared_with(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each `of` that names no workload with files of its own."""
    owners = sorted(
        name
        for name, each in settings.sharing.items()
        if each.shared_volume and not each.shared_volume.of
    )
    for name, each in settings.sharing.items():
        of = each.shared_volume and each.shared_volume.of
        others = [owner for owner in owners if owner != name]
        if of and of not in others:
            yield Problem(
                key=settings.key_of(name, "sharedVolume.of"),
                message=f"must be the name of another workload with its own sharedVolume: "
                f"{', '.join(others)}"
                if others
                else "no other workload has its own sharedVolume; remove of",
            )


def _without_effect(settings: Settings) -> Iterator[Problem]:
    """Yields a problem for each setting of a file system that the workload does not create."""
    for name, each in settings.sharing.items():
        volume = each.shared_volume
        if volume is None or not (volume.of or volume.file_system):
            continue
        reason = (
            f"the files belong to {volume.of}; write it there, or remove it"
            if volume.of
            else "the program neither backs up nor deletes an existing file system; remove it"
        )
        keys = {"backups": "backups", "deletion_protection": "deletionProtection"}
        if volume.of:
            keys["file_system"] = "fileSystem"
        for field, key in keys.items():
            if field in volume.model_fields_set:
                yield Problem(key=settings.key_of(name, f"sharedVolume.{key}"), message=reason)


def _one_directory(settings: Settings) -> Iterator[Problem]:
    for name, each in settings.workloads.items():
        first = next(iter(each.aws_secrets), "")
        for path in each.aws_secrets:
            if not directory_of(path):
                message = f"must be in a directory, such as /mnt/secrets{path}"
            elif directory_of(first) and directory_of(path) != directory_of(first):
                message = (
                    f"must be in the directory of the first file, {directory_of(first)}: the pod "
                    "mounts all files at once"
                )
            else:
                continue
            yield Problem(key=settings.key_of(name, f"awsSecrets.{path}"), message=message)


def _own_region(settings: Settings) -> Iterator[Problem]:
    own = settings.aws.region
    for name, each in settings.workloads.items():
        for path, arn in each.aws_secrets.items():
            if region_of(arn) != own:
                copy = {
                    "secretsmanager": f"replicate the secret to {own}, and write the ARN of the "
                    "replica",
                    "ssm": f"create the parameter in {own} too, and write its ARN",
                }[service_of(arn)]
                yield Problem(
                    key=settings.key_of(name, f"awsSecrets.{path}"),
                    message=f"is in {region_of(arn)}, but the cell is in {own}: during an outage "
                    f"of {region_of(arn)}, no pod could start; {copy}",
                )
        for index, arn in enumerate(each.aws_secret_keys):
            if region_of(arn) != own:
                yield Problem(
                    key=settings.key_of(name, f"awsSecretKeys[{index}]"),
                    message=f"is in {region_of(arn)}, but the cell is in {own}; write the ARN of "
                    f"the key that encrypts the secret in {own}",
                )


def _once(settings: Settings) -> Iterator[Problem]:
    for name, each in settings.workloads.items():
        paths: dict[str, str] = {}
        for path, arn in each.aws_secrets.items():
            if arn in paths:
                yield Problem(
                    key=settings.key_of(name, f"awsSecrets.{path}"),
                    message=f"{paths[arn]} has the same secret; write each secret once",
                )
            paths.setdefault(arn, path)
        if each.aws_secret_keys and not each.aws_secrets:
            yield Problem(
                key=settings.key_of(name, "awsSecretKeys"),
                message="the pods mount no secret; write awsSecrets, or remove awsSecretKeys",
            )


RULES = (_shared_with, _without_effect, _one_directory, _own_region, _once)
