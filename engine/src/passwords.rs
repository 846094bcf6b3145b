//! Another password for one's own account.
//!
//! A device that has logged in comes in with the new password; done or a refusal leaves. What follows is what follows when
//! an operator changes it: devices stay logged in, what was made of the old password (tokens of XMPP clients, which its
//! salt is a part of) is good for nothing. Invariants: a password that is refused changes nothing; nobody changes but
//! their own.

use belfry_domain::{Code, Refusal, Secret};

use crate::admin::check_length;
use crate::command::{Caller, Command};
use crate::limits::Limited;
use crate::{Engine, device_of, refused};

impl Engine {
    /// Gives the caller's account another password. Errors: `unauthenticated`, `bad_request` for a password that is too
    /// short or too long, `rate_limited`.
    pub async fn change_password(&self, caller: &Caller, password: Secret<String>) -> Result<(), Refusal> {
        let (owner, ..) = device_of(caller)?;
        self.admitted(caller, &Command::GetPrivacy).await?;
        check_length(&password)?;
        self.limit(&Limited::PasswordChanges(owner))?;
        let keys = self.scram_keys(password).await?;
        self.known(caller)?; // it may have been cut off while the password was hashed
        match self.store().set_password(owner, Some(keys)).await.map_err(refused)? {
            true => Ok(()),
            false => Err(Refusal::new(Code::NotFound, "The account no longer exists.")),
        }
    }
}
