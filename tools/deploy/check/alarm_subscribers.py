"""Checks that the subscribers of alarms have confirmed their subscription."""

from collections.abc import Iterator

from tools.deploy.check.result import (
    Readings,
    Result,
    ids_in_state,
    not_ok,
    ok,
    skipped,
)
from tools.recording import Recording


def subscribers(recording: Recording, readings: Readings) -> Iterator[Result]:
    """Yields a result for the subscribers of each topic, and one for each without confirmation.

    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
    """
    wanted = {each.endpoint for each in recording.settings.observability.alarms.subscriptions}
    if not wanted:
        yield skipped(
            "subscribers", "the stack file has none, so that alarms are only on the dashboard"
        )
        return
    topics = ids_in_state(readings.state(), "aws:sns/topic:Topic")
    for each in recording.of_type("aws:sns/topic:Topic"):
        arn = topics.get(each.urn)
        if arn is None:
            yield not_ok(each.name, "not in the state", f"run make up STACK={recording.stack}")
            continue
        region = arn.split(":")[3]
        found = {
            subscription["Endpoint"]: subscription["SubscriptionArn"]
            for subscription in readings.aws(
                "sns", "list-subscriptions-by-topic", "--topic-arn", arn, "--region", region
            )["Subscriptions"]
        }
        for endpoint in sorted(wanted):
            if endpoint not in found:
                yield not_ok(
                    endpoint,
                    f"is no subscriber of the topic in {region}",
                    f"run make up STACK={recording.stack}; AWS deletes a subscription that is not "
                    "confirmed within 48 hours",
                )
            elif not found[endpoint].startswith("arn:"):
                yield not_ok(
                    endpoint,
                    f"has not confirmed the subscription in {region}",
                    "open the link that AWS has sent to it; until then it receives no alarms",
                )
            else:
                yield ok(endpoint, f"receives the alarms in {region}")
