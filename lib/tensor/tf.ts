/**
 * The one place that imports TensorFlow.js: the whole package, because its core alone registers no gradients.
 *
 * @module
 */
export * as tf from "@tensorflow/tfjs";
