export { type Clock, sleep, systemClock } from "./clock.ts";
export {
  type ListPage,
  type WatchEvent,
  type WatchPort,
} from "./watch-port.ts";
