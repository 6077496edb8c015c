# The bot in a small image: locked dependencies, no compiler, no root, no shell needed at run time.
# Alpine is ruled out: google-re2 has no wheels for musl.
FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/triage
COPY deploy/requirements/run.txt ./
RUN /opt/triage/bin/pip install --require-hashes --only-binary :all: --requirement run.txt \
    && /opt/triage/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
ENV PATH=/opt/triage/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /opt/triage /opt/triage
COPY bot ./bot
COPY playbooks ./playbooks
RUN python -m compileall -q bot /opt/triage && useradd --uid 65532 --no-create-home --shell /usr/sbin/nologin triage
USER 65532
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
