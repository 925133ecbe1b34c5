/** The shape of the fleet before it is known: what comes takes its place without a jump. */
export function Skeleton() {
  return (
    <main id="main" className="skeleton" aria-busy="true" tabIndex={-1}>
      <p className="unseen" role="status">
        Loading the fleet
      </p>
      <div className="skeleton-strip" />
      <div className="skeleton-rows">
        {Array.from({ length: 8 }, (_, index) => (
          <div key={index} className="skeleton-row" />
        ))}
      </div>
    </main>
  );
}
