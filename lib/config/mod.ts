/**
 * Settings: one description for the command line, YAML and programs.
 *
 * @module
 */
export { decodeConfig, type Frozen, loadConfig, type LoadOptions, type RuleProblem } from "./load.ts";
export { field, type FieldValue, type Section, section } from "./field.ts";
export { configHash } from "./stringify.ts";
