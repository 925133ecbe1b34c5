import { describeFaults } from "./describe-faults.ts";

describeFaults({ name: "at a simulated one", isSimulated: true });
