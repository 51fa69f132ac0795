"""Settings of the test suite: the product's, with fast hashing and mail kept in memory."""

from tests import services

services.start()

from csworkbench.settings import *  # noqa: E402, F403
from csworkbench.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# One connection per thread, so that a transaction of the test is the transaction of the code under test.
DATABASES["default"]["OPTIONS"] = {}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
