import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const parleyUrl = process.env.PARLEY_URL ?? 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: { '/graphql': { target: parleyUrl, ws: true } },
    // The reconnect helper lives beside the server, in ../../client.
    fs: { allow: ['../..'] },
  },
});
