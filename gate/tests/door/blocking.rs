//! The block matrix in bytes: whatever operation a blocked account sends, the answers and notifications that it gets are,
//! byte for byte, those that somebody would get who writes to a person that is never there; and that person's link stays
//! silent.
//!
//! Two worlds from one seed go the same way until Alice blocks Bob in one and hangs up in the other. The operations are
//! those of the table: one that is new has to be put into one of the two lists.

use std::time::Duration;

use belfry_engine::PresenceSettings;
use belfry_wire::operation::{Carrier, Operation};
use belfry_wire::{Frame, OPERATIONS, operation, v1};
use bytes::Bytes;
use prost::Message;

use crate::world::{Client, World, text_to};

const ALICE: &str = "alice@localhost";

/// Operations that are not between two accounts: links, credentials, own devices and invitations, the public room.
const NOT_BETWEEN_TWO: [u32; 24] = [
    operation::HEARTBEAT,
    operation::LOGIN,
    operation::LOGOUT,
    operation::TOKEN,
    operation::ADD_DEVICE,
    operation::REQUEST_PIN,
    operation::VERIFY_PIN,
    operation::LIST_DEVICES,
    operation::REVOKE_DEVICE,
    operation::RENAME_DEVICE,
    operation::LINK_BEGIN,
    operation::LINK_WAIT,
    operation::LINK_SCAN,
    operation::LINK_CONFIRM,
    operation::LOBBY_JOIN,
    operation::LOBBY_LEAVE,
    operation::LOBBY_SEND,
    operation::LOBBY_HISTORY,
    operation::LOBBY_POLL,
    operation::GET_PRIVACY,
    operation::CREATE_INVITE,
    operation::LIST_INVITES,
    operation::REVOKE_INVITE,
    operation::SIGN_UP,
];

struct Scene {
    world: World,
    /// `None`: she has hung up.
    alice: Option<Client>,
    bob: Client,
    conversation_id: u64,
    token: String,
}

async fn settle(client: &mut Client) {
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        raw(client, operation::HEARTBEAT, Bytes::new()).await;
    }
}

/// Asks and gives the whole frame that answers; what is told meanwhile is kept.
async fn raw(client: &mut Client, number: u32, body: Bytes) -> Frame {
    client.seq += 1;
    let seq = client.seq;
    client.send(number, seq, body).await;
    loop {
        let frame = client.frame().await.expect("an answer");
        if frame.seq_id == seq {
            return frame;
        }
        client.told.push(frame);
    }
}

async fn scene(blocked: bool) -> Scene {
    let at_once = PresenceSettings { settle_ms: 0, interval_ms: 0, linger_ms: 0, ..PresenceSettings::default() };
    let world = World::with(|settings| settings.presence = at_once);
    let (mut alice, _) = world.member("+4915112345601", "alice").await;
    let (mut bob, _) = world.member("+4915112345602", "bob").await;
    let nobody = v1::Audience::Nobody.into();
    let hide = v1::SetPrivacyRequest {
        last_seen: nobody,
        picture: nobody,
        about: nobody,
        found_by_phone: nobody,
        ..v1::SetPrivacyRequest::default()
    };
    let _set: v1::SetPrivacyReply = alice.ask(operation::SET_PRIVACY, &hide).await.expect("set");
    let request = v1::RequestContactRequest { address: ALICE.into(), note: "me".into() };
    let _asked: v1::ContactReply = bob.ask(operation::REQUEST_CONTACT, &request).await.expect("asked");
    let accept = v1::AcceptContactRequest { address: "bob@localhost".into() };
    let _accepted: v1::ContactReply = alice.ask(operation::ACCEPT_CONTACT, &accept).await.expect("accepted");
    let first = bob.say(ALICE, "m1", "one").await.expect("sent");
    alice.say("bob@localhost", "a1", "two").await.expect("sent");
    bob.say(ALICE, "m3", "three").await.expect("sent");
    let ack = v1::AckRequest { passed: alice.sync(None, true).await.key, delivered: None };
    let _ack: v1::AckReply = alice.ask(operation::ACK, &ack).await.expect("acknowledged");
    let invite = v1::CreateInviteRequest { kind: v1::InviteKind::Contact.into(), uses: 5, expires_after_ms: 0 };
    let invite: v1::CreateInviteReply = alice.ask(operation::CREATE_INVITE, &invite).await.expect("made");
    bob.sync(None, true).await;
    settle(&mut bob).await;
    let alice = if blocked {
        let block = v1::BlockRequest { address: "bob@localhost".into() };
        let _blocked: v1::ContactReply = alice.ask(operation::BLOCK, &block).await.expect("blocked");
        Some(alice)
    } else {
        alice.hang_up().await;
        None
    };
    settle(&mut bob).await;
    bob.told.clear();
    Scene { world, alice, bob, conversation_id: first.conversation_id, token: invite.token }
}

/// Everything that Bob sends, as (operation, body).
fn requests(conversation_id: u64, token: &str) -> Vec<(u32, Bytes)> {
    let (address, peer, token) = (|| ALICE.to_owned(), || ALICE.to_owned(), || token.to_owned());
    let content = |text: &str| Some(v1::Content { kind: 1, text: text.into(), ..v1::Content::default() });
    let mut all: Vec<(u32, Bytes)> = Vec::new();
    let mut add = |number: u32, body: Vec<u8>| all.push((number, body.into()));
    let edit = |cseq, text: &str| v1::EditRequest { conversation_id, cseq, content: content(text) }.encode_to_vec();
    let react = |cseq| v1::ReactRequest { conversation_id, cseq, emoji: "👍".into() }.encode_to_vec();
    let typing = |active| v1::TypingRequest { to: address(), active }.encode_to_vec();
    let request = || v1::RequestContactRequest { address: address(), note: "please".into() }.encode_to_vec();

    add(operation::SEND, text_to(ALICE, "b1", "withheld").encode_to_vec());
    add(operation::SEND, text_to(ALICE, "b1", "withheld").encode_to_vec());
    add(operation::TYPING, typing(true));
    add(operation::EDIT, edit(1, "one, edited"));
    add(operation::EDIT, edit(4, "withheld, edited"));
    add(operation::REACT, react(2));
    add(operation::REACT, react(4));
    add(operation::PIN, v1::PinRequest { conversation_id, cseq: 2, pinned: true }.encode_to_vec());
    add(operation::RECALL, v1::RecallRequest { conversation_id, cseq: 3 }.encode_to_vec());
    add(operation::STAR, v1::StarRequest { conversation_id, cseq: 2, starred: true }.encode_to_vec());
    add(operation::DELETE_FOR_ME, v1::DeleteForMeRequest { conversation_id, cseq: 1 }.encode_to_vec());
    let set = v1::SetConversationRequest {
        conversation_id,
        disappear_after_ms: Some(3_600_000),
        accepted: true,
        ..v1::SetConversationRequest::default()
    };
    add(operation::SET_CONVERSATION, set.encode_to_vec());
    add(operation::SEND, text_to(ALICE, "b2", "for an hour").encode_to_vec());
    let retention = Some(v1::Retention { class: v1::RetentionClass::ForATime.into(), at_most_ms: 86_400_000 });
    let wish = v1::SetRetentionRequest { conversation_id, retention, ..v1::SetRetentionRequest::default() };
    add(operation::SET_RETENTION, wish.encode_to_vec());
    add(operation::GET_RETENTION, v1::GetRetentionRequest { peer: peer(), conversation_id: 0 }.encode_to_vec());
    add(operation::MARK_READ, v1::MarkReadRequest { conversation_id, read_cseq: 99 }.encode_to_vec());
    add(operation::HISTORY, v1::HistoryRequest { peer: peer(), ..v1::HistoryRequest::default() }.encode_to_vec());
    add(operation::LIST_CONVERSATIONS, Vec::new());
    add(operation::ACCOUNT_EXISTS, v1::AccountExistsRequest { address: address() }.encode_to_vec());
    add(operation::GET_PROFILE, v1::GetProfileRequest { address: address() }.encode_to_vec());
    let picture = v1::GetPictureRequest { address: address(), picture_id: "0".repeat(32) };
    add(operation::GET_PICTURE, picture.encode_to_vec());
    add(operation::FIND, v1::FindRequest { query: "alice".into() }.encode_to_vec());
    add(operation::FIND, v1::FindRequest { query: "+4915112345601".into() }.encode_to_vec());
    let profile = v1::SetProfileRequest { display_name: "Bob B.".into(), ..v1::SetProfileRequest::default() };
    add(operation::SET_PROFILE, profile.encode_to_vec());
    let privacy = v1::SetPrivacyRequest { about: v1::Audience::Nobody.into(), ..v1::SetPrivacyRequest::default() };
    add(operation::SET_PRIVACY, privacy.encode_to_vec());
    let activity =
        v1::ReportActivityRequest { activity: v1::Activity::Foreground.into(), ..v1::ReportActivityRequest::default() };
    add(operation::REPORT_ACTIVITY, activity.encode_to_vec());
    let presence = v1::SetPresenceRequest { availability: v1::Availability::Busy.into(), status: "writing".into() };
    add(operation::SET_PRESENCE, presence.encode_to_vec());
    add(operation::WATCH, v1::WatchRequest { addresses: vec![address()] }.encode_to_vec());
    let put = v1::SetContactRequest { address: address(), name: "A.".into(), labels: vec!["Work".into()] };
    add(operation::SET_CONTACT, put.encode_to_vec());
    add(operation::REQUEST_CONTACT, request());
    add(operation::ACCEPT_CONTACT, v1::AcceptContactRequest { address: address() }.encode_to_vec());
    add(operation::REFUSE_CONTACT, v1::RefuseContactRequest { address: address() }.encode_to_vec());
    add(operation::REMOVE_CONTACT, v1::RemoveContactRequest { address: address() }.encode_to_vec());
    add(operation::REQUEST_CONTACT, request());
    add(operation::WITHDRAW_CONTACT, v1::WithdrawContactRequest { address: address() }.encode_to_vec());
    add(operation::BLOCK, v1::BlockRequest { address: address() }.encode_to_vec());
    add(operation::SEND, text_to(ALICE, "b3", "blocked by himself").encode_to_vec());
    add(operation::UNBLOCK, v1::UnblockRequest { address: address() }.encode_to_vec());
    add(operation::LOOK_AT_INVITE, v1::LookAtInviteRequest { token: token() }.encode_to_vec());
    add(operation::ACCEPT_INVITE, v1::AcceptInviteRequest { token: token() }.encode_to_vec());
    add(operation::LIST_CONTACTS, Vec::new());
    add(operation::TYPING, typing(false));
    add(operation::SEND, text_to(ALICE, "b4", "last").encode_to_vec());
    let sync = v1::SyncRequest { snapshot: true, ..v1::SyncRequest::default() };
    add(operation::SYNC, sync.encode_to_vec());
    add(operation::SYNC, Vec::new());
    let list = [1, 2, 3, 4, 5].map(|key| v1::KeyValue { key, val: u64::MAX }).to_vec();
    add(operation::ACK, v1::AckRequest { passed: Some(v1::SyncKey { list }), delivered: None }.encode_to_vec());
    all
}

#[test]
fn every_operation_is_in_the_matrix_or_not_between_two() {
    let tried: Vec<u32> = requests(1, "x").iter().map(|(number, _)| *number).collect();
    for Operation { number, name, carrier, .. } in OPERATIONS {
        if *carrier != Carrier::Told {
            assert!(tried.contains(number) != NOT_BETWEEN_TWO.contains(number), "{name} belongs into one of the lists");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_blocked_account_is_answered_and_told_is_byte_for_byte_what_an_absent_person_gives() {
    let (mut blocked, mut away) = (scene(true).await, scene(false).await);
    if let Some(alice) = &mut blocked.alice {
        settle(alice).await;
        alice.told.clear();
    }
    let asked = requests(blocked.conversation_id, &blocked.token);
    assert_eq!(asked, requests(away.conversation_id, &away.token), "the two worlds are alike so far");
    let mut compared = 0;
    for (number, body) in asked {
        let name = Operation::by_number(number).map_or("?", |operation| operation.name);
        let answer = raw(&mut blocked.bob, number, body.clone()).await;
        let expected = raw(&mut away.bob, number, body).await;
        assert_eq!(answer, expected, "the answer to {name} tells of the block");
        for scene in [&mut blocked, &mut away] {
            scene.world.engine.presence_round().await.expect("the store reads");
            settle(&mut scene.bob).await;
        }
        assert_eq!(blocked.bob.told, away.bob.told, "what is told after {name} tells of the block");
        compared += 1 + blocked.bob.told.len();
        blocked.bob.told.clear();
        away.bob.told.clear();
        if let Some(alice) = &mut blocked.alice {
            settle(alice).await;
            assert!(alice.told.is_empty(), "{name} has reached her: {:?}", alice.told);
        }
    }
    assert!(compared > 60, "{compared} frames");
}
