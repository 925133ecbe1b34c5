export { holdingSystemClock, systemClock } from "./system-clock.ts";
