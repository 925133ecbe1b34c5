import "reflect-metadata";
import { type Type } from "@nestjs/common";

/**
 * Writes what a compiler with decorator metadata would: a type for each
 * parameter of a route. The OpenAPI document passes over routes without. What
 * a body is comes from its schema; every other parameter is text.
 */
export function describeParameters(controllers: readonly Type[]): void {
  for (const { prototype } of controllers) {
    const target = prototype as Record<string, unknown>;
    for (const name of Object.getOwnPropertyNames(target)) {
      const method = target[name];
      if (typeof method !== "function" || name === "constructor") continue;
      const types = new Array<unknown>(method.length).fill(String);
      Reflect.defineMetadata("design:paramtypes", types, target, name);
    }
  }
}
