/**
 * Which Python wheels hold TensorFlow's library for a machine.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import type { Checked } from "../../../core/stage.ts";

/** The pinned version of TensorFlow. */
export const TENSORFLOW_VERSION = "2.21.0";

/** A wheel to fetch. */
export interface Requirement {
  /** What pip is asked for. */
  readonly requirement: string;
  /** The wheel's hash, where one exact file is meant; pip checks the others against its index. */
  readonly sha256?: string;
  /** Roughly, for the progress line. */
  readonly megabytes: number;
}

/** What to install. */
export interface Plan {
  readonly package: string;
  readonly version: string;
  /** Platform tags that pip may take, so that the local Python's version doesn't matter. */
  readonly platforms: readonly string[];
  readonly requirements: readonly Requirement[];
  /** A Python regular expression for the paths inside the wheels that are kept. */
  readonly keep: string;
}

/** The machine to install for. */
export interface Machine {
  /** `Deno.build.os` */
  readonly os: string;
  /** `Deno.build.arch` */
  readonly arch: string;
}

interface Wheel extends Requirement {
  readonly package: string;
  readonly platform: string;
}

const CPU_WHEELS: Readonly<Record<string, Wheel>> = {
  "linux x86_64": {
    package: "tensorflow-cpu",
    requirement: `tensorflow-cpu==${TENSORFLOW_VERSION}`,
    platform: "manylinux_2_27_x86_64",
    sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
    megabytes: 274,
  },
  "linux aarch64": {
    package: "tensorflow",
    requirement: `tensorflow==${TENSORFLOW_VERSION}`,
    platform: "manylinux_2_27_aarch64",
    sha256: "b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552",
    megabytes: 282,
  },
  "darwin aarch64": {
    package: "tensorflow",
    requirement: `tensorflow==${TENSORFLOW_VERSION}`,
    platform: "macosx_12_0_arm64",
    sha256: "56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712",
    megabytes: 223,
  },
};

const GPU_WHEEL: Requirement = {
  requirement: `tensorflow==${TENSORFLOW_VERSION}`,
  sha256: "b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0",
  megabytes: 572,
};

/** The ranges of `tensorflow[and-cuda]`; the kernels open these libraries when a GPU is there. */
const CUDA_WHEELS: readonly Requirement[] = [
  { requirement: "nvidia-cublas-cu12>=12.5.3.2,<13", megabytes: 580 },
  { requirement: "nvidia-cuda-cupti-cu12>=12.5.82,<13", megabytes: 11 },
  { requirement: "nvidia-cuda-nvcc-cu12>=12.5.82,<13", megabytes: 40 },
  { requirement: "nvidia-cuda-nvrtc-cu12>=12.5.82,<13", megabytes: 90 },
  { requirement: "nvidia-cuda-runtime-cu12>=12.5.82,<13", megabytes: 4 },
  { requirement: "nvidia-cudnn-cu12>=9.3.0.75,<10", megabytes: 700 },
  { requirement: "nvidia-cufft-cu12>=11.2.3.61,<12", megabytes: 200 },
  { requirement: "nvidia-curand-cu12>=10.3.6.82,<11", megabytes: 70 },
  { requirement: "nvidia-cusolver-cu12>=11.6.3.83,<12", megabytes: 340 },
  { requirement: "nvidia-cusparse-cu12>=12.5.1.3,<13", megabytes: 370 },
  { requirement: "nvidia-nccl-cu12>=2.27.7,<3", megabytes: 330 },
  { requirement: "nvidia-nvjitlink-cu12>=12.5.82,<13", megabytes: 40 },
];

const CUDA_PLATFORMS = ["28", "27", "25", "24", "18", "17"].map((minor) => `manylinux_2_${minor}_x86_64`)
  .concat("manylinux2014_x86_64");

const LIBRARIES = "tensorflow/libtensorflow_(cc|framework)[^/]*";

const unsupported = (problem: string, remedy: string): Checked<never> =>
  E.left({ _tag: "SetupFailed", step: "platform", problem, remedy });

/**
 * Chooses the wheels for a machine.
 *
 * @param machine Operating system and processor.
 * @param options Whether the CUDA set is wanted.
 * @returns What to install, or `SetupFailed` where no wheel has a usable library.
 *
 * @example
 * ```ts
 * import { planFor } from "./packages.ts";
 * import assert from "node:assert/strict";
 * const plan = planFor({ os: "linux", arch: "x86_64" }, { gpu: false });
 * assert.equal(plan._tag === "Right" && plan.right.package, "tensorflow-cpu");
 * assert.equal(planFor({ os: "windows", arch: "x86_64" }, { gpu: false })._tag, "Left");
 * ```
 */
export function planFor(machine: Machine, options: { readonly gpu: boolean }): Checked<Plan> {
  const name = `${machine.os} ${machine.arch}`;
  const wheel = CPU_WHEELS[name];
  if (wheel === undefined) {
    return unsupported(
      `TensorFlow's wheels hold no library for ${name} that can be loaded`,
      "nothing to do: everything runs on wasm here, about ten times slower",
    );
  }
  if (!options.gpu) {
    const { package: name, platform, ...requirement } = wheel;
    const platforms = [platform];
    return E.right({
      package: name,
      version: TENSORFLOW_VERSION,
      platforms,
      requirements: [requirement],
      keep: LIBRARIES,
    });
  }
  if (name !== "linux x86_64") {
    return unsupported(`the CUDA libraries are for Linux on x86-64, not ${name}`, "leave out --gpu");
  }
  return E.right({
    package: "tensorflow-cuda",
    version: TENSORFLOW_VERSION,
    platforms: CUDA_PLATFORMS,
    requirements: [GPU_WHEEL, ...CUDA_WHEELS],
    keep: `${LIBRARIES}|nvidia/[^/]+/(lib|bin|nvvm)/.*`,
  });
}
