# One image for every program of the fleet; the command chooses which: gateway, scheduler, worker, provider-twin, mixmyai.
#
#   docker build --tag mixmyai .
#   docker build --tag mixmyai --build-arg PROGRAMS=prebuilt .     takes the programs from .build/image/programs
#
# BuildKit and Buildah pass over the stages that are not needed.
ARG DEBIAN=debian:12-slim
ARG SWIFT=swift:6.3.1-bookworm
ARG PROGRAMS=compiled

# The programs, with Swift's libraries inside: the image has no Swift.
FROM ${SWIFT} AS compiled
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libcurl4-openssl-dev libhiredis-dev liblua5.1-0-dev libpq-dev librabbitmq-dev libssl-dev pkg-config zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# The cache keeps what was compiled for the next image.
RUN --mount=type=cache,target=/source/.build \
    mkdir /programs \
    && for program in gateway scheduler worker provider-twin mixmyai; do \
        swift build --configuration release --static-swift-stdlib --product "$program"; \
        install --strip --mode 0755 ".build/release/$program" /programs/; \
    done

# The same, built elsewhere.
FROM scratch AS prebuilt
COPY .build/image/programs/ /programs/

# hadolint ignore=DL3006
FROM ${PROGRAMS} AS programs

# hadolint ignore=DL3006
FROM ${DEBIAN} AS runtime
# librabbitmq before 0.11.0-1+deb12u3, which is in Debian's security suite only, can be crashed by a broker. A base without
# that suite has to fail here.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates libcurl4 libhiredis0.14 libpq5 librabbitmq4 libssl3 libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && dpkg --compare-versions "$(dpkg-query --show --showformat='${Version}' librabbitmq4)" ge 0.11.0-1+deb12u3 \
    && groupadd --gid 10001 mixmyai \
    && useradd --no-log-init --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin mixmyai
COPY --from=programs /programs/ /usr/local/bin/
COPY workers/agents/ /etc/mixmyai/agents/
# In a container, 127.0.0.1 is nobody else's: what may be reached from outside is the engine's to decide.
ENV MIXMYAI_AGENTS=/etc/mixmyai/agents/agents.yaml \
    MIXMYAI_MODELS=/etc/mixmyai/agents/models.yaml \
    MIXMYAI_HOST=0.0.0.0 \
    MIXMYAI_PORT=8080 \
    MIXMYAI_PROBE_HOST=0.0.0.0 \
    MIXMYAI_PROBE_PORT=9100
USER 10001:10001
EXPOSE 8080 9100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["mixmyai", "probe", "livez"]
CMD ["mixmyai", "--help"]
ARG VERSION=""
ARG REVISION=""
ARG SOURCE=""
LABEL org.opencontainers.image.title="MixMyAI" \
    org.opencontainers.image.description="Works off backlogs of tasks with a fleet of AI agents" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.source="${SOURCE}"
