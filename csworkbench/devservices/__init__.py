"""PostgreSQL and Valkey for a machine that has neither: `make run`, tests, a bare `python manage.py`.

    with devservices.ensure():  # sets DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL unless set already
        ...

The servers listen on loopback behind random passwords, keep their data below DATA_DIR and die with the
process that started them.
"""

from csworkbench.devservices.binaries import ServicesError
from csworkbench.devservices.embedded import Services, Throwaway, default_data_dir, ensure, throwaway

__all__ = ["Services", "ServicesError", "Throwaway", "default_data_dir", "ensure", "throwaway"]
