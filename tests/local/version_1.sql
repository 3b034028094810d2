BEGIN TRANSACTION;
CREATE TABLE annotation_concepts (
    concept INTEGER NOT NULL,
    annotation INTEGER NOT NULL,
    place INTEGER NOT NULL,
    input INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (concept, annotation, place)
) WITHOUT ROWID;
INSERT INTO "annotation_concepts" VALUES(99,1,0,1,0.0);
CREATE TABLE annotation_leaves (
    app INTEGER NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    annotation INTEGER NOT NULL,
    PRIMARY KEY (app, path, value, annotation)
) WITHOUT ROWID;
CREATE TABLE annotations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    input INTEGER NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    model_version_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    trusted INTEGER NOT NULL,
    input_level INTEGER NOT NULL,
    lat REAL,
    lon REAL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    wire BLOB NOT NULL,
    UNIQUE (input, id)
);
INSERT INTO "annotations" VALUES(1,86,1,'44b2d8b5f9624af19fe17d39db13199d','alice','',24150,1,1,NULL,NULL,1700000000000002,1700000000000002,X'0A2034346232643862356639363234616631396665313764333964623133313939641201611A111A0F0A036F6C6412036F6C6432037A6F6F3A1808D6BC011212416E6E6F746174696F6E207375636365737342090880E2CFAA0610D00F4A090880E2CFAA0610D00F50017A05616C696365880101');
CREATE TABLE attachments (
    resource INTEGER NOT NULL, name TEXT NOT NULL, sha BLOB NOT NULL,
    PRIMARY KEY (resource, name)
) WITHOUT ROWID;
CREATE TABLE blob_garbage (sha BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE blobs (
    sha BLOB PRIMARY KEY, size INTEGER NOT NULL, media_type TEXT NOT NULL, data BLOB
);
CREATE TABLE concepts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (app, id)
);
INSERT INTO "concepts" VALUES(99,86,'old','old',1700000000000002,1700000000000002,X'0A036F6C6412036F6C6422090880E2CFAA0610D00F2A02656E32037A6F6F5205616C696365');
CREATE TABLE dataset_inputs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    dataset INTEGER NOT NULL,
    input INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (dataset, input)
);
CREATE TABLE dataset_version_items (
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    input INTEGER NOT NULL,
    id TEXT NOT NULL,
    kinds INTEGER NOT NULL,
    media BLOB,
    text_sha BLOB,
    wire BLOB NOT NULL,
    annotations BLOB NOT NULL,
    UNIQUE (version, position)
);
CREATE TABLE input_jobs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    id TEXT NOT NULL,
    cancelled INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    UNIQUE (app, id)
);
CREATE TABLE input_wires (seq INTEGER PRIMARY KEY, wire BLOB NOT NULL);
INSERT INTO "input_wires" VALUES(1,X'0A01611282011A0F0A036F6C6412036F6C6432037A6F6F6A6F0A13612074657874206F662076657273696F6E2031224D1245746578742F316361643638316238643633643565343231366136636664333031366131646638613461623063393030396631656363613635396630393030336535326363641A046F7269672A09081312057574662D3822090880E2CFAA0610D00F2A090880E2CFAA0610D00F');
CREATE TABLE inputs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    app INTEGER NOT NULL,
    id TEXT NOT NULL,
    kinds INTEGER NOT NULL,
    status INTEGER NOT NULL,
    details TEXT NOT NULL,
    job INTEGER,
    media BLOB,
    text_sha BLOB,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    UNIQUE (app, id)
);
INSERT INTO "inputs" VALUES(1,86,'a',4,30000,'',NULL,NULL,X'1CAD681B8D63D5E4216A6CFD3016A1DF8A4AB0C9009F1ECCA659F09003E52CCD',1700000000000002,1700000000000002);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE purges (app INTEGER PRIMARY KEY);
CREATE TABLE resources (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    user_id TEXT NOT NULL,
    app_id TEXT NOT NULL,
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    detail TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (kind, user_id, app_id, parent, id)
);
INSERT INTO "resources" VALUES(86,'app','alice','','','zoo',1700000000000001,1700000000000001,0,'Empty',X'0A037A6F6F12037A6F6F1A02656E2A05616C69636532090880E2CFAA0610E80778E807820102080A');
CREATE TABLE spaces (
    seq INTEGER PRIMARY KEY, app INTEGER NOT NULL, name TEXT NOT NULL, dim INTEGER NOT NULL,
    UNIQUE (app, name)
);
CREATE TABLE vectors (
    space INTEGER NOT NULL, input INTEGER NOT NULL, vector BLOB NOT NULL,
    UNIQUE (space, input)
);
CREATE INDEX resources_status ON resources (kind, status);
CREATE INDEX attachments_sha ON attachments (sha);
CREATE INDEX inputs_app ON inputs (app, seq);
CREATE INDEX inputs_status ON inputs (app, status);
CREATE INDEX inputs_pending ON inputs (status) WHERE status IN (30001, 30003);
CREATE INDEX inputs_job ON inputs (job, status) WHERE job IS NOT NULL;
CREATE INDEX inputs_media ON inputs (media) WHERE media IS NOT NULL;
CREATE INDEX inputs_text ON inputs (text_sha) WHERE text_sha IS NOT NULL;
CREATE INDEX concepts_name ON concepts (app, name);
CREATE INDEX annotations_app ON annotations (app, seq);
CREATE INDEX annotations_geo ON annotations (app, lat, lon) WHERE lat IS NOT NULL;
CREATE INDEX annotation_concepts_annotation ON annotation_concepts (annotation);
CREATE INDEX annotation_leaves_annotation ON annotation_leaves (annotation);
CREATE INDEX dataset_inputs_dataset ON dataset_inputs (dataset, seq);
CREATE INDEX dataset_inputs_input ON dataset_inputs (input);
CREATE INDEX dataset_version_items_media ON dataset_version_items (media) WHERE media IS NOT NULL;
CREATE INDEX dataset_version_items_text ON dataset_version_items (text_sha)
    WHERE text_sha IS NOT NULL;
CREATE INDEX vectors_input ON vectors (input);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('resources',86);
INSERT INTO "sqlite_sequence" VALUES('concepts',99);
INSERT INTO "sqlite_sequence" VALUES('inputs',1);
INSERT INTO "sqlite_sequence" VALUES('annotations',1);
COMMIT;
PRAGMA user_version = 1;
