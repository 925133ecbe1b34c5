import { type DriftView } from "@wheelhouse/rest-api";
import { isOfSpoke } from "@wheelhouse/local-fleet";
import { formatObject } from "../../views/drift-text.ts";
import {
  editBackend,
  editedImage,
  editor,
  readImage,
} from "../live-backend.ts";
import { formatSeconds } from "../seconds.ts";
import { type Scene, clusterOf, until } from "../scene.ts";

/** What act 4 measured, and what the hub said about the edit. */
export interface EditFigures {
  readonly healedMs: number;
  readonly drift: {
    readonly object: string;
    readonly writer: string | null;
    readonly field: string;
    readonly wanted: string | null;
    readonly found: string | null;
    readonly state: string;
  };
  /** Who wrote the object from the edit on, by the API server's record. */
  readonly writers: readonly string[];
}

const place = "prod-eu-1";

/** Act 4. Rejects where the hub names another writer or field, or the object is not as Git has it. */
export async function playEditedObject(scene: Scene): Promise<EditFigures> {
  const { narrator } = scene;
  narrator.act(
    "Somebody edits a live object",
    `kubectl edit changes the backend's image on ${place}, past Git.`,
  );
  const cluster = clusterOf(scene, place);
  const wanted = await readImage(cluster);
  const before = (await writersOf(scene)).length;
  const began = Date.now();
  await editBackend(cluster);
  const view = await until(scene, "the drift is seen and healed", ({ drift }) =>
    drift.some((one) => isOfImage(one) && one.state === "healed"),
  );
  const healedMs = Date.now() - began;
  const live = await readImage(cluster);
  if (live !== wanted) throw new Error(`said to be healed, but is ${live}`);
  const drift = describeDrift(view.drift.find(isOfImage));
  requireEdit(drift, wanted);
  narrator.say(
    `${drift.object}  ${drift.field}: ${drift.wanted ?? "-"} became ${drift.found ?? "-"}, by ${drift.writer ?? "-"}`,
  );
  narrator.conclude(`Seen and healed ${formatSeconds(healedMs)} later.`);
  const writers = (await writersOf(scene)).slice(before);
  return { healedMs, drift, writers };
}

/** The hub must name what was done here, and who did it. */
function requireEdit(drift: EditFigures["drift"], wanted: string): void {
  const expected = {
    writer: editor,
    wanted: JSON.stringify(wanted),
    found: JSON.stringify(editedImage),
  };
  const { writer, wanted: was, found } = drift;
  const said = { writer, wanted: was, found };
  if (JSON.stringify(said) === JSON.stringify(expected)) return;
  throw new Error(
    `the hub tells of another edit: ${JSON.stringify(said)} instead of ${JSON.stringify(expected)}`,
  );
}

function isOfBackend({ cluster, object }: DriftView): boolean {
  return cluster === place && object.name === "backend";
}

function isOfImage(record: DriftView): boolean {
  return isOfBackend(record) && record.fields.some(isImage);
}

function isImage({ path }: DriftView["fields"][number]): boolean {
  return path.endsWith("image");
}

/** The field that tells the edit. */
function describeDrift(record: DriftView | undefined): EditFigures["drift"] {
  const field = record?.fields.find(isImage);
  if (record === undefined || field === undefined) {
    throw new Error("the hub does not say which field was changed");
  }
  return {
    object: formatObject(record.object),
    writer: record.writer,
    field: field.path,
    wanted: field.wanted,
    found: field.found,
    state: record.state,
  };
}

/** Who changed the backend itself so far, oldest first; its status is the controllers' own. */
async function writersOf(scene: Scene): Promise<readonly string[]> {
  const writes = await clusterOf(scene, place).writes();
  return writes
    .filter(
      ({ resource, subresource, name, namespace }) =>
        resource === "deployments" &&
        subresource === "" &&
        namespace === "webapp" &&
        name === "backend",
    )
    .map((write) => (isOfSpoke(write) ? "the spoke" : write.userAgent));
}
