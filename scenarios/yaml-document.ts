/**
 * One YAML document with the places of everything in it. YAML's own errors are reported all at once; beyond YAML's
 * rules, keys must be plain text, and unique as text (`1` and `"1"` would become one).
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  visit,
} from "yaml";
import type { Path } from "./json.ts";
import type { ScenarioError } from "./problem.ts";

/** A place in the text, counted from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

type PlacedError = Omit<ScenarioError, "file">;

interface YamlDocument {
  readonly value: unknown;
  /** Place of the key or value at `path`; if nothing stands there, of the nearest thing above it. */
  place(path: Path, on: "key" | "value"): Place;
}

/** `document` is `null` where the text cannot be understood; errors may stand beside a document (duplicate keys). */
export interface ParsedYaml {
  readonly document: YamlDocument | null;
  readonly errors: readonly PlacedError[];
}

/** Aliases may not blow a small file up beyond this many nodes. */
const aliasLimit = 100;

/** Reads a text that must hold exactly one YAML document. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const error = (code: string, offset: number, message: string, hint: string | null): PlacedError => {
    return { code, ...at(offset), message, hint };
  };
  const refuse = (...errors: PlacedError[]): ParsedYaml => ({ document: null, errors });

  const documents: readonly Document.Parsed[] = [
    ...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false }),
  ];
  const [document, second] = documents;
  const broken = documents.flatMap((one) => [...one.errors, ...one.warnings]);
  // The parser is recursive: after absurd nesting, thousands of brackets are also not closed.
  const tooDeep = broken.find((one) => one.code === "RESOURCE_EXHAUSTION");
  if (tooDeep !== undefined) return refuse(error("E_YAML", 0, "the text is nested too deep", null));
  if (broken.length > 0) {
    return refuse(...broken.map((one) => error("E_YAML", one.pos[0], plainSentence(one.message), null)));
  }
  if (second !== undefined) {
    const offset = second.contents?.range[0] ?? second.range[0];
    return refuse(
      error(
        "E_SEVERAL_DOCUMENTS",
        offset,
        "expected one YAML document, a second one starts here",
        "one scenario a file",
      ),
    );
  }
  const contents = document?.contents ?? null;
  if (document === undefined || contents === null || (isScalar(contents) && contents.value === null)) {
    return refuse(
      error(
        "E_EMPTY_FILE",
        0,
        "the file holds nothing but white space and comments",
        "a scenario starts with `scenario: <title>`",
      ),
    );
  }
  const { duplicates, fatal } = checkNodes(document, error);
  if (fatal.length > 0) return refuse(...fatal);
  try {
    const value: unknown = document.toJS({ maxAliasCount: aliasLimit });
    return { document: { value, place: (path, on) => at(offsetOf(document, path, on)) }, errors: duplicates };
  } catch (cause) {
    // Thrown by aliases that blow a small file up.
    const reason = plainSentence(cause instanceof Error ? cause.message : String(cause));
    return refuse(error("E_YAML", 0, `the document cannot be built: ${reason}`, null));
  }
}

function checkNodes(
  document: Document.Parsed,
  error: (code: string, offset: number, message: string, hint: null) => PlacedError,
) {
  const duplicates: PlacedError[] = [];
  const fatal: PlacedError[] = [];
  visit(document, {
    Alias(_, alias) {
      const offset = alias.range?.[0] ?? 0;
      const target = alias.resolve(document);
      if (target === undefined)
        fatal.push(error("E_YAML", offset, `the alias *${alias.source} has no anchor before it`, null));
      else if (isNode(target) && target.range && target.range[0] < offset && offset < target.range[1]) {
        fatal.push(error("E_YAML", offset, `the alias *${alias.source} stands inside its own anchor`, null));
      }
    },
    Map(_, map) {
      const seen = new Set<string>();
      for (const pair of map.items) {
        const offset = keyOffset(pair);
        const name = keyText(pair);
        if (name === null) fatal.push(error("E_TYPE", offset, "expected a key of plain text", null));
        else if (name === "__proto__") fatal.push(error("E_UNKNOWN_KEY", offset, "unknown key `__proto__`", null));
        else if (seen.has(name))
          duplicates.push(error("E_DUPLICATE_KEY", offset, `the key \`${name}\` stands here twice`, null));
        else seen.add(name);
      }
    },
  });
  return { duplicates, fatal };
}

/** Walks down as far as the path goes; aliases lead to what they stand for. */
function offsetOf(document: Document.Parsed, path: Path, on: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const [depth, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const found = isMap(node)
      ? node.items.find((pair) => keyText(pair) === String(segment))
      : isSeq(node)
        ? node.items[Number(segment)]
        : undefined;
    if (found === undefined) return offset;
    const last = depth === path.length - 1;
    node = isPair(found) ? found.value : found;
    offset =
      isPair(found) && last && on === "key"
        ? keyOffset(found)
        : nodeOffset(node, isPair(found) ? keyOffset(found) : offset);
  }
  return offset;
}

function keyText(pair: Pair): string | null {
  if (!isScalar(pair.key)) return null;
  const key = pair.key.value;
  return typeof key === "string" || typeof key === "number" || typeof key === "boolean" ? String(key) : null;
}

function keyOffset(pair: Pair): number {
  return nodeOffset(pair.key, nodeOffset(pair.value, 0));
}

function nodeOffset(node: unknown, otherwise: number): number {
  return isNode(node) && node.range ? node.range[0] : otherwise;
}

/** YAML's messages, in the form of ours: no capital at the start, no newline. */
function plainSentence(message: string): string {
  const line = message.replace(/\s+/g, " ").trim();
  return line.charAt(0).toLowerCase() + line.slice(1);
}
