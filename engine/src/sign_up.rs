//! Accounts that people make with a name and a password: by an invitation, or, where the operator lets anybody in, without.
//!
//! A wish comes in; the credentials of a first device leave, or the address alone to a client that logs in by itself.
//! Invariants: an invitation makes no more accounts than it has uses, whoever uses it at once and whenever the server
//! stops; nobody is told which names are taken without using up a try or showing an invitation.

use belfry_domain::ports::{AccountOutcome, NewAccount};
use belfry_domain::{AccountId, Address, Code, DeviceRole, InviteKind, Phone, Refusal, Secret, TimestampMs, skeleton};

use crate::accounts::Joining;
use crate::admin::check_length;
use crate::command::{Caller, Command, Identity, Reply, SignUp};
use crate::invites::{no_sign_ups, not_good};
use crate::limits::Limited;
use crate::registration::{label, name_taken};
use crate::settings::{Registrations, SignUps};
use crate::{Engine, refused};

/// An invitation that was shown and was good, for whoever fills in a form meanwhile. XEP-0445 §4.
#[derive(Clone, Debug)]
pub struct Invited {
    token: Secret<String>,
    at: TimestampMs,
}

/// An account that is to be made; its fields were held to their rules.
struct Wished {
    address: Address,
    display_name: String,
    password: Secret<String>,
}

impl Engine {
    /// Makes an account and its first device by an invitation.
    pub(crate) async fn sign_up(&self, caller: &Caller, wish: SignUp) -> Result<Reply, Refusal> {
        if self.settings().sign_ups == SignUps::Nobody {
            return Err(no_sign_ups());
        }
        self.limit_peer(&caller.peer, Limited::InvitationsLookedAt)?;
        if self.good_invite(&wish.token).await?.kind != InviteKind::SignUp {
            return Err(not_good());
        }
        let device_name = label(wish.device_name, "Companion")?;
        let wished = self.wished(&wish.name, wish.display_name, wish.password).await?;
        let address = wished.address.clone();
        let account = self.make_invited(wished, &Invited { token: wish.token, at: self.now() }).await?;
        let noise_key = match caller.identity {
            Identity::Nobody { noise_key } => noise_key,
            Identity::Guest { .. } | Identity::Device { .. } => None,
        };
        let joining = Joining { role: DeviceRole::Companion, name: device_name, platform: String::new(), noise_key };
        let issued = self.issue(account, address, joining, false).await?;
        Ok(Reply::Issued(Box::new(issued)))
    }

    /// Who may make an account now from within a client that has not logged in.
    pub fn registrations(&self) -> Registrations {
        let settings = self.settings();
        match (settings.registrations, settings.sign_ups) {
            (Registrations::Invited, SignUps::Nobody) => Registrations::Nobody,
            (registrations, _) => registrations,
        }
    }

    /// Looks at the invitation by which somebody is going to make an account; it is used up when they do. Errors:
    /// `not_found` for one that is not good, `forbidden` where nobody signs up so, `rate_limited`.
    pub async fn invited(&self, caller: &Caller, token: Secret<String>) -> Result<Invited, Refusal> {
        let like = Command::LookAtInvite { token: token.clone() };
        self.admitted(caller, &like).await?;
        if self.registrations() == Registrations::Nobody || self.settings().sign_ups == SignUps::Nobody {
            return Err(no_sign_ups());
        }
        self.limit_peer(&caller.peer, Limited::InvitationsLookedAt)?;
        match self.good_invite(&token).await?.kind {
            InviteKind::SignUp => Ok(Invited { token, at: self.now() }),
            InviteKind::Contact => Err(not_good()),
        }
    }

    /// Makes an account for a client that logs in to it by itself. Errors: `forbidden` without an invitation where that
    /// is not for anybody, `bad_request` for a name or password against the rules, `name_taken`, `not_found` for an
    /// invitation that was used up meanwhile, `rate_limited`.
    pub async fn register(
        &self,
        caller: &Caller,
        by: Option<&Invited>,
        name: &str,
        password: Secret<String>,
    ) -> Result<Address, Refusal> {
        // Counted like a look at an invitation: by requests before a login.
        self.admitted(caller, &Command::LookAtInvite { token: Secret::new(String::new()) }).await?;
        match (by, self.registrations()) {
            (_, Registrations::Nobody) => return Err(no_sign_ups()),
            (None, Registrations::Invited) => {
                let text = "Accounts here are made by invitation: ask somebody who has one for a link.";
                return Err(Refusal::new(Code::Forbidden, text));
            }
            (Some(_), _) => self.limit_peer(&caller.peer, Limited::InvitationsLookedAt)?,
            // Whatever comes of it, since a name that is taken tells something.
            (None, Registrations::Anybody) => self.limit_peer(&caller.peer, Limited::SignUps)?,
        }
        let wished = self.wished(name, String::new(), password).await?;
        let address = wished.address.clone();
        match by {
            Some(invited) => self.make_invited(wished, invited).await?,
            None => self.make_open(wished).await?,
        };
        Ok(address)
    }

    /// What would fail for another reason fails before anything is made.
    async fn wished(&self, name: &str, display_name: String, password: Secret<String>) -> Result<Wished, Refusal> {
        let address = Address::new(name, &self.settings().domain)
            .map_err(|error| Refusal::new(Code::BadRequest, error.to_string()))?;
        // Such a name is what the owner of the number gets who wishes for no other.
        if Phone::parse(&format!("+{}", address.local())).is_ok() {
            let text = "A name of digits alone is for whoever has that phone number: choose one with a letter in it.";
            return Err(Refusal::new(Code::BadRequest, text));
        }
        let display_name = label(display_name, address.local())?;
        check_length(&password)?;
        if self.store().looks_taken(address.domain(), &skeleton(address.local())).await.map_err(refused)? {
            return Err(name_taken(&address));
        }
        Ok(Wished { address, display_name, password })
    }

    /// Nobody can get into the account before the invitation has lost a use: whoever loses a race for the last use, or
    /// whose server stops in between, has made none that works.
    async fn make_invited(&self, wished: Wished, invited: &Invited) -> Result<AccountId, Refusal> {
        let scram = self.scram_keys(wished.password).await?;
        let Wished { address, display_name, .. } = wished;
        let new = NewAccount { address, phone: None, display_name, scram: None, created: self.now() };
        let account = self.make(new).await?;
        if let Err(refusal) = self.use_invite(&invited.token, account, invited.at).await {
            self.store().remove_account(account).await.map_err(refused)?;
            return Err(refusal);
        }
        self.store().set_password(account, Some(scram)).await.map_err(refused)?;
        Ok(account)
    }

    async fn make_open(&self, wished: Wished) -> Result<AccountId, Refusal> {
        let scram = Some(self.scram_keys(wished.password).await?);
        let Wished { address, display_name, .. } = wished;
        self.make(NewAccount { address, phone: None, display_name, scram, created: self.now() }).await
    }

    async fn make(&self, new: NewAccount) -> Result<AccountId, Refusal> {
        let address = new.address.clone();
        match self.store().create_account(new).await.map_err(refused)? {
            AccountOutcome::Created(account) => Ok(account.id),
            AccountOutcome::NameTaken | AccountOutcome::PhoneTaken(_) => Err(name_taken(&address)),
        }
    }
}
