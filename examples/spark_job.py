"""A Spark job: age a facts table in Parquet, and write the report as Parquet.

    spark-submit examples/spark_job.py FACTS OUTPUT 2026-03-31
    python examples/spark_job.py FACTS OUTPUT 2026-03-31

The facts are checked first: a job that ages what breaks a rule would only hide it.
"""

from __future__ import annotations

import os
import sys
from datetime import date

from pyspark.sql import SparkSession

import receivables as ar


def main(source: str, target: str, as_of: date) -> None:
    builder = SparkSession.builder.appName("aging").config("spark.sql.session.timeZone", "UTC")
    if "SPARK_ENV_LOADED" not in os.environ:  # plain Python: nobody said where to run
        builder = builder.master("local[2]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.sql.shuffle.partitions", "2")  # 200 are for a cluster
    spark = builder.getOrCreate()
    facts = spark.read.parquet(source)
    broken = ar.frames.check(facts).limit(20).collect()
    if broken:
        sys.exit("\n".join(f"{row['id']}: {row['rule']} ({row['column']})" for row in broken))
    items = ar.frames.open_items(facts, as_of=as_of)
    aged = ar.frames.age(items, as_of=as_of, by=("customer",))
    aged.write.mode("overwrite").parquet(target)
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], date.fromisoformat(sys.argv[3]))
