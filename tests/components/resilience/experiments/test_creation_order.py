"""A template depends on all that it refers to, in the fake cloud of the rehearsal."""

from tests.components.resilience.experiments.requests import EXAMPLES, TEMPLATE
from tests.shared_recordings import recorded
from tools.rehearsal.empty_cloud import empty_cloud


def test_a_template_is_created_after_its_prerequisites_only_and_deleted_before_them() -> None:
    recording = recorded("experiments", EXAMPLES)
    for template in recording.of_type(TEMPLATE):
        before = recording.before(template)
        order = [each for each in recording.cloud_resources if each.urn in before]
        cloud, ids = empty_cloud(recording), dict[str, str]()
        for each in (*order, template):
            ids[each.urn] = cloud.create(each.type, each.urn, {**each.inputs}).id
        for each in (template, *reversed(order)):
            cloud.delete(each.type, ids[each.urn], each.urn)
