/** Hashes with SHA-256, as 64 lower-case hexadecimal digits: of a text, and of a run step by step. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { ExploreError } from "./explore-error.ts";

interface TraceHash {
  /** Adds one step: the label of its choice, and the canonical text of what it changed. */
  step(label: string, changed: string): void;
  /** The hash of the steps so far; more steps may follow. */
  digest(): string;
}

/**
 * The hash of a run: SHA-256 over `length:text` of every label and every change, in order; the text in UTF-8, its length
 * in bytes. Because of the lengths, no two different runs have the same bytes, however their texts are cut.
 * It begins empty: a caller to whom the initial state matters adds it as a first step.
 */
export function createTraceHash(): TraceHash {
  const hash = sha256.create();
  return {
    step(label, changed) {
      for (const bytes of [bytesOf(label), bytesOf(changed)]) {
        hash.update(utf8ToBytes(`${bytes.length}:`));
        hash.update(bytes);
      }
    },
    // A digest ends the instance that gives it.
    digest: () => bytesToHex(hash.clone().digest()),
  };
}

/** SHA-256 of the text in UTF-8. */
export function hashText(text: string): string {
  return bytesToHex(sha256(bytesOf(text)));
}

/** UTF-8 replaces every lone surrogate by the same character, so two different texts would have one hash. */
function bytesOf(text: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new ExploreError(
      "E_TEXT",
      `${JSON.stringify(text)} holds half of a surrogate pair. Only well-formed Unicode can be hashed.`,
    );
  }
  return utf8ToBytes(text);
}
