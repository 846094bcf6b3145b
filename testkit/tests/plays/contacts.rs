//! Contacts, requests of strangers, blocking and invitations, as both sides and a second device see them, through every
//! pair of doors.

use anyhow::{Context, Result, ensure};
use belfry_testkit::{Door, Person, Server};
use belfry_wire::{operation, v1};

/// Two people; the first has two devices. What each of the three sees is told through a door of its own.
struct Cast {
    alice: Person,
    tablet: Person,
    bob: Person,
}

impl Cast {
    fn at_alice(&self) -> String {
        self.alice.credentials.address.clone()
    }

    fn at_bob(&self) -> String {
        self.bob.credentials.address.clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_to_know_each_other_block_and_invite_through_every_pair_of_doors() -> Result<()> {
    let server = Server::start("[contacts]\nunanswered = 3\n")?;
    let mut number = 0;
    for (a, at_alice) in Door::ALL.into_iter().enumerate() {
        for (b, at_bob) in Door::ALL.into_iter().enumerate() {
            number += 1;
            let at_tablet = Door::ALL[(a + b + 1) % Door::ALL.len()];
            let (alice, bob) = (format!("alice{number}@localhost"), format!("bob{number}@localhost"));
            for address in [&alice, &bob] {
                ensure!(server.cli(&["account", "add", address, "--password", "correct horse"])?.status.success());
            }
            let mut cast = Cast {
                alice: Person::companion(&server, at_alice, &alice, "correct horse").await?,
                tablet: Person::companion(&server, at_tablet, &alice, "correct horse").await?,
                bob: Person::companion(&server, at_bob, &bob, "correct horse").await?,
            };
            let doors = format!("{at_alice:?} and {at_tablet:?} to {at_bob:?}");
            play(&mut cast).await.map_err(|error| error.context(doors))?;
        }
    }
    Ok(())
}

async fn play(cast: &mut Cast) -> Result<()> {
    strangers(cast).await.context("a stranger")?;
    acquaintance(cast).await.context("request and acceptance")?;
    profiles(cast).await.context("profiles")?;
    blocking(cast).await.context("blocking")?;
    invitation(cast).await.context("invitation")
}

/// The next that is told of a contact.
async fn told(person: &mut Person) -> Result<v1::Contact> {
    person
        .next(|event| match &event.item {
            Some(v1::event::Item::Contact(contact)) => Some(contact.clone()),
            _ => None,
        })
        .await
}

async fn only_conversation(person: &mut Person) -> Result<v1::Conversation> {
    let request = v1::ListConversationsRequest::default();
    let reply: v1::ListConversationsReply = person.ask(operation::LIST_CONVERSATIONS, &request).await?;
    reply.conversations.into_iter().next().context("a conversation")
}

fn is_request(conversation: &v1::Conversation) -> bool {
    conversation.settings.as_ref().is_some_and(|settings| settings.request)
}

async fn strangers(cast: &mut Cast) -> Result<()> {
    let at_alice = cast.at_alice();
    for id in ["s1", "s2", "s3"] {
        cast.bob.send(&at_alice, id, "do you know me?").await?;
    }
    for person in [&mut cast.alice, &mut cast.tablet] {
        ensure!(person.next_text().await?.content.is_some_and(|content| content.text == "do you know me?"));
        ensure!(is_request(&only_conversation(person).await?), "apart from the others");
    }
    let content = v1::Content { kind: v1::ContentKind::Text.into(), text: "hello?".into(), ..Default::default() };
    let more = v1::SendRequest { to: at_alice, client_message_id: "s4".into(), content: Some(content) };
    ensure!(cast.bob.refused(operation::SEND, &more).await? == "unanswered");
    let accept = v1::SetConversationRequest { peer: cast.at_bob(), accepted: true, ..Default::default() };
    let reply: v1::SetConversationReply = cast.tablet.ask(operation::SET_CONVERSATION, &accept).await?;
    ensure!(reply.settings.is_some_and(|settings| !settings.request));
    ensure!(!is_request(&only_conversation(&mut cast.alice).await?), "on all of her devices");
    let _sent: v1::SendReply = cast.bob.ask(operation::SEND, &more).await?;
    Ok(())
}

async fn acquaintance(cast: &mut Cast) -> Result<()> {
    let (at_alice, at_bob) = (cast.at_alice(), cast.at_bob());
    let find = v1::FindRequest { query: at_bob.split('@').next().unwrap_or_default().to_owned() };
    let found: v1::FindReply = cast.alice.ask(operation::FIND, &find).await?;
    ensure!(found.profile.is_some_and(|profile| profile.address == at_bob));

    let request = v1::RequestContactRequest { address: at_bob.clone(), note: "It is me".into() };
    let reply: v1::ContactReply = cast.alice.ask(operation::REQUEST_CONTACT, &request).await?;
    let hers = reply.contact.context("as it is now")?;
    ensure!(hers.asks && hers.listed && hers.approved && !hers.to, "{hers:?}");
    ensure!(told(&mut cast.tablet).await? == hers, "her tablet is told as she was answered");
    let his = told(&mut cast.bob).await?;
    ensure!(his.address == at_alice && his.request.as_ref().is_some_and(|asked| asked.note == "It is me"), "{his:?}");

    let refuse = v1::RefuseContactRequest { address: at_alice.clone() };
    let _reply: v1::ContactReply = cast.bob.ask(operation::REFUSE_CONTACT, &refuse).await?;
    ensure!(!told(&mut cast.tablet).await?.asks, "she no longer asks");
    ensure!(cast.bob.refused(operation::REFUSE_CONTACT, &refuse).await? == "not_found", "there is none any more");

    let _reply: v1::ContactReply = cast.tablet.ask(operation::REQUEST_CONTACT, &request).await?;
    told(&mut cast.tablet).await?;
    let accept = v1::AcceptContactRequest { address: at_alice.clone() };
    let reply: v1::ContactReply = cast.bob.ask(operation::ACCEPT_CONTACT, &accept).await?;
    let his = reply.contact.context("as it is now")?;
    ensure!(his.to && his.from && his.request.is_none(), "{his:?}");
    let hers = told(&mut cast.tablet).await?;
    ensure!(hers.to && hers.from && !hers.asks, "{hers:?}");

    let set = v1::SetContactRequest { address: at_bob, name: "Bobby".into(), labels: vec!["Work".into()] };
    let reply: v1::ContactReply = cast.alice.ask(operation::SET_CONTACT, &set).await?;
    let named = told(&mut cast.tablet).await?;
    ensure!(Some(&named) == reply.contact.as_ref() && named.name == "Bobby" && named.to, "{named:?}");
    for person in [&mut cast.alice, &mut cast.tablet] {
        let list: v1::ListContactsReply =
            person.ask(operation::LIST_CONTACTS, &v1::ListContactsRequest::default()).await?;
        ensure!(list.contacts == [named.clone()] && list.next == 0, "{list:?}");
    }
    Ok(())
}

async fn profiles(cast: &mut Cast) -> Result<()> {
    let at_alice = cast.at_alice();
    let picture = v1::Picture { mime: "image/png".into(), data: b"\x89PNG\r\n\x1a\n and so on".to_vec().into() };
    let set = v1::SetProfileRequest {
        about: Some("Out to sea".into()),
        picture: Some(picture.clone()),
        ..Default::default()
    };
    let reply: v1::SetProfileReply = cast.alice.ask(operation::SET_PROFILE, &set).await?;
    let own = reply.profile.context("as it is now")?;
    let get = v1::GetProfileRequest { address: at_alice.clone() };
    let seen: v1::GetProfileReply = cast.bob.ask(operation::GET_PROFILE, &get).await?;
    ensure!(seen.profile.as_ref() == Some(&own) && own.picture_id.len() == 32, "{seen:?}");
    let fetch = v1::GetPictureRequest { address: at_alice, picture_id: own.picture_id.clone() };
    let fetched: v1::GetPictureReply = cast.bob.ask(operation::GET_PICTURE, &fetch).await?;
    ensure!(fetched.picture == Some(picture), "the same bytes");
    let nobody = v1::Audience::Nobody.into();
    let hide = v1::SetPrivacyRequest { about: nobody, picture: nobody, ..Default::default() };
    let reply: v1::SetPrivacyReply = cast.tablet.ask(operation::SET_PRIVACY, &hide).await?;
    ensure!(reply.privacy.is_some_and(|privacy| privacy.read_receipts() == v1::Audience::Everyone), "the rest stays");
    let seen: v1::GetProfileReply = cast.bob.ask(operation::GET_PROFILE, &get).await?;
    ensure!(seen.profile.is_some_and(|profile| profile.about.is_empty() && profile.picture_id.is_empty()));
    ensure!(cast.bob.refused(operation::GET_PICTURE, &fetch).await? == "not_found");
    Ok(())
}

async fn blocking(cast: &mut Cast) -> Result<()> {
    let (at_alice, at_bob) = (cast.at_alice(), cast.at_bob());
    let block = v1::BlockRequest { address: at_bob.clone() };
    let _reply: v1::ContactReply = cast.alice.ask(operation::BLOCK, &block).await?;
    let hers = told(&mut cast.tablet).await?;
    ensure!(hers.blocked && hers.listed && hers.name == "Bobby", "{hers:?}");

    let sent = cast.bob.send(&at_alice, "w1", "withheld").await?;
    ensure!(sent.cseq == 5 && !sent.duplicate, "the next number, as always: {sent:?}");
    let react = v1::ReactRequest { conversation_id: sent.conversation_id, cseq: 1, emoji: "😡".to_owned() };
    let _reply: v1::AmendReply = cast.bob.ask(operation::REACT, &react).await?;
    let typing = v1::TypingRequest { to: at_alice.clone(), active: true };
    let _reply: v1::TypingReply = cast.bob.ask(operation::TYPING, &typing).await?;
    let content = v1::Content { kind: v1::ContentKind::Text.into(), text: "x".into(), ..Default::default() };
    let own = v1::SendRequest { to: at_bob.clone(), client_message_id: "x".into(), content: Some(content) };
    ensure!(cast.tablet.refused(operation::SEND, &own).await? == "blocking");

    let unblock = v1::UnblockRequest { address: at_bob.clone() };
    let _reply: v1::ContactReply = cast.tablet.ask(operation::UNBLOCK, &unblock).await?;
    cast.bob.send(&at_alice, "w2", "after").await?;
    for person in [&mut cast.alice, &mut cast.tablet] {
        loop {
            let text = person.next_text().await?.content.context("a text")?.text;
            ensure!(text != "withheld", "what was sent meanwhile never comes");
            if text == "after" {
                break;
            }
        }
        let everything = format!("{:?}", person.read_all().await?);
        ensure!(!everything.contains("withheld") && !everything.contains("😡"), "nor to a device that begins anew");
        let history = v1::HistoryRequest { peer: at_bob.clone(), ..Default::default() };
        let history: v1::HistoryReply = person.ask(operation::HISTORY, &history).await?;
        ensure!(!format!("{history:?}").contains("withheld"), "nor from the history");
    }
    Ok(())
}

async fn invitation(cast: &mut Cast) -> Result<()> {
    let (at_alice, at_bob) = (cast.at_alice(), cast.at_bob());
    let remove = v1::RemoveContactRequest { address: at_bob };
    let _reply: v1::ContactReply = cast.alice.ask(operation::REMOVE_CONTACT, &remove).await?;
    let create = v1::CreateInviteRequest { kind: v1::InviteKind::Contact.into(), ..Default::default() };
    let made: v1::CreateInviteReply = cast.alice.ask(operation::CREATE_INVITE, &create).await?;
    ensure!(made.link.ends_with(&format!("/i/{}", made.token)), "{:?}", made.invite);
    let list: v1::ListInvitesReply = cast.tablet.ask(operation::LIST_INVITES, &v1::ListInvitesRequest {}).await?;
    ensure!(list.invites == [made.invite.clone().context("what is kept of it")?], "{list:?}");
    let look = v1::LookAtInviteRequest { token: made.link.clone() };
    let seen: v1::LookAtInviteReply = cast.bob.ask(operation::LOOK_AT_INVITE, &look).await?;
    ensure!(seen.address == at_alice && seen.kind() == v1::InviteKind::Contact, "{seen:?}");
    let accept = v1::AcceptInviteRequest { token: made.link };
    let reply: v1::ContactReply = cast.bob.ask(operation::ACCEPT_INVITE, &accept).await?;
    ensure!(reply.contact.is_some_and(|contact| contact.to && contact.from && contact.address == at_alice));
    ensure!(cast.bob.refused(operation::ACCEPT_INVITE, &accept).await? == "not_found", "once");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_from_the_command_line_makes_one_account_through_every_door() -> Result<()> {
    let server = Server::start("")?;
    ensure!(server.cli(&["account", "add", "host@localhost", "--password", "correct horse"])?.status.success());
    for (number, door) in Door::ALL.into_iter().enumerate() {
        let output = server.cli(&["invite", "host@localhost", "--json"])?;
        ensure!(output.status.success(), "{output:?}");
        let said: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let link = said["link"].as_str().context("a link")?.to_owned();
        let uri = said["xmpp"].as_str().context("a URI for XMPP clients")?;
        ensure!(uri.starts_with("xmpp:localhost?register;preauth="), "{uri}");
        let token = if number % 2 == 0 { link.clone() } else { uri.to_owned() };
        let mut guest = Person::stranger(&server, door)?;
        guest.connect().await?;
        let sign_up = v1::SignUpRequest {
            token,
            name: format!("guest{number}"),
            password: "a long password".into(),
            ..Default::default()
        };
        guest.credentials = guest.ask(operation::SIGN_UP, &sign_up).await?;
        guest.login().await?;
        ensure!(guest.credentials.address == format!("guest{number}@localhost"), "{door:?}");
        ensure!(told(&mut guest).await?.to, "{door:?}: and has a contact");
        guest.send("host@localhost", "m", "I am in").await?;
        let mut late = Person::stranger(&server, door)?;
        late.connect().await?;
        let again = v1::SignUpRequest { name: format!("late{number}"), ..sign_up };
        ensure!(late.refused(operation::SIGN_UP, &again).await? == "not_found", "{door:?}: once");
        let path = link.find("/i/").map(|at| &link[at..]).context("a link of an invitation")?;
        let page = belfry_testkit::http::get(server.address, path).await?;
        ensure!(page.0 == 200, "the link opens the page");
    }
    Ok(())
}
