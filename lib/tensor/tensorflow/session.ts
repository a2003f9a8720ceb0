/**
 * One eager context of TensorFlow: the library, the context, the status that every call reports through.
 *
 * @module
 */
import { type Library, openLibrary, textAt } from "./library.ts";

/** Where ops run. */
export interface Device {
  readonly name: string;
  /** `CPU`, `GPU`. */
  readonly type: string;
}

/** An open eager context. */
export interface Session {
  readonly symbols: Library["symbols"];
  readonly context: Deno.PointerValue;
  readonly status: Deno.PointerValue;
  readonly version: string;
  readonly devices: readonly Device[];
  /** Throws TensorFlow's message if the last call failed. */
  readonly check: () => void;
  readonly close: () => void;
}

/** The part of a context that reports errors. */
type Reporting = Pick<Session, "symbols" | "status" | "check">;

/**
 * Opens the library and makes an eager context. Environment variables of TensorFlow must be set before.
 *
 * @param folder The folder of the libraries.
 * @param config A serialised `ConfigProto`, or nothing.
 * @returns The session; throws if the library can't be loaded or refuses the configuration.
 */
export function openSession(folder: string, config?: Uint8Array<ArrayBuffer>): Session {
  const library = openLibrary(folder);
  const { symbols } = library;
  const status = symbols.TF_NewStatus();
  const check = () => {
    if (symbols.TF_GetCode(status) !== 0) throw new Error(textAt(symbols.TF_Message(status)));
  };
  const reporting = { symbols, status, check };
  const context = newContext(reporting, config);
  return {
    ...reporting,
    context,
    version: textAt(symbols.TF_Version()),
    devices: listDevices(reporting, context),
    close: () => {
      symbols.TFE_DeleteContext(context);
      library.close();
    },
  };
}

function newContext(
  { symbols, status, check }: Reporting,
  config?: Uint8Array<ArrayBuffer>,
): Deno.PointerValue {
  const options = symbols.TFE_NewContextOptions();
  try {
    if (config !== undefined) {
      symbols.TFE_ContextOptionsSetConfig(options, config, BigInt(config.length), status);
      check();
    }
    const context = symbols.TFE_NewContext(options, status);
    check();
    return context;
  } finally {
    symbols.TFE_DeleteContextOptions(options);
  }
}

function listDevices({ symbols, status, check }: Reporting, context: Deno.PointerValue): readonly Device[] {
  const list = symbols.TFE_ContextListDevices(context, status);
  check();
  const devices = Array.from({ length: symbols.TF_DeviceListCount(list) }, (_, index) => ({
    name: textAt(symbols.TF_DeviceListName(list, index, status)),
    type: textAt(symbols.TF_DeviceListType(list, index, status)),
  }));
  symbols.TF_DeleteDeviceList(list);
  return devices;
}
