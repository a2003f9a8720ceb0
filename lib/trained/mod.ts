/**
 * What one does with a finished run: ask it, draw with it.
 *
 * @module
 */
export { type Opened, openRunAssistant, openSettings, type RunAssistant } from "./checkpointed.ts";
export { type Ask, type Assistant, type Draw } from "./assistant.ts";
export { localAssistant } from "./local_assistant.ts";
