/** The names of Kafka's error codes (Errors.java). */
import { protocolErrorsCodesById } from "@platformatic/kafka";

/** `NONE` for 0. A code that is not known keeps its number: `ERROR_1234`. */
export function protocolErrorName(code: number): string {
  return code === 0 ? "NONE" : (protocolErrorsCodesById[code] ?? `ERROR_${code}`);
}
