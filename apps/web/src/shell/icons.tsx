import { type ReactNode } from "react";

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 16 16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {children}
    </svg>
  );
}

/** The product's mark: a ship's wheel. */
export function WheelIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="4" />
      <circle cx="8" cy="8" r="1" fill="currentColor" />
      <path d="M8 .8v14.4M.8 8h14.4M2.9 2.9l10.2 10.2M13.1 2.9 2.9 13.1" />
    </Icon>
  );
}

/** Half lit: the choice of a theme. */
export function ThemeIcon({ theme }: { readonly theme: string }) {
  return (
    <Icon>
      <circle cx="8" cy="8" r="5.5" />
      {theme !== "light" && (
        <path
          d={
            theme === "dark"
              ? "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 1 0 0-11z"
              : "M8 2.5a5.5 5.5 0 0 1 0 11z"
          }
          fill="currentColor"
        />
      )}
    </Icon>
  );
}

/** A cross, to close. */
export function CloseIcon() {
  return (
    <Icon>
      <path d="m4 4 8 8M12 4l-8 8" />
    </Icon>
  );
}

/** A tick, for a fact that holds. */
export function CheckIcon() {
  return (
    <Icon>
      <path d="m3.5 8.5 3 3 6-7" />
    </Icon>
  );
}

/** A magnifier, in the filter box. */
export function SearchIcon() {
  return (
    <Icon>
      <circle cx="7" cy="7" r="4.2" />
      <path d="m10.3 10.3 3.2 3.2" />
    </Icon>
  );
}

/** A lock, open or shut: the gate between two waves. */
export function LockIcon({ isOpen }: { readonly isOpen: boolean }) {
  return (
    <Icon>
      <rect x="3.5" y="7" width="9" height="6.5" rx="1.5" />
      <path
        d={
          isOpen
            ? "M5.5 7V4.8a2.5 2.5 0 0 1 4.9-.7"
            : "M5.5 7V5a2.5 2.5 0 0 1 5 0v2"
        }
      />
    </Icon>
  );
}
