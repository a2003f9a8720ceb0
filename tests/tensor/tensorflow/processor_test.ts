import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { cpus } from "node:os";
import { processorText } from "../../../lib/tensor/tensorflow/processor.ts";

describe("processorText()", { skip: Deno.build.os !== "linux" }, () => {
  it("tells name and instruction sets, the same each time", () => {
    const [name = "", sets = ""] = processorText().split("\n");
    assert.ok(name.includes(cpus()[0]?.model ?? ""));
    assert.match(sets, /^(flags|Features)\s*: \w+ \w+/);
    assert.equal(processorText(), `${name}\n${sets}`);
  });
});
