"""Reads an event file with TensorBoard's own reader and checks every value that write_events.ts wrote."""

import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import plugin_data_pb2

reader = event_accumulator.EventAccumulator(sys.argv[1], size_guidance={event_accumulator.TENSORS: 0})
reader.Reload()

data = {tag: reader.Tensors(tag) for tag in reader.Tags()["tensors"]}
scalars = {tag: [(event.step, event.value) for event in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}
assert scalars == {
    "reward": [(1, 0.25), (2, 0.5), (300, 75.0)],
    "rewards/clip/mean": [(1, -1.0), (2, -2.0), (300, -300.0)],
}, scalars

(image,) = reader.Images("samples")
assert (image.step, image.width, image.height) == (300, 5, 3), image
assert image.encoded_image_string.startswith(b"\x89PNG"), image

(text,) = data["prompts"]
assert text.tensor_proto.string_val[0].decode() == "a **photo** of <mochi> ü", text
assert reader.SummaryMetadata("prompts").plugin_data.plugin_name == "text"

plugin = reader.PluginTagToContent("hparams")
start = plugin_data_pb2.HParamsPluginData.FromString(plugin["_hparams_/session_start_info"]).session_start_info
values = {name: value.WhichOneof("kind") for name, value in start.hparams.items()}
assert values == {
    "learning_rate": "number_value",
    "dsog.rule": "string_value",
    "resume": "bool_value",
    "max_kl": "string_value",
}, values
assert start.hparams["learning_rate"].number_value == 1e-4
experiment = plugin_data_pb2.HParamsPluginData.FromString(plugin["_hparams_/experiment"]).experiment
assert sorted((info.name, info.type) for info in experiment.hparam_infos) == [
    ("dsog.rule", 1), ("learning_rate", 3), ("max_kl", 1), ("resume", 2),
], experiment
assert [info.name.tag for info in experiment.metric_infos] == ["reward"], experiment
print("event file: every value read back by TensorBoard")
