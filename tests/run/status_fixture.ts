import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { runCommand } from "../../lib/run/command.ts";
import type { Live } from "../../lib/run/live.ts";
import { showStatus } from "../../lib/run/status.ts";

const at = (step: number) =>
  showStatus({
    ...{ step, maxSteps: 30, secondsPerStep: 4, reward: 0.5 + step / 100, rewardStd: 0.1 },
    rewardParts: { tier: 0.6, ber: 0.4 },
    ...{ kl: 0.0123, gradNorm: 0.5, passRate: 0.25, targetPassRate: 0.25, threshold: 0.31 },
    ...{ tokensPerSecond: 1234, memory: 2e9, tensors: 321 },
  });

await runCommand(
  { name: "status", summary: "shows two states of a run and an answer", positionals: [], options: {} },
  () =>
    pipe(
      at(1),
      RTE.flatMap(() => at(2)),
      RTE.flatMapReader(() => ({ log, output }: Live): void => {
        log.info("saved");
        output("done");
      }),
    ),
);
