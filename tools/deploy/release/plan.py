"""Plans a release: validates the image, and finds the resources that depend on it."""

import re
import shutil
import tempfile
from pathlib import Path

from settings import files_of
from tools.deploy.preview_steps import short
from tools.deploy.release.dependents import beyond, dependents
from tools.deploy.release.interfaces import Release, ReleaseError
from tools.deploy.release.stack_file import YamlStackFile
from tools.recording import Recording, record

_DIGEST = re.compile("@sha256:[0-9a-f]{64}$")
_OTHER = "@sha256:" + 64 * "0"
"""Digest of no image, to find the resources that depend on the image."""


def plan(stack: str, app: str, image: str, file: YamlStackFile) -> tuple[Release, Recording]:
    """Returns the release of an image, and the recording of the stack with this image.

    Raises ReleaseError if a release cannot do it, SettingsError if the settings refuse the image.
    """
    if not _DIGEST.search(image):
        raise ReleaseError(_without_digest(image))
    images = file.images()
    if app not in images:
        wrong = f"APP={app}: must be" if app else "APP: required;"
        raise ReleaseError(f"{wrong} one of {', '.join(images)}")
    former = images[app] if images[app] != image else None
    after = _recorded(stack, file, app, image)
    other = former or image.partition("@")[0] + _OTHER
    before = _recorded(stack, file, app, other)
    paths = dependents(before, after)
    outside = beyond([*paths], app, before, after)
    if outside:
        raise ReleaseError(
            f"IMAGE={image}: needs changes beyond the objects of {app} in Kubernetes, which a "
            f"release does not make: {', '.join(map(short, outside))}; write the image into "
            f"{file.path.name} and run make up STACK={stack}"
        )
    old, new = ({each.urn for each in recording.resources} for recording in (before, after))
    release = Release(
        stack=stack,
        app=app,
        image=image,
        former=former,
        paths={urn: found for urn, found in paths.items() if urn in new},
        new=frozenset(new - old),
        scheduled=app in after.settings.cron_jobs,
    )
    return release, after


def _without_digest(image: str) -> str:
    """Returns the message for an image without a complete digest."""
    if not image:
        return "IMAGE: required, with its digest: IMAGE=NAME@sha256:…"
    name, at, _ = image.partition("@")
    if at:
        return f"IMAGE={image}: the digest must be sha256: and 64 hexadecimal digits"
    return (
        f"IMAGE={image}: has no digest, and a tag can name another image tomorrow; write "
        f"IMAGE={name}@sha256:… with the Digest of docker buildx imagetools inspect {image}"
    )


def _recorded(stack: str, file: YamlStackFile, app: str, image: str) -> Recording:
    """Returns the recording of the stack with another image of an app."""
    with tempfile.TemporaryDirectory(prefix="ha-eks-release-") as folder:
        for each in files_of(file.path):
            shutil.copy(each, folder)
        changed = Path(folder) / file.path.name
        changed.write_bytes(file.with_image(app, image).encode())
        return record(stack, root=Path(folder))
