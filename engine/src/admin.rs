//! What an operator does to accounts, through the local admin socket. No client reaches these.

use std::sync::Arc;

use belfry_domain::limits::{PASSWORD_BYTES_MAX, PASSWORD_CHARS_MIN};
use belfry_domain::ports::{AccountOutcome, NewAccount};
use belfry_domain::{Account, Address, Code, DeviceId, Refusal, Secret};

use crate::command::DeviceView;
use crate::registration::name_taken;
use crate::{Engine, refused};

/// Accounts in one answer of the list.
const LIST_MAX: usize = 1_000;

impl Engine {
    /// Makes an account without a phone number. Errors: `name_taken`, `bad_request` for a foreign domain or a password
    /// that is too short or too long.
    pub async fn admin_add_account(&self, address: Address, password: Option<Secret<String>>) -> Result<(), Refusal> {
        let domain = self.settings().domain.clone();
        if address.domain() != domain {
            return Err(Refusal::new(Code::BadRequest, format!("This server has accounts of {domain} only.")));
        }
        let scram = match password {
            Some(password) => {
                check_length(&password)?;
                Some(self.scram_keys(password).await?)
            }
            None => None,
        };
        let created = self.inner.ports.clock.now();
        let display_name = address.local().to_owned();
        let new = NewAccount { address: address.clone(), phone: None, display_name, scram, created };
        match self.store().create_account(new).await.map_err(refused)? {
            AccountOutcome::Created(_) => Ok(()),
            AccountOutcome::NameTaken | AccountOutcome::PhoneTaken(_) => Err(name_taken(&address)),
        }
    }

    /// Accounts in the order of their addresses, at most 1,000 of those after `after`.
    pub async fn admin_list_accounts(
        &self,
        after: Option<Address>,
        limit: usize,
    ) -> Result<Vec<Arc<Account>>, Refusal> {
        self.store().list_accounts(after.as_ref(), limit.min(LIST_MAX)).await.map_err(refused)
    }

    /// Removes an account; its devices are cut off.
    pub async fn admin_remove_account(&self, address: &Address) -> Result<(), Refusal> {
        let account = self.account_at(address).await?;
        let devices = self.store().remove_account(account.id).await.map_err(refused)?;
        let refusal = Refusal::new(Code::Revoked, "The account was removed.");
        for device in devices.unwrap_or_default() {
            self.cut(account.id, device.id, &refusal);
        }
        Ok(())
    }

    /// The devices of an account.
    pub async fn admin_devices(&self, address: &Address) -> Result<Vec<DeviceView>, Refusal> {
        let account = self.account_at(address).await?;
        self.device_views(account.id).await
    }

    /// Removes a device of an account and cuts it off. Errors: `not_found`.
    pub async fn admin_revoke_device(&self, address: &Address, device: DeviceId) -> Result<(), Refusal> {
        let account = self.account_at(address).await?;
        self.remove_device(account.id, device, "The operator of the server has removed this device.").await.map(drop)
    }

    /// Gives an account another password; devices stay logged in.
    pub async fn admin_set_password(&self, address: &Address, password: Secret<String>) -> Result<(), Refusal> {
        check_length(&password)?;
        let account = self.account_at(address).await?;
        let keys = self.scram_keys(password).await?;
        self.store().set_password(account.id, Some(keys)).await.map_err(refused)?;
        Ok(())
    }
}

/// Holds a new password to its length.
pub(crate) fn check_length(password: &Secret<String>) -> Result<(), Refusal> {
    let chars = password.expose().chars().count();
    if chars < PASSWORD_CHARS_MIN || password.expose().len() > PASSWORD_BYTES_MAX {
        return Err(Refusal::new(
            Code::BadRequest,
            format!(
                "A password has at least {PASSWORD_CHARS_MIN} characters and at most {PASSWORD_BYTES_MAX} bytes; this has {chars} characters."
            ),
        ));
    }
    Ok(())
}
