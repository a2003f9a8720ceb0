import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { assert as assertType, type IsExact } from "@std/testing/types";
import { commandHelp, type CommandLine, parseCommand, settingsHelp } from "../../lib/config/command.ts";
import { field, section } from "../../lib/config/field.ts";
import { describe as describeError } from "../../lib/core/error.ts";

const schema = section("A run.", {
  maxSteps: field.int({ default: 100, min: 1, doc: "Updates." }),
  dsog: section("Screening of candidates.", { eta: field.unitInterval({ default: 0.8, doc: "Decay." }) }),
});
const options = {
  resume: field.bool({ default: false, doc: "Continue the newest run." }),
  numImages: field.int({ default: 4, min: 1, doc: "How many." }),
  run: field.text({ default: "latest", doc: "Which run." }),
};
const line: CommandLine<typeof options, unknown> = {
  name: "generate",
  summary: "draws pictures.",
  positionals: [{ name: "prompt", doc: "What to draw.", rest: true }],
  options,
};
const parse = (...args: string[]) => parseCommand({ ...line, schema }, args);
const problem = (...args: string[]): string => {
  const outcome = parse(...args);
  return outcome._tag === "Left" ? describeError(outcome.left) : "";
};

describe("command", () => {
  it("parseCommand() reads positionals, flags, switches and overrides", () => {
    const outcome = parse(
      "a photo",
      "of <mochi>",
      "--num-images",
      "7",
      "--resume",
      "--set",
      "a=1",
      "--set=b=2",
      "--run=7",
    );
    assert(outcome._tag === "Right");
    const { positionals, options: values, overrides, common } = outcome.right;
    assert.deepEqual(positionals, { prompt: "a photo of <mochi>" });
    assert.deepEqual([values.numImages, values.resume, values.run], [7, true, "7"]);
    assert.deepEqual(overrides, ["a=1", "b=2"]);
    assert.equal(common.quiet, false);
    assertType<IsExact<typeof values.numImages, number>>(true);
    assertType<IsExact<typeof values.resume, boolean>>(true);
  });

  it("parseCommand() fills in defaults and understands --no-", () => {
    const outcome = parse("x", "--no-resume");
    assert(outcome._tag === "Right");
    assert.deepEqual([outcome.right.options.numImages, outcome.right.options.resume], [4, false]);
  });

  it("parseCommand() collects the values of a list's flag, texts as they are", () => {
    const facts = field.list(field.text({ doc: "A fact." }), { default: [], doc: "Facts." });
    const sizes = field.list(field.int({ doc: "A size." }), { default: [1], doc: "Sizes." });
    const lists = { name: "x", summary: "x.", options: { facts, sizes } };
    const outcome = parseCommand(lists, [
      "--facts",
      "likes: fish",
      "--sizes",
      "2",
      "--facts=[a, b]",
      "--sizes=3",
    ]);
    assert(outcome._tag === "Right");
    assert.deepEqual(outcome.right.options.facts, ["likes: fish", "[a, b]"]);
    assert.deepEqual(outcome.right.options.sizes, [2, 3]);
    const none = parseCommand(lists, []);
    assert(none._tag === "Right");
    assert.deepEqual([none.right.options.facts, none.right.options.sizes], [[], [1]]);
    assert.equal(parseCommand(lists, ["--sizes", "x"])._tag, "Left");
    assert.match(commandHelp(lists), /--facts <value> +Facts\.$/m);
  });

  it("parseCommand() names what is wrong", () => {
    assert.equal(problem(), "generate: missing <prompt>: What to draw.; see generate --help");
    assert.equal(
      problem("x", "--resum"),
      "generate: unknown option --resum, did you mean --resume?; see generate --help",
    );
    assert.equal(problem("x", "--run"), "generate: --run needs a value; see generate --help");
    assert.equal(problem("x", "--set"), "generate: --set needs a value; see generate --help");
    assert.match(
      problem("x", "--num-images", "0"),
      /`num_images`: expected an integer of at least 1, got the number 0/,
    );
    assert.match(problem("x", "--num-images", "many"), /expected an integer, got the string "many"/);
  });

  it("parseCommand() refuses --set where there are no settings, and too many arguments", () => {
    const outcome = parseCommand(line, ["x", "--set", "a=1"]);
    assert.match(outcome._tag === "Left" ? describeError(outcome.left) : "", /--set has no meaning here/);
    const many = parseCommand({ name: "ask", summary: "", positionals: [{ name: "a", doc: "" }] }, [
      "x",
      "y",
    ]);
    assert.match(many._tag === "Left" ? describeError(many.left) : "", /unexpected argument "y"/);
  });

  it("parseCommand() with --help never fails", () => {
    const outcome = parse("--help");
    assert(outcome._tag === "Right");
    assert.equal(outcome.right.common.help, true);
  });

  it("commandHelp() shows usage, flags and each setting with its range and default", () => {
    const text = commandHelp({ ...line, schema });
    assert.match(text, /^generate: draws pictures\.\n\nusage: deno task generate <prompt> \[options\]\n/);
    assert.match(text, /--num-images <value> {7}How many\. \(default 4\)/);
    assert.match(text, /max_steps {18}Updates\. An integer of at least 1 \(default 100\)\./);
    assert.match(text, /dsog\.eta {19}Decay\. A number from 0 to 1 \(default 0\.8\)\./);
    assert.match(text, /--set <key>=<value>/);
    assert(text.split("\n").every((row) => row.length <= 110));
  });

  it("settingsHelp() puts a section's sentence above its keys", () => {
    assert.equal(settingsHelp(schema.fields)[2], "  Screening of candidates.");
  });
});
