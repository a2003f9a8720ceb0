/**
 * House rules for `deno lint`: sizes, effects only at the edge, one form of exports, imports and stages.
 *
 * @module
 */

/** Longest function, file and parameter list. */
export const LIMITS = { functionLines: 40, fileLines: 400, parameters: 4 } as const;

/** Files that may be longer: tables and codecs, nothing else. */
export const LONG_FILES: readonly string[] = [];

/** Where the world may be touched: real capabilities, the engine room, programs. */
export const EFFECT_PLACES: readonly string[] = [
  "/lib/run/live.ts",
  "/lib/run/user_place.ts",
  "/lib/run/blobs.ts",
  "/lib/run/command.ts",
  "/lib/tensor/jit.ts",
  "/lib/tensor/tensorflow/",
  "/studio/live.ts",
  "/studio/browser/",
  "/pipelines/",
  "/tools/",
  "/tests/",
  "/bench/",
  "/notebooks/",
];

const AMBIENT_OBJECTS: readonly string[] = ["Deno", "console", "localStorage"];
const AMBIENT_CALLS: readonly string[] = [
  "Date.now",
  "Math.random",
  "performance.now",
  "crypto.randomUUID",
  "crypto.getRandomValues",
];

const PROJECT = decodeURIComponent(new URL("..", import.meta.url).pathname);
/** The path from the project's root, `/lib/core/key.ts`, wherever the project lies. */
const placeOf = (filename: string): string =>
  filename.startsWith(PROJECT) ? filename.slice(PROJECT.length - 1) : filename;
const isIn = (filename: string, ...rooms: readonly string[]): boolean =>
  rooms.some((room) => placeOf(filename).includes(room));
const isTest = (filename: string): boolean => isIn(filename, "/tests/");
const isLibrary = (filename: string): boolean =>
  !isTest(filename) && isIn(filename, "/lib/", "/lab/", "/studio/");
const isShipped = (filename: string): boolean => isLibrary(filename) || isIn(filename, "/pipelines/");

const lineCount = (text: string): number => text.replace(/\n+$/, "").split("\n").length;

type Context = Deno.lint.RuleContext;
type FunctionNode =
  | Deno.lint.FunctionDeclaration
  | Deno.lint.FunctionExpression
  | Deno.lint.ArrowFunctionExpression;

function functionLength(context: Context): Deno.lint.LintVisitor {
  if (isTest(context.filename)) return {};
  const check = (node: FunctionNode): void => {
    const lines = lineCount(context.sourceCode.getText(node));
    if (lines <= LIMITS.functionLines) return;
    context.report({ node, message: `function of ${lines} lines, ${LIMITS.functionLines} are allowed` });
  };
  return { FunctionDeclaration: check, FunctionExpression: check, ArrowFunctionExpression: check };
}

function fileLength(context: Context): Deno.lint.LintVisitor {
  if (LONG_FILES.some((file) => context.filename.endsWith(file))) return {};
  return {
    Program(node): void {
      const lines = lineCount(context.sourceCode.text);
      if (lines <= LIMITS.fileLines) return;
      context.report({ node, message: `file of ${lines} lines, ${LIMITS.fileLines} are allowed` });
    },
  };
}

function parameterCount(context: Context): Deno.lint.LintVisitor {
  if (!isShipped(context.filename)) return {};
  return {
    FunctionDeclaration(node): void {
      if (node.params.length <= LIMITS.parameters) return;
      const hint = "take two and an options object";
      context.report({ node, message: `${node.params.length} parameters; ${hint}` });
    },
  };
}

function ambientEffects(context: Context): Deno.lint.LintVisitor {
  if (!isLibrary(context.filename)) return {};
  if (isIn(context.filename, ...EFFECT_PLACES)) return {};
  const refuse = (node: Deno.lint.Node, what: string): void =>
    context.report({ node, message: `${what} outside a capability; take it from lib/core/capability.ts` });
  return {
    MemberExpression(node): void {
      if (node.object.type !== "Identifier") return;
      const text = context.sourceCode.getText(node);
      if (AMBIENT_OBJECTS.includes(node.object.name) || AMBIENT_CALLS.includes(text)) refuse(node, text);
    },
    NewExpression(node): void {
      const isDate = node.callee.type === "Identifier" && node.callee.name === "Date";
      if (isDate && node.arguments.length === 0) refuse(node, "new Date()");
    },
    CallExpression(node): void {
      if (node.callee.type === "Identifier" && node.callee.name === "fetch") refuse(node, "fetch");
    },
  };
}

function exportForm(context: Context): Deno.lint.LintVisitor {
  if (!isLibrary(context.filename)) return {};
  return {
    "ExportNamedDeclaration > VariableDeclaration > VariableDeclarator > ArrowFunctionExpression"(
      node: Deno.lint.ArrowFunctionExpression,
    ): void {
      context.report({ node, message: "export a function declaration with its return type" });
    },
  };
}

function importForm(context: Context): Deno.lint.LintVisitor {
  return {
    ImportDeclaration(node): void {
      const { value } = node.source;
      if (/^fp-ts(?!\/lib\/\w+\.js$)/.test(value)) {
        context.report({ node, message: 'import fp-ts as "fp-ts/lib/X.js"; other forms fail at run time' });
      }
      if (/^(?:npm|jsr|https?):/.test(value)) {
        context.report({ node, message: "name the package in deno.json's imports, with its exact version" });
      }
    },
  };
}

/** Spellings of fp-ts that say the same as `bindW` and `flatMap`. */
const OTHER_SPELLINGS = /^R?TE\.(?:bind|chain\w*)$/;

function oneDialect(context: Context): Deno.lint.LintVisitor {
  return {
    TSAsExpression(node): void {
      if (!/^Stage</.test(context.sourceCode.getText(node.typeAnnotation))) return;
      context.report({ node, message: "a cast to Stage; bindW, flatMap and tap widen what a stage needs" });
    },
    MemberExpression(node): void {
      const text = context.sourceCode.getText(node);
      if (OTHER_SPELLINGS.test(text)) context.report({ node, message: `${text}; say bindW or flatMap` });
    },
  };
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "function-length": { create: functionLength },
    "file-length": { create: fileLength },
    "parameter-count": { create: parameterCount },
    "ambient-effects": { create: ambientEffects },
    "export-form": { create: exportForm },
    "import-form": { create: importForm },
    "one-dialect": { create: oneDialect },
  },
};

export default plugin;
