import type { JSX } from "preact";
import type { ChangedFile } from "../api/decisionTypes.ts";
import { count, plural } from "../lib/format.ts";
import { visible } from "../lib/visible.ts";

/** The files of a content; what has another form than a file should is left out. */
export function filesOf(content: Record<string, unknown>): ChangedFile[] {
  const { files } = content;
  if (!Array.isArray(files)) return [];
  return files.filter((file): file is ChangedFile => {
    const { path, content: text } = (file ?? {}) as { path?: unknown; content?: unknown };
    return typeof path === "string" && (text === null || typeof text === "string");
  });
}

/** Lines drawn of one file; the content's own tab has all. */
const linesMax = 1000;

/** What each file will be, whole: the server is handed contents, not differences. */
export function ChangedFiles(props: { files: ChangedFile[] }): JSX.Element {
  return (
    <>
      {props.files.map((file) => {
        const lines = file.content === null ? [] : visible(file.content).replace(/\n$/, "").split("\n");
        return (
          <section key={file.path}>
            <h3 class="diff-title"><code>{visible(file.path)}</code> <span class={file.content === null ? "bad" : "quiet"}>{file.content === null ? "is deleted" : `becomes ${plural(lines.length, "line")}`}</span></h3>
            {file.content === null ? null : (
              <ul class="diff" tabIndex={0} aria-label={`New text of ${file.path}`}>
                {lines.slice(0, linesMax).map((line, i) => <li class="diff-line file-line"><span>{i + 1}</span><code>{line}</code></li>)}
                {lines.length > linesMax ? <li class="diff-fold quiet">{count(lines.length - linesMax)} more lines; they are in the canonical JSON</li> : null}
              </ul>
            )}
          </section>
        );
      })}
    </>
  );
}
