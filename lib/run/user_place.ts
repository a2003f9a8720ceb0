/**
 * Where the user of a command stands, and where the command may write.
 *
 * @module
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type Anchor, anchorAt } from "../config/places.ts";

/** Where `deno task` was called; without it the working folder. */
function userFolder(): string {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "INIT_CWD" });
  const told = state === "granted" ? Deno.env.get("INIT_CWD") : undefined;
  return told === undefined || told === "" ? Deno.cwd() : told;
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * Makes the anchor of the command line: relative paths count from where the user stands, not from the project.
 *
 * @returns The anchor; paths stay as they are written where the user stands in the project's folder.
 */
export function userAnchor(): Anchor {
  const folder = userFolder();
  return resolve(folder) === Deno.cwd() ? (path) => path : anchorAt(folder, exists);
}

/** The folder that stands for the whole disk in the tasks' permissions. */
const EVERYWHERE = "/";

/**
 * Gives up the right to write anywhere but in the folders that the task always has, and in those that are named.
 *
 * A task starts with the right to write everywhere, for nobody knows beforehand what its arguments name; with `-A` nothing
 * is given up.
 *
 * @param named Folders that arguments and settings name.
 */
export async function writeOnly(named: readonly string[]): Promise<void> {
  const everywhere = { name: "write", path: EVERYWHERE } as const;
  if ((await Deno.permissions.query(everywhere)).state !== "granted") return;
  for (const path of named) await Deno.permissions.request({ name: "write", path: resolve(path) });
  await Deno.permissions.revoke(everywhere);
}

/** Addresses that stand for the whole network in a task's permissions: any IPv4 address, and this computer by its names. */
const ANYWHERE = ["0.0.0.0", "localhost", "[::1]"] as const;

/**
 * Gives up the right to reach any server but those that are named; asks at a terminal for one that has a name, not an address.
 *
 * A task starts with the right to reach every IPv4 address, for nobody knows beforehand what its settings name; with `-A`
 * nothing is given up.
 *
 * @param hosts Servers that the settings name, with ports: `127.0.0.1:8900`.
 * @returns The hosts that stay closed; empty if all may be reached.
 */
export async function reachOnly(hosts: readonly string[]): Promise<readonly string[]> {
  if ((await Deno.permissions.query({ name: "net" })).state === "granted") return [];
  const closed: string[] = [];
  for (const host of hosts) {
    const { state } = await Deno.permissions.request({ name: "net", host });
    if (state !== "granted") closed.push(host);
  }
  for (const host of ANYWHERE) await Deno.permissions.revoke({ name: "net", host });
  return closed;
}
