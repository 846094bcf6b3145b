//! What an account shows of itself, and to whom: name, words about itself, picture.
//!
//! Changes of the owner come in and are told to its devices; to others leaves what the owner's [`Privacy`] lets them see.
//! Invariant: picture and words about oneself are shown to nobody whom the owner blocks, and that they are hidden looks
//! like that there are none.
//!
//! [`Privacy`]: belfry_domain::Privacy

use belfry_domain::limits::{ABOUT_BYTES_MAX, PICTURE_BYTES_MAX};
use belfry_domain::{AccountId, Address, Code, Item, Picture, PictureId, Profile, ProfileChange, Refusal};
use sha2::{Digest, Sha256};

use crate::command::{Caller, ProfileWish, Reply};
use crate::find::no_account;
use crate::registration::label;
use crate::{Engine, device_of, refused};

impl Engine {
    /// What an account shows to who asks; `None`: there is no such account.
    pub(crate) async fn shown_to(&self, account: AccountId, asker: AccountId) -> Result<Option<Profile>, Refusal> {
        let profile = self.store().profile(account).await.map_err(refused)?;
        let privacy = self.store().privacy(account).await.map_err(refused)?.unwrap_or_default();
        let row = self.store().contact(account, asker).await.map_err(refused)?;
        Ok(profile.map(|mut profile| {
            if account != asker && !row.is_among(privacy.about) {
                profile.about.clear();
            }
            if account != asker && !row.is_among(privacy.picture) {
                profile.picture = None;
            }
            profile
        }))
    }

    pub(crate) async fn get_profile(&self, caller: &Caller, address: Option<Address>) -> Result<Reply, Refusal> {
        let (asker, own, _) = device_of(caller)?;
        let address = address.unwrap_or_else(|| own.clone());
        let account = self.reach(caller, &address).await?;
        self.shown_to(account.id, asker).await?.map(Reply::Profile).ok_or_else(|| no_account(&address))
    }

    pub(crate) async fn set_profile(&self, caller: &Caller, wish: ProfileWish) -> Result<Reply, Refusal> {
        let (account, address, _) = device_of(caller)?;
        let change = ProfileChange {
            display_name: wish.display_name.map(|name| label(name, address.local())).transpose()?,
            about: wish.about.map(about).transpose()?,
            picture: match wish.picture {
                None => None,
                Some(None) => Some(None),
                Some(Some(picture)) => Some(Some(checked(picture)?)),
            },
        };
        self.limit_changes(caller)?;
        let gone = || Refusal::new(Code::NotFound, "The account no longer exists.");
        let entry = self.store().set_profile(account, change).await.map_err(refused)?.ok_or_else(gone)?;
        let profile = match &entry.item {
            Item::Profile(profile) => Profile::clone(profile),
            _ => return Err(crate::internal("a changed profile made another entry")),
        };
        self.inner.hub.publish(&[(account, entry)]);
        Ok(Reply::Profile(profile))
    }

    pub(crate) async fn get_picture(
        &self,
        caller: &Caller,
        address: Option<Address>,
        picture: PictureId,
    ) -> Result<Reply, Refusal> {
        let (asker, own, _) = device_of(caller)?;
        let address = address.unwrap_or_else(|| own.clone());
        let account = self.reach(caller, &address).await?;
        let shown = self.shown_to(account.id, asker).await?.and_then(|profile| profile.picture);
        let found = self.store().picture(account.id, picture).await.map_err(refused)?;
        let found = found.filter(|_| shown == Some(picture));
        found.map(Reply::Picture).ok_or_else(|| {
            Refusal::new(Code::NotFound, "There is no such picture (any more), or not for you: look at the profile.")
        })
    }
}

/// Words about oneself as they are kept.
fn about(text: String) -> Result<String, Refusal> {
    let text = text.trim();
    if text.len() > ABOUT_BYTES_MAX {
        let length = text.len();
        return Err(Refusal::new(
            Code::TooLarge,
            format!("What you say about yourself is {length} bytes, the limit is {ABOUT_BYTES_MAX}."),
        ));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refusal::new(Code::BadRequest, "What you say about yourself has no control characters."));
    }
    Ok(text.to_owned())
}

/// A picture that is what it says it is, with its name.
fn checked(picture: Picture) -> Result<(PictureId, Picture), Refusal> {
    let data = &picture.data;
    if data.len() > PICTURE_BYTES_MAX {
        let length = data.len();
        return Err(Refusal::new(
            Code::TooLarge,
            format!("The picture is {length} bytes, the limit is {PICTURE_BYTES_MAX}: make it smaller."),
        ));
    }
    let is = match picture.mime.as_str() {
        "image/png" => data.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg" => data.starts_with(b"\xff\xd8\xff"),
        "image/webp" => data.starts_with(b"RIFF") && data.get(8..12) == Some(b"WEBP".as_slice()),
        _ => false,
    };
    if !is {
        return Err(Refusal::new(
            Code::BadRequest,
            "A picture is image/png, image/jpeg or image/webp, and its bytes are what its type says.",
        ));
    }
    let digest: [u8; 32] = Sha256::digest(data).into();
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    Ok((PictureId(id), picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_type_says_and_small() {
        let picture = |mime: &str, data: &[u8]| checked(Picture { mime: mime.into(), data: data.into() });
        let png = b"\x89PNG\r\n\x1a\n and more";
        assert!(picture("image/png", png).is_ok());
        assert!(picture("image/jpeg", b"\xff\xd8\xff\xe0").is_ok());
        assert!(picture("image/webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ").is_ok());
        for (mime, data) in [
            ("image/jpeg", &png[..]),
            ("image/svg+xml", b"<svg/>"),
            ("image/webp", b"RIFF"),
            ("text/html", png),
            ("image/png", b""),
        ] {
            assert_eq!(picture(mime, data).expect_err(mime).code, Code::BadRequest);
        }
        let large = [&png[..], &vec![0; PICTURE_BYTES_MAX]].concat();
        assert_eq!(picture("image/png", &large).expect_err("large").code, Code::TooLarge);
    }
}
