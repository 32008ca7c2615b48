import type { JSX } from "preact";
import { paths } from "../../api/endpoints.ts";
import type { Approval } from "../../api/types.ts";
import { ChangedFiles, filesOf } from "../../components/ChangedFiles.tsx";
import { Card, Empty, Loaded } from "../../components/parts.tsx";
import { plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { actorText, approvalStateText } from "../../lib/words.ts";
import { urls } from "../../router/route.ts";
import { useResource } from "../../state/useResource.ts";

/** What a fix changes: its words and the files as they will be, and who edited them last. */
export function ChangeCard(props: { approval: Approval }): JSX.Element {
  const { approval } = props;
  const resource = useResource("approval", paths.approval(approval.id));
  return (
    <Card title="The change" note={approval.edited_by === "" ? undefined : `edited by ${actorText(approval.edited_by)}`} head={<a class="link" href={urls.approval(approval.id)}>{approvalStateText(approval.state)}</a>}>
      <Loaded resource={resource}>
        {(detail) => {
          const files = filesOf(detail.content);
          return (
            <>
              <p class="card-body"><b>{visible(detail.content.title)}</b> <span class="small quiet">{files.length === 0 ? "" : plural(files.length, "file")} to {visible(detail.content.target)}</span></p>
              {files.length === 0 ? <Empty title="It changes no file." /> : <ChangedFiles files={files} />}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}
