"""Runs notebooks from top to bottom with the real Deno kernel.

    python3 -m venv .cache/jupyter && .cache/jupyter/bin/pip install -r tools/notebook_requirements.txt
    .cache/jupyter/bin/python tools/execute_notebooks.py notebooks/*.ipynb            writes their outputs into them
    .cache/jupyter/bin/python tools/execute_notebooks.py --check notebooks/*.ipynb    only tells whether they run

The kernel is `deno jupyter`, of the program that DENO names or of the one on the path; nothing is installed outside the
environment. A notebook with an error is left as it was, and the exit code is 1.
"""
import argparse
import json
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

KERNEL = {
    "argv": [os.environ.get("DENO", "deno"), "jupyter", "--kernel", "--conn", "{connection_file}"],
    "display_name": "Deno",
    "language": "typescript",
}
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def install_kernel() -> None:
    """Puts the kernel's description where this Python looks for it."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "kernels" / "deno"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(KERNEL))


def cleaned(output: dict, count: int) -> dict:
    """An output without colours, and without numbers that change from run to run."""
    kept = {key: value for key, value in output.items() if key != "transient"}
    if kept["output_type"] == "stream":
        kept["text"] = COLOURS.sub("", kept["text"]).splitlines(keepends=True)
    if kept["output_type"] == "execute_result":
        kept["execution_count"] = count
    return kept


def write_outputs(path: Path, executed: nbformat.NotebookNode) -> None:
    """Writes the outputs of an executed notebook into its file."""
    notebook = json.loads(path.read_text())
    count = 0
    for cell, done in zip(notebook["cells"], executed["cells"]):
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = [cleaned(output, count) for output in done["outputs"]]
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def execute(path: Path) -> nbformat.NotebookNode:
    """Runs one notebook from its own folder; raises at the first cell with an error."""
    notebook = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(path.resolve().parent)}}
    return NotebookClient(notebook, timeout=900, kernel_name="deno", resources=resources).execute()


def run(path: Path, write: bool) -> bool:
    """Runs one notebook and says how it went; True if it ended without an error."""
    started = time.monotonic()
    try:
        executed = execute(path)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        print(f"FAILED {path}: {COLOURS.sub('', str(error))}", flush=True)
        return False
    if write:
        write_outputs(path, executed)
    print(f"ok     {path} ({time.monotonic() - started:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="leave the files as they are")
    parser.add_argument("notebooks", nargs="+", type=Path)
    options = parser.parse_args()
    os.environ["NO_COLOR"] = "1"
    install_kernel()
    results = [run(path, write=not options.check) for path in options.notebooks]
    sys.exit(0 if all(results) else 1)
