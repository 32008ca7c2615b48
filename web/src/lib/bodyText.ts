/** Shown of one body; the whole is in the bundle. */
export const bodyShownMax = 20_000;
const prettyMax = 200_000;

/** JSON with line breaks. Works on the text, so that long numbers keep every digit. */
function indented(json: string): string {
  let out = "";
  let depth = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const c = json[i]!;
    if (inText) {
      out += c;
      if (c === "\\") out += json[++i] ?? "";
      else if (c === '"') inText = false;
    } else if (c === '"') {
      inText = true;
      out += c;
    } else if (c === "{" || c === "[") {
      const rest = json.slice(i + 1).trimStart();
      if (rest.startsWith("}") || rest.startsWith("]")) {
        out += c + rest[0];
        i = json.length - rest.length;
      } else {
        out += `${c}\n${"  ".repeat(++depth)}`;
      }
    } else if (c === "}" || c === "]") {
      out += `\n${"  ".repeat(Math.max(0, --depth))}${c}`;
    } else if (c === ",") {
      out += `,\n${"  ".repeat(depth)}`;
    } else if (c === ":") {
      out += ": ";
    } else if (!/\s/.test(c)) {
      out += c;
    }
  }
  return out;
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}

/** A body for reading: JSON with line breaks, anything else as it came, cut at the limit with a word on it. */
export function bodyText(body: string): string {
  const pretty = body.length <= prettyMax && /^\s*[[{]/.test(body) && isJson(body);
  const text = pretty ? indented(body) : body;
  if (text.length <= bodyShownMax) return text;
  return `${text.slice(0, bodyShownMax)}\n\u2026 ${text.length - bodyShownMax} more characters; download the bundle to see all`;
}
