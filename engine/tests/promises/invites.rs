//! Invitations as promises: what they are good for, how often, and to whom they say nothing.

use belfry_domain::{Code, Deed, Invite, InviteKind, Refusal, Secret, Seq};
use belfry_engine::{
    Caller, Command, Identity, InviteMade, InviteSeen, Issued, Rate, Rates, Reply, Settings, SignUp, SignUps, invite_id,
};

use crate::contacts::{at, contacts, does, people};
use crate::world::{World, caller, code, nobody, world};

const DAY_MS: u64 = 24 * 3_600_000;

async fn invite(world: &World, by: &Caller, kind: InviteKind, uses: u32) -> Result<InviteMade, Refusal> {
    match world.engine.execute(by, Command::CreateInvite { kind, uses, expires_after_ms: 0 }).await? {
        Reply::InviteMade(made) => Ok(*made),
        other => panic!("no invitation: {other:?}"),
    }
}

async fn look(world: &World, token: &Secret<String>) -> Result<InviteSeen, Refusal> {
    match world.engine.execute(&nobody(), Command::LookAtInvite { token: token.clone() }).await? {
        Reply::InviteSeen(seen) => Ok(*seen),
        other => panic!("nothing seen: {other:?}"),
    }
}

async fn accept(world: &World, by: &Caller, token: &Secret<String>) -> Result<Reply, Refusal> {
    world.engine.execute(by, Command::AcceptInvite { token: token.clone() }).await
}

async fn list(world: &World, by: &Caller) -> Vec<Invite> {
    match world.engine.execute(by, Command::ListInvites).await.expect("lists") {
        Reply::Invites(list) => list,
        other => panic!("no list: {other:?}"),
    }
}

fn wish(token: &Secret<String>, name: &str) -> SignUp {
    SignUp {
        token: token.clone(),
        name: name.into(),
        password: Secret::new("correct horse".into()),
        display_name: String::new(),
        device_name: "Laptop".into(),
    }
}

async fn sign_up(world: &World, wish: SignUp) -> Result<Issued, Refusal> {
    match world.engine.execute(&nobody(), Command::SignUp(Box::new(wish))).await? {
        Reply::Issued(issued) => Ok(*issued),
        other => panic!("no credentials: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_brings_a_contact_once_and_shows_before_what_it_does() {
    let (world, alice, tablet, bob) = people().await;
    let carol = caller(&world.by_password("carol@localhost").await);
    let made = invite(&world, &alice, InviteKind::Contact, 0).await.expect("made");
    assert_eq!(made.link.expose(), &format!("http://localhost:8080/i/{}", made.token.expose()));
    let seen = look(&world, &made.link).await.expect("still good");
    assert_eq!((seen.kind, seen.by, seen.display_name.as_str()), (InviteKind::Contact, at("alice@localhost"), "alice"));
    assert_eq!(seen.expires, made.invite.created.plus_ms(7 * DAY_MS));
    let Ok(Reply::Contact(view)) = accept(&world, &bob, &made.link).await else { panic!("accepted") };
    assert!(view.contact.is_mutual() && view.contact.listed && view.peer == at("alice@localhost"));
    let hers = contacts(&world.sync(&tablet, Seq::ZERO).await);
    assert_eq!(hers, [("bob@localhost".to_owned(), view.contact)], "her devices are told");
    assert_eq!(code(accept(&world, &carol, &made.token).await), Code::NotFound, "it is used up");
    assert_eq!(code(look(&world, &made.token).await), Code::NotFound);
    assert!(list(&world, &alice).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_is_over_taken_back_or_never_was_is_answered_alike() {
    let (world, alice, _, bob) = people().await;
    let over = invite(&world, &alice, InviteKind::Contact, 5).await.expect("made");
    world.clock.advance_ms(7 * DAY_MS);
    let back = invite(&world, &alice, InviteKind::Contact, 5).await.expect("made");
    let [shown] = &list(&world, &alice).await[..] else { panic!("what is over is not listed") };
    assert_eq!((shown, shown.uses_left), (&back.invite, 5));
    let revoke = |by: &Caller| {
        let (invite, by) = (invite_id(&back.invite), by.clone());
        let world = &world;
        async move { world.engine.execute(&by, Command::RevokeInvite { invite }).await }
    };
    assert_eq!(code(revoke(&bob).await), Code::NotFound, "it is hers");
    revoke(&alice).await.expect("taken back");
    assert_eq!(code(revoke(&alice).await), Code::NotFound);
    let own = invite(&world, &bob, InviteKind::Contact, 1).await.expect("made");
    let mut answers = Vec::new();
    for token in [&over.token, &back.token, &own.token, &Secret::new("0".repeat(40)), &Secret::new("x".into())] {
        answers.push(accept(&world, &bob, token).await.map(|_| ()).expect_err("not good"));
        answers.push(sign_up(&world, wish(token, "carol")).await.map(|_| ()).expect_err("not good"));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.code == Code::NotFound), "{answers:?}");
}

#[tokio::test(start_paused = true)]
async fn who_may_invite_to_sign_up_is_the_operators_decision() {
    for sign_ups in [SignUps::Everyone, SignUps::Admins, SignUps::Nobody] {
        let rates = Rates::UNLIMITED;
        let world = world(Settings { sign_ups, scram_iterations: 8, rates, ..Settings::default() });
        let alice = caller(&world.by_password("alice@localhost").await);
        let by_account = invite(&world, &alice, InviteKind::SignUp, 1).await;
        assert_eq!(by_account.is_ok(), sign_ups == SignUps::Everyone);
        invite(&world, &alice, InviteKind::Contact, 1).await.expect("contacts are everybody's own");
        let by_operator = world.engine.admin_invite(&at("alice@localhost"), InviteKind::SignUp, 2, DAY_MS).await;
        assert_eq!(by_operator.is_ok(), sign_ups != SignUps::Nobody);
        let Ok(made) = by_operator else { continue };
        sign_up(&world, wish(&made.token, "bob")).await.expect("there is an account");
        let rules = Settings { sign_ups: SignUps::Nobody, rates, ..Settings::default() };
        let world = world.restarted(rules);
        assert_eq!(code(sign_up(&world, wish(&made.token, "carol")).await), Code::Forbidden, "links end too");
    }
}

#[tokio::test(start_paused = true)]
async fn who_signs_up_has_an_account_without_a_phone_and_the_inviter_as_a_contact() {
    let (world, alice, ..) = people().await;
    let made = world.engine.admin_invite(&at("alice@localhost"), InviteKind::SignUp, 2, 0).await.expect("made");
    let issued = sign_up(&world, wish(&made.link, "Dora")).await.expect("signed up");
    assert_eq!((issued.address.to_string().as_str(), issued.primary), ("dora@localhost", false));
    let dora = caller(&issued);
    let hers = contacts(&world.sync(&dora, Seq::ZERO).await);
    assert!(matches!(&hers[..], [(peer, contact)] if peer == "alice@localhost" && contact.is_mutual()), "{hers:?}");
    world.send(&dora, "alice@localhost", "m", "I am here").await.expect("sent");
    world.by_password("dora@localhost").await; // with the password that she chose
    assert!(contacts(&world.sync(&alice, Seq::ZERO).await).iter().any(|(peer, _)| peer == "dora@localhost"));

    // What fails uses nothing up, and the name and password rules are those of everywhere.
    let with =
        |name: &str, password: &str| SignUp { password: Secret::new(password.into()), ..wish(&made.token, name) };
    for (wish, expected) in [
        (with("dora", "correct horse"), Code::NameTaken),
        (with("d0ra", "correct horse"), Code::NameTaken),
        (with("a b@c", "correct horse"), Code::BadRequest),
        (with("emil", "short"), Code::BadRequest),
    ] {
        let told = wish.name.clone();
        assert_eq!(code(sign_up(&world, wish).await), expected, "{told}");
    }
    sign_up(&world, with("emil", "correct horse")).await.expect("the second use was still there");
    assert_eq!(code(sign_up(&world, with("fritz", "correct horse")).await), Code::NotFound);
    let contact = invite(&world, &alice, InviteKind::Contact, 1).await.expect("made");
    assert_eq!(code(sign_up(&world, wish(&contact.token, "fritz")).await), Code::NotFound, "a link for contacts only");
}

#[tokio::test(start_paused = true)]
async fn of_all_who_sign_up_at_once_as_many_get_in_as_the_invitation_has_uses() {
    let (world, ..) = people().await;
    let made = world.engine.admin_invite(&at("alice@localhost"), InviteKind::SignUp, 3, 0).await.expect("made");
    let mut trying = tokio::task::JoinSet::new();
    for number in 0..16 {
        let (engine, wish) = (world.engine.clone(), wish(&made.token, &format!("guest{number}")));
        let from = Caller { identity: Identity::Nobody { noise_key: None }, peer: crate::world::peer("192.0.2.1") };
        trying.spawn(async move { engine.execute(&from, Command::SignUp(Box::new(wish))).await });
    }
    let outcomes = trying.join_all().await;
    let got_in = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(got_in, 3);
    assert!(outcomes.iter().all(|outcome| !matches!(outcome, Err(refusal) if refusal.code != Code::NotFound)));
    let accounts = world.engine.admin_list_accounts(None, 100).await.expect("lists");
    assert_eq!(accounts.len(), 2 + got_in, "nothing is left of the others");
    assert!(accounts.iter().all(|account| account.scram.is_some()));
}

#[tokio::test(start_paused = true)]
async fn invitations_have_bounds_and_cannot_be_tried_out() {
    let rates = Rates { invitations_looked_at: Rate::per_second(3, 1), ..Rates::UNLIMITED };
    let world = world(Settings { scram_iterations: 8, rates, ..Settings::default() });
    let alice = caller(&world.by_password("alice@localhost").await);
    for (uses, expires_after_ms) in [(101, 0), (1, 90 * DAY_MS + 1)] {
        let command = Command::CreateInvite { kind: InviteKind::Contact, uses, expires_after_ms };
        assert_eq!(code(world.engine.execute(&alice, command).await), Code::BadRequest);
    }
    for _ in 0..50 {
        invite(&world, &alice, InviteKind::Contact, 1).await.expect("there is room");
    }
    assert_eq!(code(invite(&world, &alice, InviteKind::Contact, 1).await), Code::Forbidden);
    for _ in 0..3 {
        assert_eq!(code(look(&world, &Secret::new("0".repeat(40))).await), Code::NotFound);
    }
    assert_eq!(code(look(&world, &Secret::new("0".repeat(40))).await), Code::RateLimited);
    assert_eq!(code(sign_up(&world, wish(&Secret::new("0".repeat(40)), "x")).await), Code::RateLimited);
    assert_eq!(code(accept(&world, &alice, &Secret::new("0".repeat(40))).await), Code::RateLimited);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_passes_no_block() {
    let (world, alice, tablet, bob) = people().await;
    let made = invite(&world, &alice, InviteKind::Contact, 2).await.expect("made");
    does(&world, &alice, "bob@localhost", Deed::Block).await.expect("blocked");
    let before = world.sync(&tablet, Seq::ZERO).await.key;
    accept(&world, &bob, &made.token).await.expect("answered like by somebody who is never there");
    assert!(world.sync(&tablet, before).await.entries.is_empty(), "she is told nothing");
}
