import { HubProblem } from "@wheelhouse/rest-api";
import { useEffect, useId, useRef, useState } from "react";
import { Problem } from "./problem.tsx";

/** What a person is asked: as it stood when the question was put, whatever comes over the stream meanwhile. */
interface Asked {
  readonly label: string;
  readonly question: string;
  readonly act: () => Promise<unknown>;
}

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
  const [asked, setAsked] = useState<Asked | null>(null);
  const look = props.isPrimary === true ? "primary" : "";
  return (
    <>
      <button
        type="button"
        className={props.isGrave === true ? "grave" : look}
        disabled={props.refusal !== ""}
        title={props.refusal === "" ? undefined : props.refusal}
        onClick={() => setAsked(props)}
      >
        {props.label}
      </button>
      {asked !== null && (
        <Question
          {...asked}
          isGrave={props.isGrave === true}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}

function Question(props: {
  readonly label: string;
  readonly question: string;
  readonly isGrave: boolean;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<HubProblem | null>(null);
  // What was asked is no longer so; the same again would be refused again.
  const hasChanged = problem?.status === 409;
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
          why={
            hasChanged
              ? `changed meanwhile: ${problem.message}`
              : problem.message
          }
          advice={problem.advice}
        />
      )}
      <div className="dialog-buttons">
        <button type="button" onClick={props.onClose}>
          {hasChanged ? "Close" : "Cancel"}
        </button>
        {!hasChanged && (
          <button
            type="button"
            className={props.isGrave ? "grave" : "primary"}
            disabled={isBusy}
            onClick={() => void act()}
          >
            {props.label}
          </button>
        )}
      </div>
    </dialog>
  );
}
