import { type RolloutView } from "@wheelhouse/rest-api";
import { refusalFor } from "../hub/permissions.ts";
import { usePage } from "../hub/page-context.tsx";
import { ConfirmButton } from "../shell/confirm.tsx";
import { LockIcon } from "../shell/icons.tsx";
import { count, shortId } from "../verdict/names.ts";
import { computeGate } from "./gate.ts";

/** What stands between two waves: why it is shut, what opens it, and the button where a person may. */
export function GateView(props: {
  readonly rollout: RolloutView;
  readonly index: number;
}) {
  const { rollout, index } = props;
  const { client, principal, sinceViewMs, isLive } = usePage();
  const gate = computeGate(rollout, index, {
    soakedSinceMs: isLive ? sinceViewMs : 0,
  });
  const wave = rollout.waves[index];
  if (gate === undefined || wave === undefined) return null;
  const refusal = refusalFor(principal);
  // An approval may be given ahead; it is the next thing to do only once the wave before is done.
  const isTurn = rollout.waves[index - 1]?.state !== "open";
  return (
    <section
      className={`gate is-${gate.state}`}
      aria-label={`Gate before ${gate.wave}: ${gate.state === "open" ? "open" : "shut"}`}
    >
      <span className="gate-lock">
        <LockIcon isOpen={gate.state === "open"} />
      </span>
      {gate.sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {gate.state === "approval" && (
        <>
          <ConfirmButton
            label="Approve"
            isPrimary={isTurn}
            question={`Approve wave ${wave.name}? ${count(wave.total, "cluster")} may then get ${shortId(rollout.revision.commit)}, within the wave's budget. Your name is kept with it.`}
            refusal={refusal}
            act={() =>
              client.actOnRollout(rollout.name, "approve", {
                wave: wave.name,
                generation: rollout.generation,
              })
            }
          />
          {refusal !== "" && <p className="faint">{refusal}</p>}
        </>
      )}
    </section>
  );
}
