//! What an account's clients keep on the server: documents, and the card that others may see some of.
//!
//! A device of the account comes in with a name and bytes; for a card also others, who get what the owner lets them see.
//! Invariant: whether an account is not there, does not know who asks or blocks them, they are told the same.

use std::sync::Arc;

use belfry_domain::limits::{DOCUMENT_BYTES_MAX, DOCUMENTS_BYTES_MAX, DOCUMENTS_MAX};
use belfry_domain::ports::{DocumentOutcome, SettingsChange};
use belfry_domain::{AccountId, Address, Code, DocumentKey, Picture, Profile, Refusal};
use bytes::Bytes;

use crate::command::{Caller, Command, ProfileWish};
use crate::{Engine, device_of, refused};

/// Under this name an account keeps what of its card is not in its profile.
const CARD: &str = "card";

/// What an account shows of itself to somebody.
#[derive(Clone, Debug)]
pub struct Card {
    /// Name, words, picture: the parts that are for who asks.
    pub profile: Profile,
    /// The bytes of the picture.
    pub picture: Option<Arc<Picture>>,
    /// What else its clients have put on the card, if it is for who asks.
    pub more: Option<Bytes>,
    /// Who asks may know phone numbers on it.
    pub phone: bool,
}

impl Engine {
    /// A document of the caller's account.
    pub async fn document(&self, caller: &Caller, key: &DocumentKey) -> Result<Option<Bytes>, Refusal> {
        let (owner, ..) = device_of(caller)?;
        self.admitted(caller, &Command::GetPrivacy).await?;
        let found = self.store().document(owner, key).await.map_err(refused)?;
        self.known(caller)?; // it may have been cut off while the store was reading
        Ok(found)
    }

    /// Puts a document of the caller's account in the place of what had its name; empty: none any longer.
    pub async fn put_document(&self, caller: &Caller, key: DocumentKey, data: Bytes) -> Result<(), Refusal> {
        let (owner, ..) = device_of(caller)?;
        self.admitted(caller, &Command::GetPrivacy).await?;
        self.limit_changes(caller)?;
        let size = data.len();
        let too_much = |text: String| Err(Refusal::new(Code::TooLarge, text));
        match self.store().put_document(owner, key, data).await.map_err(refused)? {
            DocumentOutcome::Put => Ok(()),
            DocumentOutcome::NoAccount => Err(Refusal::new(Code::NotFound, "The account no longer exists.")),
            DocumentOutcome::TooLarge => {
                too_much(format!("This is {size} bytes; at most {DOCUMENT_BYTES_MAX} are kept under one name."))
            }
            DocumentOutcome::TooMany => too_much(format!("At most {DOCUMENTS_MAX} things are kept for an account.")),
            DocumentOutcome::TooMuch => {
                too_much(format!("At most {DOCUMENTS_BYTES_MAX} bytes are kept for an account in all."))
            }
        }
    }

    /// What an account shows of itself to the caller; `None`: nothing, or there is none.
    pub async fn card(&self, caller: &Caller, of: &Address) -> Result<Option<Card>, Refusal> {
        let (asker, ..) = device_of(caller)?;
        self.admitted(caller, &Command::GetProfile { address: None }).await?;
        let found = self.store().account_by_address(of).await.map_err(refused)?;
        // Where there is nobody the asker stands in, so that the time says nothing.
        let owner = found.as_ref().map_or(asker, |found| found.id);
        let knows = self.knows(owner, asker).await?;
        let privacy = self.store().privacy(owner).await.map_err(refused)?.unwrap_or_default();
        let row = self.store().contact(owner, asker).await.map_err(refused)?;
        let profile = self.shown_to(owner, asker).await?;
        let key = DocumentKey::parse(CARD).ok_or_else(|| crate::internal("a name that is none"))?;
        let more = self.store().document(owner, &key).await.map_err(refused)?;
        let picture = match profile.as_ref().and_then(|profile| profile.picture) {
            Some(picture) => self.store().picture(owner, picture).await.map_err(refused)?,
            None => None,
        };
        self.known(caller)?; // it may have been cut off while the store was reading
        let own = owner == asker;
        let Some(profile) = profile.filter(|_| found.is_some() && knows) else { return Ok(None) };
        let more = more.filter(|_| own || row.is_among(privacy.about));
        Ok(Some(Card { profile, picture, more, phone: own || row.is_among(privacy.found_by_phone) }))
    }

    /// Whether an account is none that somebody must not know of: they list them, or have answered them.
    async fn knows(&self, owner: AccountId, asker: AccountId) -> Result<bool, Refusal> {
        let row = self.store().contact(owner, asker).await.map_err(refused)?;
        let conversation = self.store().direct_conversation(asker, owner).await.map_err(refused)?;
        let answered = match conversation {
            Some(conversation) => {
                // A change of nothing says how it is.
                let nothing = SettingsChange::default();
                let read = self.store().set_conversation(owner, conversation, nothing).await.map_err(refused)?;
                read.is_some_and(|(settings, _)| !settings.request)
            }
            None => false,
        };
        Ok(owner == asker || (!row.blocked && (row.listed || answered)))
    }

    /// Changes the caller's card: what the profile has is changed there, the rest is kept as it is given.
    pub async fn set_card(&self, caller: &Caller, wish: ProfileWish, more: Bytes) -> Result<(), Refusal> {
        let key = DocumentKey::parse(CARD).ok_or_else(|| crate::internal("a name that is none"))?;
        if more.len() > DOCUMENT_BYTES_MAX {
            // Told before anything is changed.
            let text = format!("A card has at most {DOCUMENT_BYTES_MAX} bytes beside its picture.");
            return Err(Refusal::new(Code::TooLarge, text));
        }
        self.admitted(caller, &Command::SetProfile(ProfileWish::default())).await?;
        if wish.display_name.is_some() || wish.about.is_some() || wish.picture.is_some() {
            self.set_profile(caller, wish).await?;
        }
        self.put_document(caller, key, more).await
    }
}
