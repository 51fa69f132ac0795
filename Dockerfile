# One image for migrate, web, worker and beat; the services come from docker-compose.yml.
FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
RUN pip install --no-cache-dir "uv>=0.9"
COPY pyproject.toml uv.lock ./
# Without the development tools and the embedded services.
RUN uv sync --frozen --no-default-groups

FROM python:3.11-slim-bookworm
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent workbench \
    && install -d -o workbench -g workbench /data /data/media
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY . .
RUN python -m compileall -q accounts csworkbench escalations playbooks priorities transitions \
    && python manage.py collectstatic --no-input --verbosity 0
# The code stays root's: the account that serves cannot change it.
USER workbench
EXPOSE 8000
CMD ["gunicorn", "csworkbench.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--timeout", "60", "--graceful-timeout", "15", "--no-control-socket", "--log-level", "warning"]
