//! The local store: who this device is, what it has received, what it still has to send.
//!
//! Pages of events and messages to send come in; lists for showing and the changes worth telling leave. Invariants: a
//! page and the key behind it are one transaction, so a key is never ahead of what is stored nor behind it; a message
//! is in the outbox or in its conversation, never in both and never in neither.

mod apply;
mod contacts;
mod drafts;
mod later;
mod missing;
mod outbox;
mod query;
mod schema;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use belfry_wire::noise::StaticKey;
use belfry_wire::v1;

pub(crate) use apply::{Applied, Change, Page};
pub(crate) use missing::Gap;
pub(crate) use outbox::OutboxEntry;

use crate::error::StoreError;
use crate::model::Account;

/// Another process that is just closing gets this long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A device's account and what proves it.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) account: Account,
    pub(crate) device_secret: String,
    /// Why the server has cut it off, if it has.
    pub(crate) ended: Option<String>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("account", &self.account).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// The store. Clones are the same store.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens or makes the file; only its owner may read it.
    pub(crate) fn open(path: &Path) -> Result<Store, StoreError> {
        let display = path.display().to_string();
        // SQLite gives its side files the mode of the main file, so making that one first is enough.
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(path)
            .map_err(|source| StoreError::Open { path: display.clone(), source })?;
        let in_use = |error: StoreError| match error {
            StoreError::Sqlite(rusqlite::Error::SqliteFailure(failure, _))
                if matches!(failure.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) =>
            {
                StoreError::InUse(display.clone())
            }
            other => other,
        };
        let connection = Connection::open(path)?;
        Store::prepare(connection).map_err(in_use)
    }

    /// A store that is gone with the process.
    pub(crate) fn in_memory() -> Result<Store, StoreError> {
        Store::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Store, StoreError> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // Two clients on one store would both be the same device. The lock is taken at once and held.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        // A pragma that answers with a row.
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        // What is acknowledged to the server may be deleted there: it has to be on this disk.
        connection.pragma_update(None, "synchronous", "FULL")?;
        schema::prepare(&mut connection)?;
        connection.execute_batch("BEGIN IMMEDIATE; COMMIT")?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Store { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs `work` on a thread that may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || work(&mut connection.lock())).await.map_err(|_| StoreError::Closed)?
    }

    /// The device's key pair; made at the first call.
    pub(crate) async fn device_key(&self, fresh: [u8; 32]) -> Result<StaticKey, StoreError> {
        self.run(move |connection| {
            connection.execute("INSERT OR IGNORE INTO device_key (one, private) VALUES (1, ?1)", [&fresh[..]])?;
            let private: Vec<u8> = connection.query_row("SELECT private FROM device_key", [], |row| row.get(0))?;
            Ok(StaticKey::new(key_from(private)?))
        })
        .await
    }

    /// Who this device is; `None`: no account yet.
    pub(crate) async fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.run(|connection| read_identity(connection)).await
    }

    /// Begins anew with another account or after logging in again: the rest is of the old one. The outbox stays if the
    /// address is the same.
    pub(crate) async fn set_identity(&self, credentials: v1::Credentials) -> Result<(), StoreError> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            let before = read_identity(&transaction)?;
            if before.is_some_and(|before| before.account.address != credentials.address) {
                transaction.execute_batch("DELETE FROM outbox; DELETE FROM draft")?;
            }
            apply::forget(&transaction)?;
            transaction.execute("DELETE FROM profile", [])?;
            transaction.execute(
                "INSERT OR REPLACE INTO identity (one, address, device_id, device_secret, ended) VALUES (1, ?1, ?2, ?3, NULL)",
                params![credentials.address, credentials.device_id, credentials.device_secret],
            )?;
            Ok(transaction.commit()?)
        })
        .await
    }

    /// Remembers that the server has cut this device off; a new key is made for the next account.
    pub(crate) async fn end_identity(&self, why: &str) -> Result<(), StoreError> {
        let why = why.to_owned();
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            transaction.execute("UPDATE identity SET ended = ?1", [why])?;
            transaction.execute("DELETE FROM device_key", [])?;
            Ok(transaction.commit()?)
        })
        .await
    }

    /// Forgets account, messages and keys: logged out.
    pub(crate) async fn clear(&self) -> Result<(), StoreError> {
        self.run(|connection| {
            let transaction = connection.transaction()?;
            apply::forget(&transaction)?;
            transaction.execute_batch(
                "DELETE FROM outbox; DELETE FROM draft; DELETE FROM profile; DELETE FROM identity; DELETE FROM device_key",
            )?;
            Ok(transaction.commit()?)
        })
        .await
    }

    /// The pinned key of a server.
    pub(crate) async fn server_key(&self, server: &str) -> Result<Option<[u8; 32]>, StoreError> {
        let server = server.to_owned();
        self.run(move |connection| {
            let key: Option<Vec<u8>> = connection
                .query_row("SELECT public FROM server_key WHERE server = ?1", [server], |row| row.get(0))
                .optional()?;
            key.map(key_from).transpose()
        })
        .await
    }

    /// Pins the key of a server, if none is; a pinned one is only replaced after [`Store::forget_server_keys`].
    pub(crate) async fn pin_server_key(&self, server: &str, key: [u8; 32]) -> Result<(), StoreError> {
        let server = server.to_owned();
        self.run(move |connection| {
            let sql = "INSERT OR IGNORE INTO server_key (server, public) VALUES (?1, ?2)";
            connection.execute(sql, params![server, &key[..]])?;
            Ok(())
        })
        .await
    }

    /// Forgets all pinned keys: the next connection pins anew.
    pub(crate) async fn forget_server_keys(&self) -> Result<(), StoreError> {
        self.run(|connection| {
            connection.execute("DELETE FROM server_key", [])?;
            Ok(())
        })
        .await
    }
}

fn read_identity(connection: &Connection) -> Result<Option<Identity>, StoreError> {
    let sql = "SELECT address, device_id, device_secret, ended FROM identity";
    let identity = connection.query_row(sql, [], |row| {
        Ok(Identity {
            account: Account { address: row.get(0)?, device_id: row.get(1)? },
            device_secret: row.get(2)?,
            ended: row.get(3)?,
        })
    });
    Ok(identity.optional()?)
}

fn key_from(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Corrupt("a key is not 32 bytes"))
}

/// A number of the wire as SQLite keeps it.
fn signed(value: u64) -> i64 {
    value.cast_signed()
}

/// And back.
fn unsigned(value: i64) -> u64 {
    value.cast_unsigned()
}

#[cfg(test)]
mod tests;
