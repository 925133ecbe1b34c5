import fc from "fast-check";

/**
 * Properties are tried from one seed, so that a commit passes or fails alike
 * everywhere. `PROPERTY_SEED=$RANDOM npm test -- unit` tries others: what that
 * finds is a bug of the code or of the property.
 */
fc.configureGlobal({
  seed: Number(process.env["PROPERTY_SEED"] ?? 20_261_121),
});
