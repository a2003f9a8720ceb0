import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import { type Plan, planFor } from "../../../../lib/tensor/tensorflow/setup/packages.ts";

const plan = (os: string, arch: string, gpu = false): Plan => {
  const planned = planFor({ os, arch }, { gpu });
  assert.ok(E.isRight(planned));
  return planned.right;
};

describe("planFor()", () => {
  it("pins one wheel by hash on every supported machine", () => {
    for (const [os, arch] of [["linux", "x86_64"], ["linux", "aarch64"], ["darwin", "aarch64"]] as const) {
      const { requirements, keep, platforms } = plan(os, arch);
      assert.equal(requirements.length, 1);
      assert.match(requirements[0]?.sha256 ?? "", /^[0-9a-f]{64}$/);
      assert.equal(platforms.length, 1);
      const pattern = new RegExp(`^(${keep})$`);
      assert.ok(pattern.test("tensorflow/libtensorflow_cc.so.2"));
      assert.ok(pattern.test("tensorflow/libtensorflow_framework.2.dylib"));
      assert.ok(!pattern.test("tensorflow/include/tensorflow/c/c_api.h"));
      assert.ok(!pattern.test("tensorflow/python/libtensorflow_cc.so.2"));
    }
  });

  it("adds the CUDA libraries for a GPU and keeps their layout", () => {
    const { requirements, keep } = plan("linux", "x86_64", true);
    assert.equal(requirements[0]?.requirement, "tensorflow==2.21.0");
    assert.equal(requirements.filter(({ requirement }) => requirement.startsWith("nvidia-")).length, 12);
    const pattern = new RegExp(`^(${keep})$`);
    assert.ok(pattern.test("nvidia/cudnn/lib/libcudnn.so.9"));
    assert.ok(pattern.test("nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc"));
    assert.ok(!pattern.test("nvidia/cudnn/include/cudnn.h"));
  });

  it("says what to do where there is no library", () => {
    for (
      const [os, arch, gpu] of [["windows", "x86_64"], ["darwin", "x86_64"], [
        "linux",
        "aarch64",
        true,
      ]] as const
    ) {
      const planned = planFor({ os, arch }, { gpu: gpu ?? false });
      assert.ok(E.isLeft(planned) && planned.left._tag === "SetupFailed");
      assert.match(planned.left.remedy, gpu ? /--gpu/ : /wasm/);
    }
  });
});
