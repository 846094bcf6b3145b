//! The tables of the local store and how older layouts become the present one.

use rusqlite::Connection;

use crate::error::StoreError;

/// The layout that this program writes.
const LAYOUT: i64 = 4;

/// Numbers of the wire are unsigned; SQLite's are signed. Sequence numbers and versions stay below 2^63; conversation
/// ids may not, so they are kept bit by bit and only compared for equality.
pub(super) const LAYOUT_1: &str = "
CREATE TABLE device_key (one INTEGER PRIMARY KEY CHECK (one = 1), private BLOB NOT NULL) STRICT;
CREATE TABLE identity (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    address TEXT NOT NULL,
    device_id INTEGER NOT NULL,
    device_secret TEXT NOT NULL,
    ended TEXT
) STRICT;
CREATE TABLE server_key (server TEXT PRIMARY KEY, public BLOB NOT NULL) STRICT;
CREATE TABLE sync_key (kind INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT;
CREATE TABLE conversation (
    conversation_id INTEGER PRIMARY KEY,
    peer TEXT NOT NULL UNIQUE,
    read_cseq INTEGER NOT NULL DEFAULT 0,
    read_told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE message (
    conversation_id INTEGER NOT NULL,
    cseq INTEGER NOT NULL,
    sender TEXT NOT NULL,
    own INTEGER NOT NULL,
    sent_at_ms INTEGER NOT NULL,
    client_message_id TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (conversation_id, cseq)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    client_message_id TEXT NOT NULL UNIQUE,
    peer TEXT NOT NULL,
    content BLOB NOT NULL,
    created_at_ms INTEGER NOT NULL,
    failure TEXT
) STRICT;
CREATE TABLE receipt (
    conversation_id INTEGER PRIMARY KEY,
    peer TEXT NOT NULL,
    delivered_cseq INTEGER NOT NULL,
    read_cseq INTEGER NOT NULL
) STRICT;
CREATE TABLE profile (address TEXT PRIMARY KEY, display_name TEXT NOT NULL) STRICT;
";

/// What has become of messages since they were sent, and how conversations are set.
pub(super) const LAYOUT_2: &str = "
ALTER TABLE message ADD COLUMN edited_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN recalled_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN expires_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN starred INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN reactions BLOB NOT NULL DEFAULT x'';
CREATE INDEX message_expires ON message (expires_at_ms) WHERE expires_at_ms > 0;
CREATE TABLE settings (conversation_id INTEGER PRIMARY KEY, settings BLOB NOT NULL) STRICT;
";

/// What the server keeps no longer, and what is being written.
pub(super) const LAYOUT_3: &str = "
CREATE TABLE gap (conversation_id INTEGER PRIMARY KEY, known_cseq INTEGER NOT NULL) STRICT;
CREATE TABLE missing (
    conversation_id INTEGER NOT NULL,
    first_cseq INTEGER NOT NULL,
    last_cseq INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, first_cseq)
) STRICT, WITHOUT ROWID;
CREATE TABLE draft (peer TEXT PRIMARY KEY, text TEXT NOT NULL, told INTEGER NOT NULL) STRICT;
";

/// Contacts, and what people show of themselves beside their name. A client of the layout before has passed over the
/// contacts of a later server: their place is forgotten, so that they come again.
const LAYOUT_4: &str = "
CREATE TABLE contact (
    address TEXT PRIMARY KEY,
    listed INTEGER NOT NULL,
    told INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    contact BLOB NOT NULL
) STRICT;
ALTER TABLE profile ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE profile ADD COLUMN picture_id TEXT NOT NULL DEFAULT '';
DELETE FROM sync_key WHERE kind = 5;
";

/// What leads from each layout to the next.
const STEPS: [&str; LAYOUT as usize] = [LAYOUT_1, LAYOUT_2, LAYOUT_3, LAYOUT_4];

/// Makes or checks the tables.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let steps = usize::try_from(found).ok().and_then(|done| STEPS.get(done..));
    let Some(steps) = steps else { return Err(StoreError::TooNew { found, known: LAYOUT }) };
    if steps.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for step in steps {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", LAYOUT)?;
    Ok(transaction.commit()?)
}
