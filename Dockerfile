# The bot in a small image: locked dependencies, no compiler, no pip, no root; it runs with a read-only root filesystem.
# Alpine is ruled out: google-re2 has no wheels for musl. To pin the base by digest, which this file cannot know for your
# mirror: --build-arg BASE=python:3.13.9-slim-bookworm@sha256:…
ARG BASE=python:3.13.9-slim-bookworm

FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/triage
COPY deploy/requirements/run.txt ./
# Wheels only, each with its hash; then away with what never runs: pip, type stubs, and the vendor's asyncio twin with
# what only that one needs. The sandbox (`triage[sandbox]`) is not part of the image, see .dockerignore.
RUN /opt/triage/bin/pip install --no-compile --require-hashes --only-binary :all: --requirement run.txt \
    && /opt/triage/bin/pip uninstall --yes aiohttp aiohttp-retry aiohappyeyeballs aiosignal frozenlist multidict propcache \
       yarl pip \
    && rm -rf /opt/triage/lib/python3.13/site-packages/kubernetes/aio \
    && find /opt/triage -name "*.pyi" -delete
COPY bot /opt/triage/app/bot
COPY playbooks /opt/triage/app/playbooks
COPY deploy/rbac /opt/triage/app/deploy/rbac
COPY LICENSE /opt/triage/app/LICENSE
# The command `triage`, from any directory: runbook and upgrade use it in the pod.
RUN printf '%s\n' /opt/triage/app > /opt/triage/lib/python3.13/site-packages/triage.pth \
    && for name in triage kubectl-triage; do \
         printf '%s\n' '#!/opt/triage/bin/python' 'from bot.cli import entry' 'entry()' > "/opt/triage/bin/$name" \
         && chmod 0755 "/opt/triage/bin/$name"; \
       done
# Compiled once here: the root filesystem is read-only later. Unchecked: no file of it ever changes. Left out: the vendor's
# typed models, which the bot never loads.
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash -x 'kubernetes/client/(api|models)/' \
    /opt/triage/app/bot /opt/triage/lib

FROM ${BASE}
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Triage" \
      org.opencontainers.image.description="Names the root cause of a Kubernetes incident and shows its evidence" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
ENV PATH=/opt/triage/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# The base brings pip along. Its shell stays: the runbook's `kubectl exec` needs one, and nothing there is writable.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3.13/site-packages/pip* /usr/local/lib/python3.13/ensurepip \
    && useradd --uid 65532 --no-create-home --home-dir /var/lib/triage --shell /usr/sbin/nologin triage \
    && install -d -o 65532 -g 0 -m 0770 /var/lib/triage
COPY --from=build /opt/triage /opt/triage
WORKDIR /opt/triage/app
USER 65532
ENTRYPOINT ["triage"]
CMD ["run"]
