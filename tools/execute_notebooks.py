"""Runs notebooks with the real Deno kernel and writes their outputs into them.

    python3 -m venv .cache/jupyter && .cache/jupyter/bin/pip install nbclient==0.11.0 nbformat==5.11.1
    .cache/jupyter/bin/python tools/execute_notebooks.py notebooks/*.ipynb

The kernel is `deno jupyter`; nothing is installed outside the environment. A notebook with an error is left as it was, and the
exit code is 1.
"""
import json
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

KERNEL = {
    "argv": ["deno", "jupyter", "--kernel", "--conn", "{connection_file}"],
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


def execute(path: Path) -> bool:
    """Runs one notebook from its own folder; True if it ended without an error."""
    executed = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(path.resolve().parent)}}
    client = NotebookClient(executed, timeout=900, kernel_name="deno", resources=resources)
    try:
        client.execute()
    except CellExecutionError as error:
        print(f"FAILED {path}: {error}")
        return False
    notebook = json.loads(path.read_text())
    count = 0
    for cell, done in zip(notebook["cells"], executed["cells"]):
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = [cleaned(output, count) for output in done["outputs"]]
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    print(f"ok     {path}")
    return True


if __name__ == "__main__":
    os.environ["NO_COLOR"] = "1"
    install_kernel()
    results = [execute(Path(name)) for name in sys.argv[1:]]
    sys.exit(0 if all(results) else 1)
