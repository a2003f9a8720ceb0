/**
 * Writing TensorFlow functions: the `FunctionDef` message of `tensorflow/core/framework/function.proto`.
 *
 * @module
 */
import type { Attribute } from "./attributes.ts";
import { ATTRIBUTE_TYPES } from "./dtype.ts";
import {
  type Bytes,
  bytesField,
  concatBytes,
  float32,
  floatField,
  integerField,
  varint,
} from "./protobuf.ts";

/** The attribute type of a constant's value: TensorFlow's own list has no number that JavaScript needs for it. */
export const ATTRIBUTE_TENSOR = 100;

/** The value of a constant. */
export interface Constant {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** One op of a function. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  /** Argument names, or `node:outputName:index`. */
  readonly inputs: readonly string[];
  readonly attributes: readonly Attribute[];
}

/** A typed argument or result. */
export interface Port {
  readonly name: string;
  readonly dtype: number;
}

/** A function: arguments, ops, and which op output each result is. */
export interface FunctionDef {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly (Port & { readonly source: string })[];
  readonly nodes: readonly NodeDef[];
  readonly attributes: readonly Attribute[];
}

const shapeFields = (shape: readonly number[]): Bytes[] =>
  shape.map((length) => bytesField(2, integerField(1, length)));

const tensorFields = (constant: Constant): Bytes[] => [
  integerField(1, constant.dtype),
  bytesField(2, shapeFields(constant.shape)),
  bytesField(4, constant.bytes),
];

function listValue(attribute: Attribute, values: readonly number[]): Bytes {
  switch (attribute.type) {
    case ATTRIBUTE_TYPES.TF_ATTR_INT:
      return bytesField(3, values.map(varint));
    case ATTRIBUTE_TYPES.TF_ATTR_FLOAT:
      return bytesField(4, values.map(float32));
    case ATTRIBUTE_TYPES.TF_ATTR_BOOL:
      return bytesField(5, values.map((value) => varint(value ? 1 : 0)));
    case ATTRIBUTE_TYPES.TF_ATTR_TYPE:
      return bytesField(6, values.map(varint));
    default:
      throw new Error(`attribute ${attribute.name}: lists of type ${attribute.type} are not supported`);
  }
}

function attributeValue(attribute: Attribute): Bytes {
  const { type, value } = attribute;
  if (type === ATTRIBUTE_TENSOR) return bytesField(8, tensorFields(value as Constant));
  if (type === ATTRIBUTE_TYPES.TF_ATTR_SHAPE) return bytesField(7, shapeFields(value as number[]));
  if (Array.isArray(value)) return bytesField(1, listValue(attribute, value));
  switch (type) {
    case ATTRIBUTE_TYPES.TF_ATTR_STRING:
      return bytesField(2, String(value));
    case ATTRIBUTE_TYPES.TF_ATTR_INT:
      return integerField(3, value as number);
    case ATTRIBUTE_TYPES.TF_ATTR_FLOAT:
      return floatField(4, value as number);
    case ATTRIBUTE_TYPES.TF_ATTR_BOOL:
      return integerField(5, value ? 1 : 0);
    case ATTRIBUTE_TYPES.TF_ATTR_TYPE:
      return integerField(6, value as number);
    default:
      throw new Error(`attribute ${attribute.name}: type ${type} is not supported`);
  }
}

const attributeField = (attribute: Attribute): Bytes =>
  bytesField(5, [bytesField(1, attribute.name), bytesField(2, attributeValue(attribute))]);

const portField = (field: number, port: Port): Bytes =>
  bytesField(field, [bytesField(1, port.name), integerField(3, port.dtype)]);

const nodeField = (node: NodeDef): Bytes =>
  bytesField(3, [
    bytesField(1, node.name),
    bytesField(2, node.op),
    ...node.inputs.map((input) => bytesField(3, input)),
    ...node.attributes.map(attributeField),
  ]);

/**
 * Serialises a function for `TFE_ContextAddFunctionDef`.
 *
 * @param definition The function; attributes that have defaults may be missing from its ops.
 * @returns The bytes of the message; throws on an attribute type that can't be written.
 */
export function writeFunctionDef(definition: FunctionDef): Bytes {
  const signature = [
    bytesField(1, definition.name),
    ...definition.inputs.map((port) => portField(2, port)),
    ...definition.outputs.map((port) => portField(3, port)),
  ];
  return concatBytes([
    bytesField(1, signature),
    ...definition.nodes.map(nodeField),
    ...definition.outputs.map((port) =>
      bytesField(4, [bytesField(1, port.name), bytesField(2, port.source)])
    ),
    ...definition.attributes.map(attributeField),
  ]);
}
