import { describeFaults } from "./describe-faults.ts";

describeFaults({ name: "at a real API server", isSimulated: false });
