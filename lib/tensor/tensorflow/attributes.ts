/**
 * Attributes of eager ops.
 *
 * @module
 */
import { ATTRIBUTE_TYPES } from "./dtype.ts";
import { cString } from "./library.ts";
import type { Session } from "./session.ts";

/** An attribute as TensorFlow.js's kernels pass it: `type` is a number of {@link ATTRIBUTE_TYPES}. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

const encoder = new TextEncoder();

/**
 * Sets one attribute of an op.
 *
 * @param operation The op under construction.
 * @param attribute The attribute; arrays set list attributes. Throws on an unknown type.
 */
export function setAttribute(session: Session, operation: Deno.PointerValue, attribute: Attribute): void {
  if (Array.isArray(attribute.value) && attribute.type !== ATTRIBUTE_TYPES.TF_ATTR_SHAPE) {
    setList(session, operation, attribute, attribute.value);
    return;
  }
  const { symbols, status } = session;
  const name = cString(attribute.name);
  switch (attribute.type) {
    case ATTRIBUTE_TYPES.TF_ATTR_STRING: {
      const text = encoder.encode(String(attribute.value));
      return symbols.TFE_OpSetAttrString(operation, name, text, BigInt(text.length));
    }
    case ATTRIBUTE_TYPES.TF_ATTR_INT:
      return symbols.TFE_OpSetAttrInt(operation, name, BigInt(attribute.value as number));
    case ATTRIBUTE_TYPES.TF_ATTR_FLOAT:
      return symbols.TFE_OpSetAttrFloat(operation, name, Number(attribute.value));
    case ATTRIBUTE_TYPES.TF_ATTR_BOOL:
      return symbols.TFE_OpSetAttrBool(operation, name, attribute.value ? 1 : 0);
    case ATTRIBUTE_TYPES.TF_ATTR_TYPE:
      return symbols.TFE_OpSetAttrType(operation, name, Number(attribute.value));
    case ATTRIBUTE_TYPES.TF_ATTR_SHAPE: {
      const shape = BigInt64Array.from(attribute.value as number[], BigInt);
      return symbols.TFE_OpSetAttrShape(operation, name, shape, shape.length, status);
    }
    default:
      throw new Error(`attribute ${attribute.name}: type ${attribute.type} is not supported`);
  }
}

function setList(
  { symbols }: Session,
  operation: Deno.PointerValue,
  attribute: Attribute,
  values: readonly number[],
): void {
  const name = cString(attribute.name);
  const count = values.length;
  switch (attribute.type) {
    case ATTRIBUTE_TYPES.TF_ATTR_INT:
      return symbols.TFE_OpSetAttrIntList(operation, name, BigInt64Array.from(values, BigInt), count);
    case ATTRIBUTE_TYPES.TF_ATTR_FLOAT:
      return symbols.TFE_OpSetAttrFloatList(operation, name, Float32Array.from(values), count);
    case ATTRIBUTE_TYPES.TF_ATTR_BOOL:
      return symbols.TFE_OpSetAttrBoolList(operation, name, Uint8Array.from(values, Number), count);
    case ATTRIBUTE_TYPES.TF_ATTR_TYPE:
      return symbols.TFE_OpSetAttrTypeList(operation, name, Int32Array.from(values), count);
    default:
      throw new Error(`attribute ${attribute.name}: lists of type ${attribute.type} are not supported`);
  }
}
