"""The service as JSON over HTTP: every RPC at the paths that its `google.api.http` option names.

    curl -H "Authorization: Key $PAT" $BASE/v2/users/me/apps
    curl -H "Authorization: Key $PAT" $BASE/v2/users/me/apps -d '{"apps": [{"id": "zoo"}]}'

`binding` knows which path is which RPC, `transcode` turns JSON into messages and back, `statuses`
has the HTTP status of each status code, `service` puts them together.
"""
