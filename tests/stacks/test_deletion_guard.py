"""`pulumi destroy` of a protected cell is refused before anything is deleted."""

from tools.recording import Recording


def test_destroy_of_a_protected_cell_is_refused_first(recording: Recording) -> None:
    [guard] = recording.of_type("ha-eks:index:DeletionGuard")
    assert guard.options.get("protect", False) is bool(recording.settings.protected)
    created = {each.urn for each in recording.cloud_resources}
    assert created <= recording.before(guard), (
        "pulumi destroy would delete these before it is refused"
    )
