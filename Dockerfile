# One image for web, worker and beat; docker-compose.yml says which it is.
FROM python:3.13-slim AS installed
COPY requirements/base.txt /requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home roundtable
COPY --from=installed /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=mentoring.settings STATIC_ROOT=/static DEBUG=no NUMBA_CACHE_DIR=/compiled
WORKDIR /app
COPY . .
# Static files are part of the image: no secret and no database is needed to collect them.
RUN SECRET_KEY=only-while-the-image-is-built DB_POOL=no python manage.py collectstatic --noinput -v0
# What the rotation engine compiles is kept here, for this machine's processor.
RUN mkdir /compiled && chown roundtable /compiled
USER roundtable
EXPOSE 8000
CMD ["gunicorn", "mentoring.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
     "--preload", "--keep-alive", "30", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
