export {
  type ScratchPurpose,
  removeStaleFolders,
  scratchPrefix,
} from "./scratch-folder.ts";
