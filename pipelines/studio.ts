/**
 * `deno task studio`: runs on a page of one's own machine.
 *
 * @module
 */
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { field } from "../lib/config/field.ts";
import { runCommand } from "../lib/run/command.ts";

const LOCAL = "127.0.0.1";

if (import.meta.main) {
  await runCommand({
    name: "studio",
    summary: "open a page on this machine: runs started, watched live, compared and looked after",
    options: {
      host: field.choice([LOCAL, "0.0.0.0"], {
        default: LOCAL,
        doc:
          "Who may reach the page: this computer, or (0.0.0.0, with --token) the whole network, unencrypted.",
      }),
      port: field.int({ default: 0, min: 0, max: 65535, doc: "Port; 0 takes a free one." }),
      token: field.text({
        default: "",
        doc: "The word in the link, 16 characters or more; without it, one is made up that works once.",
      }),
      runs: field.path("folder", { default: "runs", doc: "The folder of all runs." }),
      open: field.bool({ default: true, doc: "Open the browser; --no-open only prints the link." }),
    },
  }, async ({ options }) => {
    const { host, port, token, runs, open } = options;
    if (host !== LOCAL && token.length < 16) {
      return RTE.left({
        ...{ _tag: "InputInvalid", where: "studio", problem: `--host ${host} lets the network in` },
        remedy: "add --token with 16 characters or more",
      });
    }
    const { serveStudio } = await import("../studio/live.ts");
    return serveStudio({ hostname: host, port, token, open, places: { runs } });
  });
}
