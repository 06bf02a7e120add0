/**
 * Names that a JSON text has and its value has not. `JSON.parse` keeps the last of two equal names in silence: a poll
 * with the same key twice would lose half of what it saw, and the verdict would be wrong.
 */

/** How many names of objects the JSON text `text` holds beyond those that `value`, made from it, still has. */
export function countLostNames(text: string, value: unknown): number {
  return namesInText(text) - namesInValue(value);
}

/** Presumes that `text` is JSON: a name is a string with a colon behind it. */
function namesInText(text: string): number {
  let names = 0;
  let at = text.indexOf('"');
  while (at !== -1) {
    let end = at + 1;
    while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    at = end + 1;
    while (isBlank(text[at])) at++;
    if (text[at] === ":") names++;
    at = text.indexOf('"', at);
  }
  return names;
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
}

function namesInValue(value: unknown): number {
  let names = 0;
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const one = rest.pop();
    if (typeof one !== "object" || one === null) continue;
    const parts: readonly unknown[] = Object.values(one);
    if (!Array.isArray(one)) names += parts.length;
    for (const part of parts) rest.push(part);
  }
  return names;
}
