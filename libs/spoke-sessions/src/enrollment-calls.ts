import { type Clock } from "@wheelhouse/clock";
import {
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import {
  type Decoded,
  type JoinAnswer,
  type JoinRequest,
  type RenewAnswer,
  type RenewRequest,
  writeLinkFailure,
} from "@wheelhouse/protocol";
import { type Enrollment } from "./enrollment.ts";
import { MessageReader } from "./message-reader.ts";

/** A join call of gRPC, with domain values both ways. */
export type JoinCall = ServerUnaryCall<
  Decoded<JoinRequest>,
  Decoded<JoinAnswer>
>;

/** A renewal call of gRPC, with domain values both ways. */
export type RenewCall = ServerDuplexStream<
  Decoded<RenewRequest>,
  Decoded<RenewAnswer>
>;

/** Serves a join. */
export async function serveJoin(
  call: JoinCall,
  answer: sendUnaryData<Decoded<JoinAnswer>>,
  enrollment: Enrollment,
): Promise<void> {
  const result = await enrollment.join(call.request);
  if (result.ok) answer(null, result.answer);
  else {
    const { reason, details } = result.refusal;
    answer(writeLinkFailure(reason, details));
  }
}

/** Serves a renewal; a spoke that takes longer than `stepMs` over a message is cut. */
export async function serveRenew(
  call: RenewCall,
  enrollment: Enrollment,
  clock: Clock,
  stepMs: number,
): Promise<void> {
  const reader = new MessageReader<Decoded<RenewRequest>>(call);
  const next = async () => {
    const stopTimer = clock.setTimer(stepMs, () => reader.close());
    try {
      return await reader.next();
    } finally {
      stopTimer();
    }
  };
  const result = await enrollment.renew(await next(), (answer) => {
    call.write(answer);
    return next();
  });
  if (result.ok) {
    call.write(result.answer);
    call.end();
  } else {
    const { reason, details } = result.refusal;
    call.emit("error", writeLinkFailure(reason, details));
  }
}
