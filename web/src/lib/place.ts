// Where somebody was when they left for a provider of identities, which sends them back to the first page.

const key = "reprise-place";

export function keepPlace(place: string): void {
  try {
    sessionStorage.setItem(key, place);
  } catch {
    // Without storage they begin at the first page.
  }
}

/** The place, once; only ever one of this site. */
export function takePlace(): string | undefined {
  try {
    const place = sessionStorage.getItem(key);
    sessionStorage.removeItem(key);
    return place !== null && isOwnPlace(place) ? place : undefined;
  } catch {
    return undefined;
  }
}

export function isOwnPlace(place: string): boolean {
  return /^\/(?![/\\])/.test(place);
}
