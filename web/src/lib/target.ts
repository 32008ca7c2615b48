/** What is wrong with a replay target, or undefined. The server checks again, also its allow-list. */
export function targetProblem(typed: string): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "Write a whole address, such as http://127.0.0.1:8080.";
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return "The address must begin with http:// or https://.";
  if (url.username !== "" || url.password !== "") return "Leave user and password out of the address.";
  if (url.search !== "" || url.hash !== "") return "Leave everything from ? or # on out of the address.";
  return undefined;
}

/** The same of the last-good target, which must be another instance. */
export function lastGoodProblem(typed: string, target: string): string | undefined {
  const wrong = targetProblem(typed);
  if (wrong !== undefined || typed.trim() === "" || target.trim() === "" || targetProblem(target) !== undefined) return wrong;
  const address = (text: string): string => new URL(text.trim()).href.replace(/\/+$/, "");
  return address(typed) === address(target) ? "That is the replay target itself, which would always show the same." : undefined;
}
