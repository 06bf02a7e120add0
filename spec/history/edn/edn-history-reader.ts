/** Reads a history of Jepsen's, as EDN, while it arrives: the same face as the reader of our own format. */
import type { HistoryOperation } from "../format.ts";
import type { HistoryError, Refusal } from "../history-error.ts";
import { createWellFormedness } from "../well-formed.ts";
import { createEdnReader } from "./edn-reader.ts";
import { createJepsenOperations } from "./jepsen-operations.ts";

export interface EdnHistoryReader {
  /** Takes more of the text, cut anywhere. The first error stays. */
  push(text: string): HistoryError | null;
  end(): HistoryError | null;
  /** The operations read since the last call. */
  take(): HistoryOperation[];
}

export function createEdnHistoryReader(): EdnHistoryReader {
  const reader = createEdnReader();
  const jepsen = createJepsenOperations();
  const order = createWellFormedness();
  let operations: HistoryOperation[] = [];
  let error: HistoryError | null = null;
  let isEmpty = true;

  const refuse = ({ code, message, hint }: Refusal, line: number, column: number | null): HistoryError => {
    error = { code, message, hint, line, column };
    return error;
  };

  function translate(): HistoryError | null {
    for (const { form, line } of reader.take()) {
      isEmpty = false;
      const translated = jepsen.translate(form);
      if (!translated.ok) return refuse(translated.refusal, line, null);
      for (const operation of translated.operations) {
        const refusal = order.check(operation);
        if (refusal !== null) return refuse(refusal, line, null);
        operations.push(operation);
      }
    }
    return null;
  }

  return {
    push(text) {
      if (error !== null) return error;
      const wrong = reader.push(text);
      return translate() ?? (wrong === null ? null : refuse(wrong, wrong.line, wrong.column));
    },
    end() {
      if (error !== null) return error;
      const wrong = reader.end();
      const bad = translate() ?? (wrong === null ? null : refuse(wrong, wrong.line, wrong.column));
      if (bad !== null || !isEmpty) return bad;
      return refuse({ code: "E_HISTORY_EMPTY", message: "expected operations; there is none", hint: null }, 1, null);
    },
    take() {
      const taken = operations;
      operations = [];
      return taken;
    },
  };
}
