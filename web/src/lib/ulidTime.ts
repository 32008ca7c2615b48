const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const timeDigits = 10;

/** When a ULID was made, in Unix ms; NaN for what is none. Pure. */
export function timeOfUlid(id: string): number {
  if (id.length !== 26) return Number.NaN;
  return [...id.slice(0, timeDigits)].reduce((ms, digit) => {
    const value = alphabet.indexOf(digit);
    return value < 0 ? Number.NaN : ms * 32 + value;
  }, 0);
}
