export {
  type ListPage,
  type WatchEvent,
  type WatchPort,
} from "./watch-port.ts";
