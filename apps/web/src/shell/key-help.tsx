import { useEffect, useRef } from "react";
import { CloseIcon } from "./icons.tsx";

const keys = [
  ["/", "filter by typing; Esc clears"],
  ["1 2 3", "fleet, rollout, drift"],
  ["← ↑ → ↓", "move in the matrix"],
  ["Home End", "first and last bundle"],
  ["PgUp PgDn", "ten clusters up or down"],
  ["Enter", "open what is under the cursor"],
  ["Esc", "close what was opened"],
  ["?", "this list"],
] as const;

/** The list of keys, over everything else. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="keys-title"
      onClose={onClose}
    >
      <div className="dialog-head">
        <h2 id="keys-title">Keys</h2>
        <button
          type="button"
          className="quiet"
          aria-label="Close"
          onClick={onClose}
        >
          <CloseIcon />
        </button>
      </div>
      <dl className="keys">
        {keys.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
