"""`GlueContext`: a Spark session on a Hive catalog, and a connection's JDBC facts."""

import os

from pyspark.sql import SparkSession


class GlueContext:
    def __init__(self, spark_context):
        self.spark_session = SparkSession(spark_context)

    def extract_jdbc_conf(self, connection_name, catalog_id=None):
        assert connection_name == "pg", connection_name
        full = os.environ["STANDIN_URL"]
        return {
            "fullUrl": full,
            "url": full.rsplit("/", 1)[0],
            "user": os.environ["STANDIN_USER"],
            "password": os.environ["STANDIN_PASSWORD"],
            "vendor": "postgresql",
        }
