import {
  type CSSProperties,
  type KeyboardEvent,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { navigate } from "../route/navigation.tsx";
import { type Route } from "../route/route.ts";
import { useNarrowScreen } from "../shell/narrow-screen.ts";
import { labelBundles } from "../verdict/names.ts";
import { type FleetRow } from "./fleet-rows.ts";
import { ClusterRow, GroupRow } from "./matrix-row.tsx";
import { type Cursor, moveCursor } from "./matrix-cursor.ts";
import { computeRowWindow, scrollToShow } from "./row-window.ts";
import { Tip, type TipPlace } from "./tip.tsx";

/** Every line of the matrix is as high, headings too: so the window of rows is arithmetic. */
const rowHeight = 38;

/** With more bundles than this, cells are a sign only, and their names stand upright; a phone has room for fewer. */
const roomyColumns = 9;
const roomyColumnsOnPhone = 2;

const pageRows = 10;

/** Clusters down, bundles across; arrows move, Enter opens, hover and focus tell in a sentence. */
export function Matrix(props: {
  readonly route: Route;
  readonly rows: readonly FleetRow[];
  readonly columns: readonly string[];
}) {
  const { route, rows, columns } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const view = useScrolled(scroller);
  const [tip, setTip] = useState<TipPlace | null>(null);
  const cursor = useCursor(props, scroller);
  const isNarrow = useNarrowScreen();
  const isDense =
    columns.length > (isNarrow ? roomyColumnsOnPhone : roomyColumns);
  const drawn = computeRowWindow({ rows: rows.length, rowHeight, ...view });

  const open = (at: Cursor) => {
    const row = rows[at.row];
    if (row?.kind !== "cluster") return;
    const bundle = at.column === 0 ? "" : (columns[at.column - 1] ?? "");
    navigate({ ...route, cluster: row.cluster.name, bundle });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === " ") open(cursor.at);
    else if (!cursor.move(event.key)) return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={isDense ? "matrix is-dense" : "matrix"}
      role="grid"
      aria-label="Clusters and bundles"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + 1}
      style={{ "--columns": columns.length } as CSSProperties}
      onKeyDown={onKeyDown}
      onScroll={() => setTip(null)}
    >
      <MatrixHead columns={columns} />
      <div
        role="rowgroup"
        style={{ paddingTop: drawn.before, paddingBottom: drawn.after }}
      >
        {rows.slice(drawn.first, drawn.end).map((row, offset) => {
          const index = drawn.first + offset;
          return row.kind === "group" ? (
            <GroupRow
              key={row.key}
              row={row}
              index={index}
              group={route.group}
            />
          ) : (
            <ClusterRow
              key={row.key}
              cluster={row.cluster}
              index={index}
              columns={columns}
              cursorColumn={index === cursor.at.row ? cursor.at.column : null}
              isOpen={route.cluster === row.cluster.name}
              onOpen={(column) => {
                cursor.set({ row: index, column });
                open({ row: index, column });
              }}
              onTip={setTip}
            />
          );
        })}
      </div>
      {tip !== null && <Tip place={tip} />}
    </div>
  );
}

function MatrixHead({ columns }: { readonly columns: readonly string[] }) {
  const labels = useMemo(() => labelBundles(columns), [columns]);
  return (
    <div role="rowgroup" className="matrix-head">
      <div role="row" aria-rowindex={1} className="matrix-row">
        <div role="columnheader" className="matrix-corner">
          <span className="col-name">Cluster</span>
          <span className="col-verdict">Verdict</span>
          <span className="col-commit">Commit</span>
          <span className="col-root">Root</span>
        </div>
        {columns.map((column) => (
          <div
            key={column}
            role="columnheader"
            className="matrix-column"
            title={column}
          >
            <span>{labels.get(column)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

/** Where the scroller stands; measured again when it or the window changes. */
function useScrolled(scroller: React.RefObject<HTMLDivElement | null>) {
  const [view, setView] = useState({ scrollTop: 0, height: 800 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => {
      const { scrollTop, clientHeight } = element;
      setView((old) =>
        old.scrollTop === scrollTop && old.height === clientHeight
          ? old
          : { scrollTop, height: clientHeight },
      );
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller]);
  return view;
}

/** One cell of the grid is reachable by Tab; the cursor keeps to its cluster while rows come and go. */
function useCursor(
  props: {
    readonly rows: readonly FleetRow[];
    readonly columns: readonly string[];
  },
  scroller: React.RefObject<HTMLDivElement | null>,
) {
  const { rows, columns } = props;
  const [place, setPlace] = useState({ key: "", column: 0 });
  const wantsFocus = useRef(false);
  const found = rows.findIndex(({ key }) => key === place.key);
  const firstCluster = rows.findIndex(({ kind }) => kind === "cluster");
  const at: Cursor = {
    row: found < 0 ? firstCluster : found,
    column: Math.min(place.column, columns.length),
  };
  const set = (to: Cursor) =>
    setPlace({ key: rows[to.row]?.key ?? "", column: to.column });

  useEffect(() => {
    const element = scroller.current;
    if (!wantsFocus.current || element === null) return;
    const cell = element.querySelector<HTMLElement>("[tabindex='0']");
    if (cell === null) return;
    wantsFocus.current = false;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  const move = (key: string): boolean => {
    const stops = rows.map(({ kind }) => kind === "cluster");
    const field = { columns: columns.length + 1, stops, page: pageRows };
    const to = moveCursor(at, key, field);
    if (to === undefined) return false;
    wantsFocus.current = true;
    set(to);
    const element = scroller.current;
    if (element !== null) {
      element.scrollTop = scrollToShow({
        row: to.row,
        rowHeight,
        scrollTop: element.scrollTop,
        height: element.clientHeight,
        headHeight: rowHeight,
      });
    }
    return true;
  };
  return { at, set, move };
}
