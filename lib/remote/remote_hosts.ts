/**
 * The servers that the settings name.
 *
 * @module
 */
import type { RewardsSettings } from "../method/settings_types.ts";

/**
 * Names the servers that a run asks, so that it gets the permission to reach these and no others.
 *
 * @returns Hosts with ports.
 */
export function remoteHosts(
  { rewards: { remote } }: { readonly rewards: Pick<RewardsSettings, "remote"> },
): readonly string[] {
  return [
    ...new Set(
      Object.values(remote).flatMap(({ url }) => {
        if (!URL.canParse(url)) return [];
        const { hostname, port, protocol } = new URL(url);
        return [`${hostname}:${port === "" ? protocol === "https:" ? 443 : 80 : port}`];
      }),
    ),
  ];
}
