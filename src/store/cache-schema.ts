/** The form of the cache's file. The n-th entry leads from version n to n+1: entries are added at the end and never changed. */
export const cacheMigrations: readonly string[] = [
  // Answers of servers. Bodies stand apart, by their hash: two addresses with one body keep it once, and looking an answer up touches no large row.
  `CREATE TABLE answer (
     key TEXT NOT NULL PRIMARY KEY,
     status INTEGER NOT NULL,
     content_type TEXT NOT NULL,
     etag TEXT NOT NULL,
     last_modified TEXT NOT NULL,
     fetched_at INTEGER NOT NULL,
     fresh_until INTEGER NOT NULL,
     sha256 BLOB NOT NULL,
     size INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX answer_by_body ON answer (sha256);
   CREATE TABLE body (sha256 BLOB NOT NULL PRIMARY KEY, zstd BLOB NOT NULL) STRICT;
   CREATE TABLE artifact_file (sha512 BLOB NOT NULL PRIMARY KEY, size INTEGER NOT NULL, kept_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;` +
    // What was read out of them. 'release' holds the few releases of a document that were asked for, so that a second run reads those alone.
    `CREATE TABLE document (
     id INTEGER PRIMARY KEY,
     registry TEXT NOT NULL,
     name TEXT NOT NULL,
     fetched_at INTEGER NOT NULL,
     fresh_until INTEGER NOT NULL,
     answer BLOB NOT NULL,
     sha256 BLOB NOT NULL,
     size INTEGER NOT NULL,
     zstd BLOB NOT NULL,
     UNIQUE (registry, name)
   ) STRICT;
   CREATE TABLE release (
     document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE,
     version TEXT NOT NULL,
     claim TEXT NOT NULL,
     PRIMARY KEY (document, version)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE artifact_claim (sha512 BLOB NOT NULL PRIMARY KEY, claim TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE artifact_seen (
     url TEXT NOT NULL PRIMARY KEY,
     sha512 BLOB NOT NULL,
     observed_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`,
  // What nearly every rule asks of a document (which release is the latest) must not cost unpacking all of it. "" in older rows: unpack.
  "ALTER TABLE document ADD COLUMN dist_tags TEXT NOT NULL DEFAULT ''",
];
