import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import * as E from "fp-ts/lib/Either.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Files } from "../../lib/core/capability.ts";
import { describe as line } from "../../lib/core/error.ts";
import { liveFiles } from "../../lib/run/live.ts";
import { loadProfile, type Profile } from "../../lib/method/profile.ts";
import { checkProfileFolders } from "../../lib/training/profile_folders.ts";
import { right } from "../cold_start/tiny.ts";

const files = liveFiles();
const profileAt = async (path: string): Promise<Profile> => right(await loadProfile(path)({ files })());

/** A disk that knows folders only. */
const disk = (folders: Readonly<Record<string, readonly string[]>>): { readonly files: Files } => ({
  files: { ...files, list: (path) => TE.right(folders[path] ?? []) },
});

describe("checkProfileFolders()", () => {
  it("has nothing against the bundled profile", async () => {
    assert.deepEqual(
      await checkProfileFolders(await profileAt("assets/nano"), "assets/nano")({ files })(),
      E.right(undefined),
    );
  });

  it("says in one line what is missing and where to put it", async () => {
    const path = "configs/profiles/showo-512.yaml";
    const found = await checkProfileFolders(await profileAt(path), path)({ files })();
    assert(E.isLeft(found));
    const text = line(found.left);
    assert.match(
      text,
      /^configs\/profiles\/showo-512\.yaml: missing: unified model \(models\/show-o-512x512\), /,
    );
    for (const folder of ["magvitv2", "ernie", "blip2-itm-vit-g", "dinov2-base"]) {
      assert.match(text, RegExp(folder));
    }
    assert.match(text, /docs\/full-size\.md.*--set profile=<copy>$/);
    assert.ok(!text.includes("\n"));
  });

  it("names the files that an existing folder lacks, and no expert that the profile leaves out", async () => {
    const full = await profileAt("configs/profiles/showo-256.yaml");
    const profile = { ...full, ernie: null, blip2: null, dinov2: null };
    const shards = ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin"];
    const there = { [profile.unified]: ["config.json", ...shards], [profile.imageTokenizer]: ["README.md"] };
    const found = await checkProfileFolders(profile, "p.yaml")(disk(there))();
    assert(E.isLeft(found));
    assert.match(
      line(found.left),
      /^p\.yaml: missing: unified model \(models\/show-o: tokenizer\.json\), image tokenizer \(models\/magvitv2: weights\); /,
    );
    const complete = { ...there, [profile.unified]: ["config.json", "tokenizer.json", ...shards] };
    const ready = { ...complete, [profile.imageTokenizer]: ["pytorch_model.bin"] };
    assert.ok(E.isRight(await checkProfileFolders(profile, "p.yaml")(disk(ready))()));
  });
});
