"""Writes `build/STACK`, replacing the whole folder at once."""

import dataclasses
import json
import shutil
import tempfile
from datetime import date
from pathlib import Path

from tools.preview.report import report
from tools.recording import Recording, Resource, manifests

_FIELDS = tuple(field.name for field in dataclasses.fields(Resource))


def write_build(recording: Recording, folder: Path) -> None:
    """Replaces `folder` by recording.json, report.html and manifests/*.yaml."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        new.chmod(0o755)
        (new / "recording.json").write_text(recording_json(recording), encoding="utf-8")
        (new / "report.html").write_text(report(recording, date.today()), encoding="utf-8")
        (new / "manifests").mkdir()
        for name, text in manifests(recording).items():
            (new / "manifests" / name).write_text(text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        new.rename(folder)
    except BaseException:
        shutil.rmtree(new)
        raise


def recording_json(recording: Recording) -> str:
    """A plan as JSON, the same from run to run."""
    document = {
        "stack": recording.stack,
        "settings": recording.settings.model_dump(mode="json", by_alias=True),
        "resources": [
            {name: getattr(resource, name) for name in _FIELDS} for resource in recording.resources
        ],
        "outputs": recording.outputs,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
