//! Contacts, in the store: how this account stands to others, readable without a link.
//!
//! Events come in as the latest value and replace what was known; lists in the order in which people look for somebody
//! leave. Invariant: a row that says nothing is none.

use prost::Message as _;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use belfry_wire::v1;

use super::{Change, Store};
use crate::error::StoreError;
use crate::model::Contact;

impl Store {
    /// All rows, in the order of the names that are shown.
    pub(crate) async fn contacts(&self) -> Result<Vec<Contact>, StoreError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT c.contact, coalesce(p.display_name, '') FROM contact c
                 LEFT JOIN profile p ON p.address = c.address",
            )?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)))?;
            let mut contacts = Vec::new();
            for row in rows {
                let (bytes, display_name) = row?;
                contacts.push(Contact::of(decoded(&bytes)?, display_name));
            }
            contacts.sort_by_cached_key(|contact| (contact.shown_name().to_lowercase(), contact.address.clone()));
            Ok(contacts)
        })
        .await
    }

    /// How this account stands to an address; strangers where there is no row.
    pub(crate) async fn contact(&self, address: &str) -> Result<Contact, StoreError> {
        let address = address.to_owned();
        self.run(move |connection| {
            let contact = read(connection, &address)?;
            Ok(Contact::of(contact, display_name(connection, &address)?))
        })
        .await
    }

    /// Addresses of contacts of whom it is told whether they are there.
    pub(crate) async fn told_of(&self) -> Result<Vec<String>, StoreError> {
        self.run(|connection| {
            let mut statement = connection.prepare_cached("SELECT address FROM contact WHERE told ORDER BY address")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// At most so many addresses of contacts whose own name is not known here; those who wait for an answer first.
    pub(crate) async fn nameless(&self, limit: usize) -> Result<Vec<String>, StoreError> {
        self.run(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT address FROM contact WHERE NOT blocked AND address NOT IN (SELECT address FROM profile)
                 ORDER BY listed, address LIMIT ?1",
            )?;
            let rows = statement.query_map([limit as i64], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Remembers what an account shows of itself.
    pub(crate) async fn set_profile(&self, profile: v1::Profile) -> Result<(), StoreError> {
        self.run(move |connection| {
            let transaction = connection.transaction()?;
            put_profile(&transaction, &profile)?;
            Ok(transaction.commit()?)
        })
        .await
    }
}

/// Writes what an account shows of itself.
pub(super) fn put_profile(transaction: &Transaction<'_>, profile: &v1::Profile) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO profile (address, display_name, about, picture_id) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute([&profile.address, &profile.display_name, &profile.about, &profile.picture_id])?;
    Ok(())
}

/// Takes the latest value of a row.
pub(super) fn set(
    transaction: &Transaction<'_>,
    contact: v1::Contact,
    changes: &mut Vec<Change>,
) -> Result<(), StoreError> {
    let before = read(transaction, &contact.address)?;
    if before == contact {
        return Ok(());
    }
    if contact == nothing(&contact.address) {
        transaction.prepare_cached("DELETE FROM contact WHERE address = ?1")?.execute([&contact.address])?;
    } else {
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO contact (address, listed, told, blocked, contact) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                contact.address,
                contact.listed,
                contact.to && !contact.blocked,
                contact.blocked,
                contact.encode_to_vec()
            ])?;
    }
    let asks_anew = contact.request.is_some() && before.request.is_none();
    let display_name = display_name(transaction, &contact.address)?;
    changes.push(Change::Contact { contact: Contact::of(contact, display_name), asks_anew });
    Ok(())
}

fn nothing(address: &str) -> v1::Contact {
    v1::Contact { address: address.to_owned(), ..Default::default() }
}

fn read(connection: &Connection, address: &str) -> Result<v1::Contact, StoreError> {
    let row: Option<Vec<u8>> = connection
        .prepare_cached("SELECT contact FROM contact WHERE address = ?1")?
        .query_row([address], |row| row.get(0))
        .optional()?;
    row.map_or_else(|| Ok(nothing(address)), |bytes| decoded(&bytes))
}

fn decoded(bytes: &[u8]) -> Result<v1::Contact, StoreError> {
    v1::Contact::decode(bytes).map_err(|_| StoreError::Corrupt("a contact"))
}

fn display_name(connection: &Connection, address: &str) -> Result<String, StoreError> {
    let name: Option<String> = connection
        .prepare_cached("SELECT display_name FROM profile WHERE address = ?1")?
        .query_row([address], |row| row.get(0))
        .optional()?;
    Ok(name.unwrap_or_default())
}
