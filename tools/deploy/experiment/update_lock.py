"""Checks that no update of the stack by Pulumi is in progress.

`pulumi stack ls` shows an update if the state is in Pulumi Cloud. If the state is in a bucket,
Pulumi writes a lock file for the time of an update; no command of the CLI shows this file.
`pulumi whoami --json` names the backend; the CLI hides this option from its help, but the
Automation API of Pulumi runs the same command.
https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_ls/
https://github.com/pulumi/pulumi/blob/v3.259.0/pkg/backend/diy/lock.go
https://github.com/pulumi/pulumi/blob/v3.259.0/sdk/go/auto/local_workspace.go
"""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qs, urlsplit

from tools.deploy.aws_cli import AwsError
from tools.deploy.check.result import Object, Readings, Result, not_ok, ok, skipped
from tools.deploy.programs import ProgramError, json_of
from tools.deploy.up import required_pulumi
from tools.recording import Recording
from tools.recording.record import ROOT

_SUBJECT = "Pulumi"
_REMEDY = "wait until it ends; a killed update leaves its lock behind (docs/recovery.md)"


def update_in_progress(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for the update of the stack that is in progress, or for none."""
    try:
        yield _update(recording, readings)
    except (ProgramError, LookupError, TypeError) as error:
        yield skipped(_SUBJECT, f"updates cannot be read: {error}")


def _update(recording: Recording, readings: Readings) -> Result:
    pulumi, stack = required_pulumi(), recording.stack
    url = urlsplit(str(json_of([pulumi, "whoami", "--json"], "pulumi whoami", ROOT)["url"]))
    if url.scheme == "s3":
        region = parse_qs(url.query).get("region", [recording.settings.aws.region])[0]
        project = readings.state()[0]["urn"].split("::")[1]
        parts = (url.path.strip("/"), f".pulumi/locks/organization/{project}/{stack}/")
        return _locks(readings, url.netloc, "/".join(filter(None, parts)), region)
    if url.scheme in ("http", "https"):
        listed = json_of([pulumi, "stack", "ls", "--json"], "pulumi stack ls", ROOT)
        busy = any(each["name"] == stack and each.get("updateInProgress") for each in listed)
        found = "an update of the stack is in progress"
        return not_ok(_SUBJECT, found, _REMEDY) if busy else ok(_SUBJECT, "no update in progress")
    return skipped(_SUBJECT, f"backend {url.scheme}: this command cannot read its lock")


def _locks(readings: Readings, bucket: str, folder: str, region: str) -> Result:
    """Returns a result for the lock files in a folder of a bucket."""
    try:
        answer: Object | None = readings.aws(
            *("s3api", "list-objects-v2", "--bucket", bucket, "--prefix", folder),
            *("--region", region),
        )
    except AwsError as error:
        return skipped(_SUBJECT, f"the locks in s3://{bucket} cannot be read: {error}")
    locks: Sequence[Object] = (answer or {}).get("Contents") or ()
    if locks:
        return not_ok(_SUBJECT, f"locked since {locks[0]['LastModified']}", _REMEDY)
    return ok(_SUBJECT, "no update in progress")
