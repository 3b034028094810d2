"""A connector to tables: rows to inputs by the internals of `Inputs`, and inputs back to rows."""

import json
import os
import time

from clarifai_grpc.grpc.api.resources_pb2 import Input
from google.protobuf.json_format import MessageToJson
from google.protobuf.struct_pb2 import Struct

from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.client.user import User
from clarifai.errors import UserError
from clarifai.utils.misc import Chunker

USER_ID = os.environ["CLARIFAI_USER_ID"]
APP_ID = "rows_in_and_out"
ROWS = [
    {
        "inputid": f"row-{number}",
        "input": f"text {number}",
        "concepts": "odd" if number % 2 else "even,round",
        "metadata": json.dumps({"number": number}),
    }
    for number in range(20)
]


class TableDataset(Dataset):
    """A data set that is filled from rows."""

    def __init__(self, dataset_id, user_id, app_id, pat):
        self.user_id = user_id
        self.app_id = app_id
        self.dataset_id = dataset_id
        super().__init__(user_id=user_id, app_id=app_id, dataset_id=dataset_id, pat=pat)

    def protos(self, rows):
        made = []
        for row in rows:
            metadata = Struct()
            metadata.update(json.loads(row["metadata"]))
            made.append(
                Inputs._get_proto(
                    input_id=row["inputid"],
                    dataset_id=self.dataset_id,
                    text_pb=Inputs.get_text_input("x", row["input"]).data.text,
                    labels=row["concepts"].split(","),
                    metadata=metadata,
                )
            )
        return made

    def upload_rows(self, rows, input_type, batch_size=128):
        if input_type not in ("text", "image"):
            raise UserError("Invalid input type")
        self.input_object._bulk_upload(inputs=self.protos(rows), batch_size=min(128, batch_size))


class TableInputs(Inputs):
    """Inputs that turn into rows."""

    def __init__(self, user_id, app_id, pat):
        self.user_id = user_id
        self.app_id = app_id
        super().__init__(user_id=user_id, app_id=app_id, pat=pat)

    def rows(self, input_type=None):
        for one in self.list_inputs(input_type=input_type):
            yield {
                "input_id": one.id,
                "status": one.status.code,
                "created_at": one.created_at.ToDatetime().isoformat(),
                "modified_at": float(f"{one.modified_at.seconds}.{one.modified_at.nanos}"),
                "text_url": one.data.text.url,
                "metadata": json.loads(MessageToJson(one.data.metadata)),
            }


pat = os.environ["CLARIFAI_PAT"]
User(user_id=USER_ID, pat=pat).create_app(APP_ID, base_workflow="Empty").create_dataset("table")
dataset = TableDataset("table", USER_ID, APP_ID, pat)
dataset.upload_rows(ROWS, "text", batch_size=8)
inputs = TableInputs(USER_ID, APP_ID, pat)
while any(one["status"] != 30000 for one in inputs.rows("text")):
    time.sleep(0.05)
rows = sorted(inputs.rows("text"), key=lambda row: int(row["input_id"].split("-")[1]))
assert [row["metadata"] for row in rows] == [{"number": number} for number in range(20)]
annotated = {}
for batch in Chunker([Input(id=row["input_id"]) for row in rows], 8).chunk():
    for one in inputs.list_annotations(batch_input=batch):
        annotated.setdefault(one.input_id, []).extend(c.name for c in one.data.concepts)
assert annotated["row-2"] == ["even", "round"], annotated
assert annotated["row-3"] == ["odd"], annotated
User(USER_ID).delete_app(APP_ID)
