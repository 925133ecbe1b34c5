/** Why a person's request is refused: what it names is not there, stands against what is, or cannot be understood. */
export type RefusalKind = "notFound" | "conflict" | "invalid";

/** A refusal in words, thrown by what carries out a person's request; what serves the request gives it a status. */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  /** What the person can do about it. */
  readonly advice: string | undefined;

  constructor(kind: RefusalKind, message: string, advice?: string) {
    super(message);
    this.kind = kind;
    this.advice = advice;
  }

  static notFound(what: string, advice?: string): Refusal {
    return new Refusal("notFound", `${what} does not exist`, advice);
  }

  static conflict(message: string, advice?: string): Refusal {
    return new Refusal("conflict", message, advice);
  }

  static invalid(message: string, advice?: string): Refusal {
    return new Refusal("invalid", message, advice);
  }
}
