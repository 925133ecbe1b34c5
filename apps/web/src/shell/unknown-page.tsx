import { Link } from "../route/navigation.tsx";
import { home } from "../route/route.ts";

/** An address that is none of ours. */
export function UnknownPage() {
  return (
    <section className="empty">
      <h1>Nothing is at this address</h1>
      <p>
        The link may be older than this page. <Link to={home}>The fleet</Link>{" "}
        is where everything starts.
      </p>
    </section>
  );
}
