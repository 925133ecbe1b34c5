import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The page as plain files: nothing inline, since the hub's Content-Security-Policy refuses it. */
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2023",
  },
  server: {
    // `npx vite apps/web` beside a hub, while working on the page.
    proxy: { "/api": "http://127.0.0.1:7700" },
  },
});
