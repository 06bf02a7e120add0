/** What can be wrong with a history file. It is refused at the first line that is wrong: a verdict needs all of it. */

/** The codes with their meaning. */
export type HistoryErrorCode =
  /** There is no line at all. */
  | "E_HISTORY_EMPTY"
  /** A line is not JSON. */
  | "E_HISTORY_JSON"
  /** A text is not EDN, or not an operation of Jepsen's. */
  | "E_HISTORY_EDN"
  /** A line is JSON up to its end, where it breaks off. */
  | "E_HISTORY_TRUNCATED"
  /** An object has a name twice, of which only one would be seen. */
  | "E_HISTORY_NAME_TWICE"
  /** The first line is not a header. */
  | "E_HISTORY_HEADER"
  /** The header is of another version of the format. */
  | "E_HISTORY_VERSION"
  | "E_HISTORY_UNKNOWN_FIELD"
  /** A field is missing or has a value that it cannot have. */
  | "E_HISTORY_VALUE"
  /** A key is no topic-partition. */
  | "E_HISTORY_KEY"
  | "E_HISTORY_UNKNOWN_F"
  | "E_HISTORY_UNKNOWN_TYPE"
  /** `index` does not count 0, 1, 2, … */
  | "E_HISTORY_INDEX"
  /** `time_ns` goes back. */
  | "E_HISTORY_TIME"
  /** An invocation says what only its completion can know. */
  | "E_HISTORY_INVOCATION"
  /** An operation is `ok` and has an error. */
  | "E_HISTORY_OK_WITH_ERROR"
  /** A process invokes while its last call is open. */
  | "E_HISTORY_TWO_OPEN"
  | "E_HISTORY_NO_INVOCATION"
  | "E_HISTORY_DUPLICATE_COMPLETION"
  /** A completion's `f` is not that of its invocation. */
  | "E_HISTORY_OTHER_F"
  /** A completion's records are not those of its invocation. */
  | "E_HISTORY_OTHER_RECORDS"
  /** Of a poll's invocation and completion only one is `final`. */
  | "E_HISTORY_OTHER_FINAL"
  /** A value is sent twice to one key. */
  | "E_HISTORY_NOT_UNIQUE";

export interface HistoryError {
  readonly code: HistoryErrorCode;
  /** Counted from 1; the header is line 1. */
  readonly line: number;
  /** Counted from 1 in UTF-16 code units; only where the JSON or EDN itself is broken, otherwise `null`. */
  readonly column: number | null;
  /** What was expected and what was found. */
  readonly message: string;
  readonly hint: string | null;
}

/** An error that does not know its line yet. */
export type Refusal = Pick<HistoryError, "code" | "message" | "hint">;
