"""What preview leaves behind: `build/STACK`, written anew and swapped whole."""

import dataclasses
import json
import shutil
import tempfile
from datetime import date
from pathlib import Path

from plan import Plan, manifests
from preflight.report import report


def write_build(plan: Plan, folder: Path) -> None:
    """Writes plan.json, report.html and manifests/*.yaml into `folder`, replacing all in it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        new.chmod(0o755)
        (new / "plan.json").write_text(plan_json(plan), encoding="utf-8")
        (new / "report.html").write_text(report(plan, date.today()), encoding="utf-8")
        (new / "manifests").mkdir()
        for name, text in manifests(plan).items():
            (new / "manifests" / name).write_text(text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        new.rename(folder)
    except BaseException:
        shutil.rmtree(new)
        raise


def plan_json(plan: Plan) -> str:
    """A plan as JSON, the same from run to run."""
    document = {
        "stack": plan.stack,
        "settings": plan.settings.model_dump(mode="json", by_alias=True),
        "resources": [dataclasses.asdict(resource) for resource in plan.resources],
        "outputs": plan.outputs,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
