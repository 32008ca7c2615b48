// Checks of the shape at the door. A check returns nothing when the value fits and otherwise the first
// place that does not, so that an answer of another version is named instead of crashing a screen.
// Unknown fields pass: the server may be newer.

export type Check = (value: unknown, path: string) => string | undefined;

function wrong(path: string, want: string, value: unknown): string {
  const got = value === null ? "null" : Array.isArray(value) ? "a list" : value === undefined ? "nothing" : `a ${typeof value}`;
  return `${path === "" ? "the answer" : path} should be ${want}, is ${got}`;
}

export const text: Check = (value, path) => (typeof value === "string" ? undefined : wrong(path, "text", value));

export const number: Check = (value, path) =>
  typeof value === "number" && Number.isFinite(value) ? undefined : wrong(path, "a number", value);

export const flag: Check = (value, path) => (typeof value === "boolean" ? undefined : wrong(path, "true or false", value));

export const anything: Check = () => undefined;

export function optional(check: Check): Check {
  return (value, path) => (value === undefined || value === null ? undefined : check(value, path));
}

export function list(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return wrong(path, "a list", value);
    for (let i = 0; i < value.length; i++) {
      const found = check(value[i], `${path}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

export function pair(first: Check, second: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== 2) return wrong(path, "a pair", value);
    return first(value[0], `${path}[0]`) ?? second(value[1], `${path}[1]`);
  };
}

export function object(fields: Record<string, Check>): Check {
  const entries = Object.entries(fields);
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(path, "an object", value);
    for (const [name, check] of entries) {
      const found = check((value as Record<string, unknown>)[name], path === "" ? name : `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

export function all(...checks: Check[]): Check {
  return (value, path) => {
    for (const check of checks) {
      const found = check(value, path);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
