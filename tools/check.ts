/**
 * `deno task house`: the rules that neither the compiler nor the linter knows.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { checkConfigComments } from "./check_config_comments.ts";
import { checkDocTags } from "./check_doc_tags.ts";
import { checkDocs } from "./check_docs.ts";
import { checkEquations } from "./check_equations.ts";
import { checkLayers } from "./check_layers.ts";
import { checkWords } from "./check_words.ts";
import { readSourceTree } from "./source_tree.ts";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const tree = await readSourceTree(root);
const checks = {
  layers: checkLayers(tree),
  words: checkWords(tree),
  equations: checkEquations(tree),
  "config comments": checkConfigComments(tree),
  "doc tags": checkDocTags(tree),
  docs: await checkDocs(tree, root),
};
for (const [name, problems] of Object.entries(checks)) {
  console.log(`${name}: ${problems.length === 0 ? "ok" : `${problems.length} problems`}`);
  for (const problem of problems) console.log(`  ${problem}`);
}
if (Object.values(checks).some((problems) => problems.length > 0)) Deno.exit(1);
