"""Reads the event file of a real run with TensorBoard's own reader and compares it with the run's other records.

    python tests/run/read_run.py <run folder>
"""

import json
import math
import re
import sys
from pathlib import Path

from tensorboard import context
from tensorboard.backend.event_processing import data_provider, event_accumulator, plugin_event_multiplexer
from tensorboard.plugins.hparams import plugin_data_pb2

run = Path(sys.argv[1])
unlimited = {name: 0 for name in (event_accumulator.TENSORS, event_accumulator.IMAGES, event_accumulator.SCALARS)}
reader = event_accumulator.EventAccumulator(str(run), size_guidance=unlimited)
reader.Reload()

rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
names = [name for name in rows[0] if name != "step"]
logged = {name: [(row["step"], row[name]) for row in rows if row[name] is not None] for name in names}
for name, expected in logged.items():
    read = [(event.step, event.value) for event in reader.Scalars(name)] if expected else []
    assert [step for step, _ in read] == [step for step, _ in expected], name
    assert all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-30) for (_, a), (_, b) in zip(read, expected)), name
for evaluation in sorted((run / "eval").glob("step-*.json")):
    content = json.loads(evaluation.read_text())
    for name, score in content["scores"].items():
        steps = [event.step for event in reader.Scalars(f"eval/{name}")] if score["value"] is not None else []
        assert score["value"] is None or content["step"] in steps, name

grids = sorted((run / "samples").glob("step-*.png"))
images = {event.step: event for event in reader.Images("samples")}
texts = {event.step: event.tensor_proto.string_val[0].decode() for event in reader.Tensors("reasoning")}
assert grids, "the run drew no grid"
for grid in grids:
    step = int(re.search(r"\d+", grid.name).group())
    assert images[step].encoded_image_string == grid.read_bytes(), f"{grid} is another picture than TensorBoard's"
    for line in grid.with_suffix(".jsonl").read_text().splitlines():
        sample = json.loads(line)
        for text in (sample["prompt"], sample.get("reasoning") or ""):
            shown = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")
            assert shown in texts[step], f"step {step} lacks: {text}"

plugin = reader.PluginTagToContent("hparams")
start = plugin_data_pb2.HParamsPluginData.FromString(plugin["_hparams_/session_start_info"]).session_start_info
settings = {name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()}
config = (run / "config.yaml").read_text()
assert len(settings) > 80 and settings["rl.max_steps"] >= rows[-1]["step"], settings
for name in ("name", "concept", "profile"):
    assert f"{name}: {settings[name]}\n" in config, name
experiment = plugin_data_pb2.HParamsPluginData.FromString(plugin["_hparams_/experiment"]).experiment
assert {info.name for info in experiment.hparam_infos} == set(settings)
assert [info.name.tag for info in experiment.metric_infos] == ["reward", "kl"], experiment

# What TensorBoard's tabs are filled from.
multiplexer = plugin_event_multiplexer.EventMultiplexer()
multiplexer.AddRun(str(run), "run").Reload()
provider = data_provider.MultiplexerDataProvider(multiplexer, str(run))
tabs = {
    "scalars": provider.list_scalars,
    "images": provider.list_blob_sequences,
    "text": provider.list_tensors,
}
shown = {
    plugin: set(listed(context.RequestContext(), experiment_id="", plugin_name=plugin).get("run", {}))
    for plugin, listed in tabs.items()
}
assert shown["scalars"] >= {name for name, values in logged.items() if values}, shown
assert shown["images"] == {"samples"} and shown["text"] == {"reasoning"}, shown

print(f"run: {len(names)} scalars, {len(grids)} grids with texts, {len(settings)} hyper-parameters read back by TensorBoard")
