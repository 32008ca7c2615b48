import type { JSX } from "preact";
import { HookTable } from "../../components/settings/HookTable.tsx";
import { Empty, Loaded } from "../../components/parts.tsx";
import { ListCard, More } from "../../components/ListParts.tsx";
import { urls } from "../../router/route.ts";
import type { Resource } from "../../state/resources.ts";

export function FailedHooks(props: { resource: Resource<"hooks"> | undefined; path: string }): JSX.Element {
  return (
    <ListCard title="Webhooks that could not be read" head={<a class="link" href={urls.settings("hooks")}>All that came</a>}>
      <Loaded resource={props.resource} lines={2}>
        {(rows) => rows.items.length === 0 ? <Empty title="Everything that came was read."><p>A delivery that fails five times, or is refused by the pipeline, stops here with one sentence why.</p></Empty> : <><HookTable hooks={rows.items} /><More kind="hooks" path={props.path} rows={rows} /></>}
      </Loaded>
    </ListCard>
  );
}
