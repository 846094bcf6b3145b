//! Accounts for a run, made through the admin socket of the server and removed after it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use belfry_backend::OsEntropy;
use belfry_domain::Secret;
use belfry_domain::ports::random_array;

use super::Account;
use crate::admin::client::ask;
use crate::admin::{Answer, Password, Request};

/// Accounts that are there until they are removed.
#[derive(Debug)]
pub(super) struct Made {
    socket: PathBuf,
    pub(super) accounts: Vec<Account>,
}

impl Made {
    /// Makes so many accounts.
    pub(super) async fn make(socket: &Path, domain: &str, count: usize) -> Result<Made> {
        let mut made = Made { socket: socket.to_path_buf(), accounts: Vec::new() };
        for number in 0..count {
            let hex: String = random_array::<16>(&OsEntropy).iter().map(|byte| format!("{byte:02x}")).collect();
            let address = format!("verify-{}-{number}@{domain}", &hex[..8]);
            let account = Account { address, password: hex };
            let password = Some(Password(Secret::new(account.password.clone())));
            let request = Request::AccountAdd { address: account.address.clone(), password };
            if let Err(error) = done(&made.socket, &request).await {
                drop(made.remove().await);
                return Err(error);
            }
            made.accounts.push(account);
        }
        Ok(made)
    }

    /// Removes them.
    pub(super) async fn remove(self) -> Result<()> {
        for account in self.accounts {
            done(&self.socket, &Request::AccountRemove { address: account.address }).await?;
        }
        Ok(())
    }
}

async fn done(socket: &Path, request: &Request) -> Result<()> {
    match ask(socket, request).await? {
        Answer::Done => Ok(()),
        Answer::Refused { message, .. } => bail!("{message}"),
        _ => bail!("the server gave another answer than this command expects: is it of the same version?"),
    }
}
