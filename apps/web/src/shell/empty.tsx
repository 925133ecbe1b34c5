import { type ReactNode } from "react";

/** Nothing yet: what would be here, and the command that changes it. */
export function Empty(props: {
  readonly title: string;
  readonly children: ReactNode;
  readonly command?: string;
}) {
  return (
    <section className="empty">
      <h2>{props.title}</h2>
      <p>{props.children}</p>
      {props.command !== undefined && (
        <pre className="command">{props.command}</pre>
      )}
    </section>
  );
}
