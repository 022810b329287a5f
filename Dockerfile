# The app alone, for any place that runs containers; docs/deploy.md has the commands.
# Nothing in it is written to at run time but /tmp: `docker run --read-only --tmpfs /tmp`.
FROM python:3.11-slim-bookworm

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app

# First what changes seldom. With this index PyTorch comes without gigabytes of GPU libraries, and the lock applies.
COPY deploy/lock.py deploy/lock.py
COPY requirements.txt requirements.lock ./
RUN PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu python deploy/lock.py install requirements

COPY app.py server.py ./
COPY .streamlit/config.toml .streamlit/config.toml
COPY deploy/health.py deploy/health.py
COPY core core
COPY components components
COPY pages pages
COPY assets assets
RUN python -m compileall -q app.py server.py core components pages
RUN useradd --uid 1000 --no-create-home equiscope

USER equiscope
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s CMD ["python", "deploy/health.py"]
CMD ["python", "-m", "streamlit", "run", "server.py", "--server.address", "0.0.0.0", "--server.port", "8501"]
