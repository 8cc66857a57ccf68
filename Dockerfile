# The Node of the base image only installs: the runtime comes from the lock file (glibc, hence Debian).
FROM node:24-bookworm-slim AS install
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY embedded/mongo/package.json embedded/mongo/
COPY embedded/openai/package.json embedded/openai/
RUN npm ci --omit=dev

FROM debian:bookworm-slim
# Node's own build needs libatomic, which slim images lack.
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app chatbusiness && install -d -o chatbusiness -m 700 /data
WORKDIR /app
COPY --from=install /app/node_modules node_modules
COPY package.json ./
COPY embedded embedded
COPY src src
COPY jobs jobs
COPY templates templates
COPY fixtures fixtures
COPY scripts scripts
COPY website website
COPY clients clients
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data LOG_FILE=-
USER chatbusiness
EXPOSE 3000
VOLUME /data
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["node_modules/.bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Not npm start: a shell in between would not pass SIGTERM on.
CMD ["node_modules/.bin/node", "src/main.ts"]
