/**
 * Concepts: readers of the published data sets, and a folder from photos and sentences of your own.
 *
 * @module
 */
export {
  type Category,
  type Concept,
  type DensePrompt,
  type DenseReaPrompt,
  type EvalItem,
  type EvalKind,
  type Exchange,
  type Fact,
  type GenerationType,
  type PhotoDialogue,
  type Split,
  type TrainingSample,
} from "./concept.ts";
export { listConcepts, loadConcept, loadConcepts } from "./unifybench.ts";
export { type ConceptPlace, conceptReference } from "./concept_reference.ts";
export { type ConceptFiles, type ConceptFolder, newConcept } from "./new_concept.ts";
export {
  type ExistingRoot,
  type NewConcept,
  type NewDenseReaPrompt,
  type NewFact,
  type PhotoFile,
} from "./new_concept_spec.ts";
export { loadConceptImage, loadConceptImages, type Photo, type PhotoBatch } from "./photo.ts";
export { loadYollava, type YollavaSubject } from "./yollava.ts";
export { loadMcllava, type McllavaConcept } from "./mcllava.ts";
export { type DreambenchSubject, loadDreambench } from "./dreambench.ts";
