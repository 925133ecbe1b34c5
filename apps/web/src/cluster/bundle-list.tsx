import { type BundleView, type ClusterView } from "@wheelhouse/rest-api";
import { type CSSProperties, useEffect, useRef } from "react";
import { usePage } from "../hub/page-context.tsx";
import { formatAge } from "../time/age.ts";
import { bundleName, formatObject, shortId } from "../verdict/names.ts";
import { Verdict } from "../verdict/sign.tsx";
import { orderBundles } from "./dependency-order.ts";

/** A cluster's bundles in order of application, each under what it waits for. */
export function BundleList(props: {
  readonly cluster: ClusterView;
  readonly chosen: string;
}) {
  return (
    <ol className="bundles">
      {orderBundles(props.cluster.bundles).map(({ bundle, depth }) => (
        <BundleItem
          key={bundle.bundle}
          bundle={bundle}
          depth={depth}
          isChosen={bundle.bundle === props.chosen}
        />
      ))}
    </ol>
  );
}

function BundleItem(props: {
  readonly bundle: BundleView;
  readonly depth: number;
  readonly isChosen: boolean;
}) {
  const { bundle, depth, isChosen } = props;
  const { now } = usePage();
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) item.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const { ready, total } = bundle.objects;
  return (
    <li
      ref={item}
      className={[
        "bundle",
        depth === 0 ? "is-first" : "",
        isChosen ? "is-chosen" : "",
      ].join(" ")}
      style={{ "--depth": depth } as CSSProperties}
    >
      <div className="bundle-line">
        <span className="bundle-name" title={bundle.bundle}>
          {bundleName(bundle.bundle)}
        </span>
        <Verdict verdict={bundle.verdict} />
        <span className="faint bundle-numbers">
          {ready}/{total} Ready · {formatAge(bundle.since, now)} ·{" "}
          <code title={bundle.digest}>{shortId(bundle.commit)}</code>
        </span>
      </div>
      {bundle.dependsOn.length > 0 && (
        <p className="faint bundle-after">
          after {bundle.dependsOn.map(bundleName).join(", ")}
        </p>
      )}
      {bundle.suspended && <p className="faint">suspended</p>}
      {bundle.message !== "" && (
        <p className="bundle-message">{bundle.message}</p>
      )}
      {bundle.notReady.length > 0 && (
        <ul className="not-ready">
          {bundle.notReady.map(({ object, status, message }) => (
            <li key={`${object.group} ${formatObject(object)}`}>
              <code>{formatObject(object)}</code> <strong>{status}</strong>
              {message !== "" && <span className="faint"> {message}</span>}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
