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
