import { paths } from "../api/endpoints.ts";
import { useResource } from "../state/useResource.ts";

/** The choices of a service filter; the one in the address is always among them. */
export function useServiceOptions(current: string): { value: string; text: string }[] {
  const known = useResource("services", paths.services)?.data?.items.map((service) => service.name) ?? [];
  const names = current !== "" && !known.includes(current) ? [current, ...known] : known;
  return [{ value: "", text: "All" }, ...names.map((name) => ({ value: name, text: name }))];
}
