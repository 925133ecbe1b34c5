export { createInProcessWorkQueue } from "./in-process-work-queue.ts";
export {
  type Work,
  type WorkClock,
  type WorkContext,
  type WorkQueue,
  type WorkQueueOptions,
  type WorkResult,
} from "./work-queue.ts";
