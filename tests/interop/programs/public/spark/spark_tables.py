"""clarifai-pyspark, Clarifai's connector: a Spark table in, inputs and annotations out."""

import os
import time

from clarifaipyspark.client import ClarifaiPySpark
from pyspark.sql import SparkSession

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
PAT = os.environ["CLARIFAI_PAT"]
APP_ID = "spark_tables"
spark = (
    SparkSession.builder.master("local[1]")
    .appName("programs")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
app = User(user_id=USER_ID, pat=PAT).create_app(APP_ID, base_workflow="Empty")
rows = [
    {"inputid": f"row-{number}", "input": f"text {number}", "concepts": "odd" if number % 2 else
     "even", "metadata": "{}", "geopoints": ""}
    for number in range(10)
]  # fmt: skip
client = ClarifaiPySpark(user_id=USER_ID, app_id=APP_ID, pat=PAT)
dataset = client.dataset(dataset_id="table")
dataset.upload_dataset_from_dataframe(
    spark.createDataFrame(rows), input_type="text", df_type="raw", labels=True
)
while sum(one.status.code == 30000 for one in app.inputs().list_inputs()) < 10:
    time.sleep(0.05)
inputs = dataset.export_inputs_to_dataframe(input_type="text").collect()
assert sorted(row["input_id"] for row in inputs) == sorted(row["inputid"] for row in rows)
annotations = dataset.export_annotations_to_dataframe().collect()
assert len(annotations) == 10, annotations
assert sum('name: "odd"' in row["annotation"] for row in annotations) == 5
spark.stop()
User(user_id=USER_ID, pat=PAT).delete_app(APP_ID)
