import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { networkFrom, type PostReply } from "../../../lib/metrics/judge/network.ts";
import { HIDDEN, hideSecrets, openAddress, secretsOf } from "../../../lib/metrics/judge/secrets.ts";
import { problem, right } from "../../run/outcome.ts";

const KEY = "sk-proj/Ab+9=xyz";

describe("secretsOf()", () => {
  it("finds keys in headers and in the address, and leaves placeholders alone", () => {
    const url = "http://me:pass%20word@host/v1?api_key=query-key-1&model=gpt-long-name";
    const headers = {
      Authorization: `Bearer ${KEY}`,
      "x-api-key": "header-key",
      "content-type": "application/json",
    };
    assert.deepEqual(
      new Set(secretsOf({ url, headers })),
      new Set([KEY, "header-key", "pass word", "query-key-1"]),
    );
    assert.deepEqual(secretsOf({ url: "http://host", headers: { authorization: "Bearer EMPTY" } }), []);
  });
});

describe("hideSecrets()", () => {
  it("hides a key as it is, in a URL, in JSON and in base64, wherever it lies", () =>
    fc.assert(fc.property(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), (before, after) => {
      const around = new TextEncoder().encode(`${before}${KEY}${after}`);
      const said = [
        KEY,
        encodeURIComponent(KEY),
        JSON.stringify(KEY),
        around.toBase64(),
        around.toBase64({ alphabet: "base64url" }),
      ];
      for (const text of said) {
        const shown = hideSecrets(`refused: ${text}`, [KEY]);
        assert.ok(shown.includes(HIDDEN), text);
        assert.ok(
          !shown.includes(KEY) && !shown.includes(new TextEncoder().encode(KEY).toBase64().slice(4, -6)),
        );
      }
    })));
});

describe("networkFrom() with keys", () => {
  it("brings back no key, in a body or in a failure", async () => {
    const ask = (fetcher: typeof fetch): Promise<PostReply> =>
      networkFrom(fetcher).post({
        url: "http://h/",
        headers: { authorization: `Bearer ${KEY}` },
        body: "",
        timeoutMs: 1000,
      })();
    const answer = await ask(() => Promise.resolve(new Response(`no ${KEY}`, { status: 401 })));
    assert.equal(answer._tag === "Answer" && answer.body, `no ${HIDDEN}`);
    const failed = await ask(() => Promise.reject(new Error(`cannot send ${btoa(KEY)}`)));
    assert.ok(failed._tag === "NoAnswer" && failed.problem.includes(HIDDEN));
  });
});

describe("openAddress()", () => {
  it("refuses an address with a key and does not repeat it", () => {
    right(openAddress("https://host:8080/v1?version=2", "judge.base_url"));
    for (const url of ["https://u:open-sesame@host/v1", "https://host/v1?key=open-sesame"]) {
      const line = problem(openAddress(url, "judge.base_url"));
      assert.match(line, /judge\.base_url: the address has a key/);
      assert.ok(!line.includes("open-sesame"));
    }
  });
});
