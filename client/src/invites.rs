//! Invitations: links that bring contacts, or people who have no account yet.
//!
//! Tokens and whole links come in, contacts and accounts leave. Invariant: credentials are in the store before it is said
//! that there is an account.

use std::time::Duration;

use belfry_wire::{operation, v1};

use crate::client::Client;
use crate::error::ClientError;
use crate::model::{Account, Contact};
use crate::shared::Mode;

impl Client {
    /// Makes an invitation for so many uses. `None`: one use, seven days. The token and the link in the answer are told
    /// once.
    pub async fn create_invite(
        &self,
        kind: v1::InviteKind,
        uses: Option<u32>,
        expires_after: Option<Duration>,
    ) -> Result<v1::CreateInviteReply, ClientError> {
        let expires_after_ms = expires_after.map_or(0, |after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        let request = v1::CreateInviteRequest { kind: kind.into(), uses: uses.unwrap_or_default(), expires_after_ms };
        self.ask(operation::CREATE_INVITE, &request).await
    }

    /// The account's invitations that are still good.
    pub async fn invites(&self) -> Result<Vec<v1::Invite>, ClientError> {
        let reply: v1::ListInvitesReply = self.ask(operation::LIST_INVITES, &v1::ListInvitesRequest {}).await?;
        Ok(reply.invites)
    }

    /// Takes an invitation back.
    pub async fn revoke_invite(&self, invite_id: &str) -> Result<(), ClientError> {
        let request = v1::RevokeInviteRequest { invite_id: invite_id.to_owned() };
        self.ask::<_, v1::RevokeInviteReply>(operation::REVOKE_INVITE, &request).await?;
        Ok(())
    }

    /// What an invitation is good for and who gives it, by its token or its link; also before there is an account.
    pub async fn look_at_invite(&self, token: &str) -> Result<v1::LookAtInviteReply, ClientError> {
        let request = v1::LookAtInviteRequest { token: token.to_owned() };
        if *self.shared.mode.borrow() == Mode::Idle {
            return self.ask_unknown(operation::LOOK_AT_INVITE, &request).await;
        }
        self.ask(operation::LOOK_AT_INVITE, &request).await
    }

    /// Uses an invitation, by its token or its link: who gave it and this account are contacts of each other now.
    pub async fn accept_invite(&self, token: &str) -> Result<Contact, ClientError> {
        let request = v1::AcceptInviteRequest { token: token.to_owned() };
        let reply: v1::ContactReply = self.ask(operation::ACCEPT_INVITE, &request).await?;
        self.named(reply).await
    }

    /// Makes an account by an invitation to sign up: this device becomes its first one and connects. Under Noise its key
    /// becomes its credential.
    pub async fn sign_up(&self, request: v1::SignUpRequest) -> Result<Account, ClientError> {
        let credentials = self.ask_unknown(operation::SIGN_UP, &request).await?;
        self.become_device(credentials).await
    }
}
