/**
 * The cold start: first rows of a concept from photos and dialogues.
 *
 * @module
 */
export { coldStart } from "./cold_start.ts";
export {
  type ColdStartHooks,
  type ColdStartNeeds,
  type ColdStartOptions,
  type ColdStartSettings,
} from "./settings.ts";
