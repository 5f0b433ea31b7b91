"""Writes the folder build/STACK: the recording, the report and the manifests."""

import dataclasses
import json
import shutil
import tempfile
from pathlib import Path

from tools.preview.report.page import page
from tools.preview.results import Preview
from tools.recording import Recording, Resource, manifests

_FIELDS = tuple(field.name for field in dataclasses.fields(Resource))


def write_build(preview: Preview, folder: Path) -> None:
    """Writes recording.json, report.html and manifests/*.yaml in place of the former ones.

    The results that other commands wrote into `folder` remain, such as those of a drill. If an
    error occurs before all files are written, all old content remains.
    """
    recording = preview.recording
    objects = manifests(recording)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        temporary.chmod(0o755)
        (temporary / "recording.json").write_text(recording_json(recording), encoding="utf-8")
        (temporary / "report.html").write_text(page(preview, objects), encoding="utf-8")
        (temporary / "manifests").mkdir()
        for name, text in objects.items():
            (temporary / "manifests" / name).write_text(text, encoding="utf-8")
        if folder.exists():
            written = {each.name for each in temporary.iterdir()}
            for each in folder.iterdir():
                if each.name not in written:
                    each.rename(temporary / each.name)
            shutil.rmtree(folder)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary)
        raise


def recording_json(recording: Recording) -> str:
    """Returns a recording as JSON. Equal recordings have the same JSON."""
    document = {
        "stack": recording.stack,
        "settings": recording.settings.model_dump(mode="json", by_alias=True),
        "resources": [
            {name: getattr(resource, name) for name in _FIELDS} for resource in recording.resources
        ],
        "outputs": recording.outputs,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
