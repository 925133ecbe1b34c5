import { HubProblem } from "@wheelhouse/rest-api";
import { useEffect, useId, useRef, useState } from "react";
import { Problem } from "./problem.tsx";

/** A button that asks before it acts, and stays to tell where the hub refuses. */
export function ConfirmButton(props: {
  readonly label: string;
  readonly question: string;
  readonly isGrave?: boolean;
  readonly isPrimary?: boolean;
  /** Why it may not be pressed; empty where it may. */
  readonly refusal: string;
  readonly act: () => Promise<unknown>;
}) {
  const [isAsking, setAsking] = useState(false);
  const look = props.isPrimary === true ? "primary" : "";
  return (
    <>
      <button
        type="button"
        className={props.isGrave === true ? "grave" : look}
        disabled={props.refusal !== ""}
        title={props.refusal === "" ? undefined : props.refusal}
        onClick={() => setAsking(true)}
      >
        {props.label}
      </button>
      {isAsking && <Question {...props} onClose={() => setAsking(false)} />}
    </>
  );
}

function Question(props: {
  readonly label: string;
  readonly question: string;
  readonly isGrave?: boolean;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<HubProblem | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const act = async () => {
    setBusy(true);
    try {
      await props.act();
      props.onClose();
    } catch (error) {
      setBusy(false);
      setProblem(
        error instanceof HubProblem
          ? error
          : new HubProblem(0, String(error), "", { cause: error }),
      );
    }
  };
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onClose={props.onClose}
    >
      <p id={id} className="dialog-question">
        {props.question}
      </p>
      {problem !== null && (
        <Problem
          what={`${props.label}: not done`}
          why={problem.message}
          advice={problem.advice}
        />
      )}
      <div className="dialog-buttons">
        <button type="button" onClick={props.onClose}>
          Cancel
        </button>
        <button
          type="button"
          className={props.isGrave === true ? "grave" : "primary"}
          disabled={isBusy}
          onClick={() => void act()}
        >
          {props.label}
        </button>
      </div>
    </dialog>
  );
}
