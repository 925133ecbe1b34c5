export { formatAge, formatDuration } from "@wheelhouse/rest-api";
