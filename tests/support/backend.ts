import { tf } from "../../lib/tensor/tf.ts";
export async function useTestBackend(): Promise<string> {
  await tf.setBackend("cpu");
  return "cpu";
}
