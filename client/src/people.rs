//! What a person does about other people: contacts, requests, blocking, what one shows of oneself and to whom.
//!
//! Asked of the server at once; lists are read from the store, without a link too. Invariant: the store changes by the
//! event of a change alone, which comes like any other, so that an answer never undoes what came after it.

use belfry_wire::{operation, v1};

use crate::client::Client;
use crate::error::ClientError;
use crate::model::Contact;

impl Client {
    /// All to whom this account stands in some way, in the order of the names that are shown: contacts, those who ask
    /// and those who are asked, and who is blocked. Read from the store: there without a link, and up to date with one.
    pub async fn contacts(&self) -> Result<Vec<Contact>, ClientError> {
        Ok(self.shared.store.contacts().await?)
    }

    /// How this account stands to an address, by the store; strangers where nothing is known.
    pub async fn contact(&self, address: &str) -> Result<Contact, ClientError> {
        Ok(self.shared.store.contact(address).await?)
    }

    /// Those who ask to be contacts and wait for an answer, the longest waiting first; by the store.
    pub async fn contact_requests(&self) -> Result<Vec<Contact>, ClientError> {
        let mut asking = self.contacts().await?;
        asking.retain(|contact| contact.request.is_some() && !contact.blocked);
        asking.sort_by_key(|contact| contact.request.as_ref().map(|request| request.asked_at_ms));
        Ok(asking)
    }

    /// A page of the rows as the server has them, and what to hand back as `after` for the next one; 0: there is none.
    pub async fn server_contacts(&self, after: u64, limit: u32) -> Result<(Vec<v1::Contact>, u64), ClientError> {
        let request = v1::ListContactsRequest { limit, after };
        let reply: v1::ListContactsReply = self.ask(operation::LIST_CONTACTS, &request).await?;
        Ok((reply.contacts, reply.next))
    }

    /// Asks somebody to be a contact, with a note of at most 512 bytes that says who one is. Who asks already is accepted
    /// by this.
    pub async fn request_contact(&self, address: &str, note: &str) -> Result<Contact, ClientError> {
        let request = v1::RequestContactRequest { address: address.to_owned(), note: note.to_owned() };
        self.deed(operation::REQUEST_CONTACT, &request).await
    }

    /// Accepts a request: both are contacts of each other now.
    pub async fn accept_contact(&self, address: &str) -> Result<Contact, ClientError> {
        self.deed(operation::ACCEPT_CONTACT, &v1::AcceptContactRequest { address: address.to_owned() }).await
    }

    /// Does not accept a request. They may ask again.
    pub async fn refuse_contact(&self, address: &str) -> Result<Contact, ClientError> {
        self.deed(operation::REFUSE_CONTACT, &v1::RefuseContactRequest { address: address.to_owned() }).await
    }

    /// Takes one's own request back.
    pub async fn withdraw_contact(&self, address: &str) -> Result<Contact, ClientError> {
        self.deed(operation::WITHDRAW_CONTACT, &v1::WithdrawContactRequest { address: address.to_owned() }).await
    }

    /// Takes somebody out of the list: neither is told any longer whether the other is there.
    pub async fn remove_contact(&self, address: &str) -> Result<Contact, ClientError> {
        self.deed(operation::REMOVE_CONTACT, &v1::RemoveContactRequest { address: address.to_owned() }).await
    }

    /// Names and sorts a contact, or lists somebody without asking; the other side is told nothing. An empty name: by
    /// their own.
    pub async fn set_contact(&self, address: &str, name: &str, labels: &[String]) -> Result<Contact, ClientError> {
        let request =
            v1::SetContactRequest { address: address.to_owned(), name: name.to_owned(), labels: labels.to_vec() };
        self.deed(operation::SET_CONTACT, &request).await
    }

    /// Lets nothing pass between this account and another one. They are not told, and see what they would see of
    /// somebody who is offline.
    pub async fn block(&self, address: &str) -> Result<Contact, ClientError> {
        self.deed(operation::BLOCK, &v1::BlockRequest { address: address.to_owned() }).await
    }

    /// Lets things pass again from now on. What was sent meanwhile never comes.
    pub async fn unblock(&self, address: &str) -> Result<Contact, ClientError> {
        self.deed(operation::UNBLOCK, &v1::UnblockRequest { address: address.to_owned() }).await
    }

    async fn deed<Q: prost::Message>(&self, operation: u32, request: &Q) -> Result<Contact, ClientError> {
        let reply: v1::ContactReply = self.ask(operation, request).await?;
        self.named(reply).await
    }

    pub(crate) async fn named(&self, reply: v1::ContactReply) -> Result<Contact, ClientError> {
        let contact = reply.contact.unwrap_or_default();
        let display_name = self.shared.store.display_name(&contact.address).await?.unwrap_or_default();
        Ok(Contact::of(contact, display_name))
    }

    /// Finds one account by exactly its address, the part of it before the @, or its phone number with a plus. `None`:
    /// there is none, or it does not want to be found so.
    pub async fn find(&self, query: &str) -> Result<Option<v1::Profile>, ClientError> {
        let reply: v1::FindReply = self.ask(operation::FIND, &v1::FindRequest { query: query.to_owned() }).await?;
        if let Some(profile) = &reply.profile {
            self.shared.store.set_profile(profile.clone()).await?;
        }
        Ok(reply.profile)
    }

    /// Says that messages of a stranger are wanted: the conversation is no request any longer.
    pub async fn accept_messages(&self, peer: &str) -> Result<(), ClientError> {
        let request = v1::SetConversationRequest { peer: peer.to_owned(), accepted: true, ..Default::default() };
        self.set_conversation(request).await
    }

    /// What an account shows of itself, as the server says now; an empty address is this account's own.
    pub async fn profile(&self, address: &str) -> Result<v1::Profile, ClientError> {
        let request = v1::GetProfileRequest { address: address.to_owned() };
        let reply: v1::GetProfileReply = self.ask(operation::GET_PROFILE, &request).await?;
        let profile = reply.profile.unwrap_or_default();
        if !profile.address.is_empty() {
            self.shared.store.set_profile(profile.clone()).await?;
        }
        Ok(profile)
    }

    /// Changes what this account shows of itself; what the request does not say stays as it is.
    pub async fn set_profile(&self, request: v1::SetProfileRequest) -> Result<v1::Profile, ClientError> {
        let reply: v1::SetProfileReply = self.ask(operation::SET_PROFILE, &request).await?;
        let profile = reply.profile.unwrap_or_default();
        if !profile.address.is_empty() {
            self.shared.store.set_profile(profile.clone()).await?;
        }
        Ok(profile)
    }

    /// The picture that a profile names. Another picture has another id, so that one can be kept for ever.
    pub async fn picture(&self, address: &str, picture_id: &str) -> Result<v1::Picture, ClientError> {
        let request = v1::GetPictureRequest { address: address.to_owned(), picture_id: picture_id.to_owned() };
        let reply: v1::GetPictureReply = self.ask(operation::GET_PICTURE, &request).await?;
        Ok(reply.picture.unwrap_or_default())
    }

    /// To whom this account shows what.
    pub async fn privacy(&self) -> Result<v1::Privacy, ClientError> {
        let reply: v1::GetPrivacyReply = self.ask(operation::GET_PRIVACY, &v1::GetPrivacyRequest {}).await?;
        Ok(reply.privacy.unwrap_or_default())
    }

    /// Changes to whom this account shows what; what is unspecified stays as it is.
    pub async fn set_privacy(&self, request: v1::SetPrivacyRequest) -> Result<v1::Privacy, ClientError> {
        let reply: v1::SetPrivacyReply = self.ask(operation::SET_PRIVACY, &request).await?;
        Ok(reply.privacy.unwrap_or_default())
    }
}
