"""The baseline: Django and REST framework as their tutorials show them, on the same PostgreSQL server.

No tenants, rights, history, outbox, or sign-in: what is left is the price of one plain list, read and write.
`PLAIN_DATABASE_URL` names the database and `PLAIN_SCHEMA` the schema that holds the table `plain_company` (made and filled by the bench).
"""

import environ

SECRET_KEY = "the baseline holds no secrets"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["rest_framework", "tests.bench.plain"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "tests.bench.plain.urls"
WSGI_APPLICATION = "tests.bench.plain.wsgi.application"
DATABASES = {"default": environ.Env().db("PLAIN_DATABASE_URL")}
SCHEMA = environ.Env().str("PLAIN_SCHEMA", default="plain")
DATABASES["default"]["OPTIONS"] = {"options": f"-c search_path={SCHEMA}", "pool": {"min_size": 2, "max_size": 8}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [__file__.rsplit("/", 1)[0]]}]
