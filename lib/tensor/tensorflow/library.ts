/**
 * TensorFlow's C API as functions: the symbols in use, opened with `Deno.dlopen`. Nothing is compiled.
 *
 * The Python package's `libtensorflow_cc` exports the whole C API, so the libraries of any `tensorflow` or
 * `tensorflow-cpu` wheel serve.
 *
 * @module
 */

/** The parts of `tensorflow/c/c_api.h` and `tensorflow/c/eager/c_api.h` that this project calls. */
export const SYMBOLS = {
  TF_Version: { parameters: [], result: "pointer" },
  TF_NewStatus: { parameters: [], result: "pointer" },
  TF_DeleteStatus: { parameters: ["pointer"], result: "void" },
  TF_GetCode: { parameters: ["pointer"], result: "i32" },
  TF_Message: { parameters: ["pointer"], result: "pointer" },
  TF_GetAllOpList: { parameters: [], result: "pointer" },
  TF_DeleteBuffer: { parameters: ["pointer"], result: "void" },

  TFE_NewContextOptions: { parameters: [], result: "pointer" },
  TFE_ContextOptionsSetConfig: { parameters: ["pointer", "buffer", "usize", "pointer"], result: "void" },
  TFE_DeleteContextOptions: { parameters: ["pointer"], result: "void" },
  TFE_NewContext: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_DeleteContext: { parameters: ["pointer"], result: "void" },
  TFE_ContextListDevices: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_DeviceListCount: { parameters: ["pointer"], result: "i32" },
  TF_DeviceListType: { parameters: ["pointer", "i32", "pointer"], result: "pointer" },
  TF_DeviceListName: { parameters: ["pointer", "i32", "pointer"], result: "pointer" },
  TF_DeleteDeviceList: { parameters: ["pointer"], result: "void" },
  TFE_ContextAddFunctionDef: { parameters: ["pointer", "buffer", "usize", "pointer"], result: "void" },
  TFE_ContextRemoveFunction: { parameters: ["pointer", "buffer", "pointer"], result: "void" },

  TFE_NewOp: { parameters: ["pointer", "buffer", "pointer"], result: "pointer" },
  TFE_DeleteOp: { parameters: ["pointer"], result: "void" },
  TFE_OpAddInput: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_OpSetAttrString: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TFE_OpSetAttrInt: { parameters: ["pointer", "buffer", "i64"], result: "void" },
  TFE_OpSetAttrFloat: { parameters: ["pointer", "buffer", "f32"], result: "void" },
  TFE_OpSetAttrBool: { parameters: ["pointer", "buffer", "u8"], result: "void" },
  TFE_OpSetAttrType: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrShape: { parameters: ["pointer", "buffer", "buffer", "i32", "pointer"], result: "void" },
  TFE_OpSetAttrIntList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrFloatList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrBoolList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_OpSetAttrTypeList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TFE_Execute: { parameters: ["pointer", "buffer", "buffer", "pointer"], result: "void" },
  /** The same on another thread. */
  TFE_ExecuteAside: {
    name: "TFE_Execute",
    parameters: ["pointer", "buffer", "buffer", "pointer"],
    result: "void",
    nonblocking: true,
  },

  TFE_NewTensorHandle: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_DeleteTensorHandle: { parameters: ["pointer"], result: "void" },
  TFE_TensorHandleDataType: { parameters: ["pointer"], result: "i32" },
  TFE_TensorHandleNumDims: { parameters: ["pointer", "pointer"], result: "i32" },
  TFE_TensorHandleDim: { parameters: ["pointer", "i32", "pointer"], result: "i64" },
  TFE_TensorHandleResolve: { parameters: ["pointer", "pointer"], result: "pointer" },
  TFE_TensorHandleCopyToDevice: {
    parameters: ["pointer", "pointer", "buffer", "pointer"],
    result: "pointer",
  },
  TF_AllocateTensor: { parameters: ["i32", "buffer", "i32", "usize"], result: "pointer" },
  TF_DeleteTensor: { parameters: ["pointer"], result: "void" },
  TF_TensorData: { parameters: ["pointer"], result: "pointer" },
  TF_TensorByteSize: { parameters: ["pointer"], result: "usize" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The opened library. */
export type Library = Deno.DynamicLibrary<typeof SYMBOLS>;

/**
 * Names the library files of the Python wheels on one operating system.
 *
 * @param system `Deno.build.os`.
 * @returns The file to open first, then the one it needs beside it; `null` where wheels hold no usable library.
 *
 * @example
 * ```ts
 * import { libraryFiles } from "./library.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(libraryFiles("linux"), ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]);
 * assert.equal(libraryFiles("windows"), null);
 * ```
 */
export function libraryFiles(system: string): readonly [string, string] | null {
  if (system === "linux") return ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
  if (system === "darwin") return ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"];
  return null;
}

/**
 * Opens TensorFlow's library.
 *
 * @param folder The folder that holds the files of {@link libraryFiles}.
 * @returns The library; throws with the loader's message if it can't be opened.
 */
export function openLibrary(folder: string): Library {
  const files = libraryFiles(Deno.build.os);
  if (files === null) throw new Error(`TensorFlow's library can't be loaded on ${Deno.build.os}`);
  return Deno.dlopen(`${folder}/${files[0]}`, SYMBOLS);
}

const encoder = new TextEncoder();
const names = new Map<string, Uint8Array<ArrayBuffer>>();

/**
 * Encodes a name for C, NUL-terminated; each name once per process.
 *
 * @param name An op, attribute or device name.
 * @returns Its bytes; not to be changed.
 */
export function cString(name: string): Uint8Array<ArrayBuffer> {
  const known = names.get(name);
  if (known !== undefined) return known;
  const bytes = encoder.encode(`${name}\0`);
  names.set(name, bytes);
  return bytes;
}

/**
 * Reads a C string.
 *
 * @returns The text; empty for a null pointer.
 */
export function textAt(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : new Deno.UnsafePointerView(pointer).getCString();
}
