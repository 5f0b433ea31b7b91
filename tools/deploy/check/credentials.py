"""Checks that EKS Pod Identity has added AWS credentials to pods.

https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
"""

from collections.abc import Iterator

from core.pod_identity import CREDENTIALS
from tools.deploy.check.pods import is_running
from tools.deploy.check.result import Object, Readings, Result, count, inputs_of, not_ok, ok
from tools.recording import Recording


def credentials(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for each service account with an IAM role."""
    pods = [each for each in readings.objects("pods") if is_running(each)]
    for namespace, account in sorted(_accounts(recording), key=str):
        own = [
            each
            for each in pods
            if each["spec"].get("serviceAccountName") == account
            and namespace in (None, each["metadata"]["namespace"])
        ]
        without = [each["metadata"]["name"] for each in own if not _has_credentials(each)]
        if not own and namespace in recording.settings.cron_jobs:
            yield ok(account, "no job runs now")
        elif not own:
            yield not_ok(account, "no pod runs", "see the pods above")
        elif without:
            place = own[0]["metadata"]["namespace"]
            yield not_ok(
                account,
                f"{len(without)} of {len(own)} pods without credentials, such as {without[0]}",
                f"EKS adds them to new pods only: kubectl -n {place} delete pod {without[0]}",
            )
        else:
            yield ok(account, f"{count(len(own), 'pod')} with credentials")


def _accounts(recording: Recording) -> set[tuple[str | None, str]]:
    """Returns namespace and name of the service accounts; None: the namespace of an add-on."""
    associations = recording.of_type("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    own = {
        (str(each.inputs["namespace"]), str(each.inputs["serviceAccount"])) for each in associations
    }
    of_add_ons = {
        (None, str(association["serviceAccount"]))
        for add_on in recording.of_type("aws:eks/addon:Addon")
        for association in inputs_of(add_on).get("podIdentityAssociations", ())
    }
    return {*own, *of_add_ons}


def _has_credentials(pod: Object) -> bool:
    return any(
        variable["name"] == CREDENTIALS
        for container in pod["spec"]["containers"]
        for variable in container.get("env") or ()
    )
