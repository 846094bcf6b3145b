//! Logging in by SASL2: what comes with it in one step, tokens for the next time, and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_domain::Secret;
use belfry_engine::{Command, Rates, Reply};
use belfry_xmpp::xml::Element;
use belfry_xmpp::{Security, ns};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::login::{inside_tls, scram};
use crate::world::{Client, PASSWORD, World, address, on_this_machine, said};

pub(crate) const DESK: &str = "d4565fa7-4d72-4749-b3d3-740edbf87770";
const BIND: &str = "<bind xmlns='urn:xmpp:bind:0'><tag>Desk</tag></bind>";
const WEEK_MS: u64 = 7 * 24 * 3_600_000;

fn agent(id: &str) -> String {
    format!("<user-agent id='{id}'><software>Desk</software><device>Kiva's\n laptop</device></user-agent>")
}

impl Client {
    async fn authenticate(&mut self, mechanism: &str, said: &[u8], more: &str) -> Element {
        let said = STANDARD.encode(said);
        self.send(&format!(
            "<authenticate xmlns='{}' mechanism='{mechanism}'><initial-response>{said}</initial-response>{more}</authenticate>",
            ns::SASL_2
        ))
        .await;
        self.next().await
    }

    /// Logs in by password; `success`.
    pub(crate) async fn in_one_step(&mut self, local: &str, more: &str) -> Element {
        let answer = self.authenticate("PLAIN", format!("\0{local}\0{PASSWORD}").as_bytes(), more).await;
        assert!(answer.is(ns::SASL_2, "success"), "{}", answer.to_text());
        let features = self.next().await;
        assert!(features.is(ns::STREAM, "features"));
        let bound = answer.find(ns::BIND_2, "bound");
        let managed = answer.find(ns::MANAGEMENT, "resumed").is_some()
            || bound.is_some_and(|bound| bound.find(ns::MANAGEMENT, "enabled").is_some());
        let offered = features.find(ns::MANAGEMENT, "sm").is_some();
        assert!(offered != managed, "what is on is not offered: {}", features.to_text());
        answer
    }

    /// Tries a token.
    async fn by_token(&mut self, local: &str, token: &str, mechanism: &str, more: &str) -> Element {
        let binding: &[u8] = if mechanism.ends_with("EXPR") { &[7; 32] } else { &[] };
        let shown = hmac(token, &[b"Initiator", binding].concat());
        let shown = [local.as_bytes(), &[0], &shown].concat();
        let answer = self.authenticate(mechanism, &shown, more).await;
        if answer.is(ns::SASL_2, "success") {
            let data = answer.find(ns::SASL_2, "additional-data").expect("the server proves itself").own_text();
            assert_eq!(data, STANDARD.encode(hmac(token, &[b"Responder", binding].concat())));
            assert!(self.next().await.is(ns::STREAM, "features"));
        }
        answer
    }
}

fn hmac(key: &str, text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn identifier(success: &Element) -> String {
    success.find(ns::SASL_2, "authorization-identifier").expect("who it is").own_text()
}

fn token(success: &Element) -> Option<String> {
    success.find(ns::FAST, "token").map(|token| token.get("token").expect("a token").to_owned())
}

pub(crate) fn refused(answer: &Element) -> String {
    assert!(answer.is(ns::SASL_2, "failure"), "{}", answer.to_text());
    answer.elements().next().expect("a condition").name.to_string()
}

/// Logs in by password on a stream of its own and asks for a token; the token and the resource.
pub(crate) async fn with_token(world: &World, security: Security, mechanism: &str, id: &str) -> (String, String) {
    let (mut client, _) = world.open(security).await;
    let wishes = format!("{}{BIND}<request-token xmlns='urn:xmpp:fast:0' mechanism='{mechanism}'/>", agent(id));
    let success = client.in_one_step("alice", &wishes).await;
    (token(&success).expect("a token"), identifier(&success))
}

/// Tries a token on a stream of its own.
pub(crate) async fn try_token(world: &World, token: &str, id: &str, more: &str) -> Element {
    let (mut client, _) = world.open(on_this_machine()).await;
    let more = format!("{}{BIND}<fast xmlns='urn:xmpp:fast:0' {more}/>", agent(id));
    client.by_token("alice", token, "HT-SHA-256-NONE", &more).await
}

#[tokio::test(start_paused = true)]
async fn a_login_in_one_step_brings_the_resource_and_what_it_begins_with() {
    let world = World::new().await;
    let (mut client, features) = world.open(on_this_machine()).await;
    let offer = features.find(ns::SASL_2, "authentication").expect("offered");
    let names: Vec<String> =
        offer.elements().filter(|element| element.name == "mechanism").map(Element::own_text).collect();
    assert_eq!(names, ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]);
    let inline = offer.find(ns::SASL_2, "inline").expect("what goes with it");
    assert!(inline.find(ns::MANAGEMENT, "sm").is_some());
    let bind = inline.find(ns::BIND_2, "bind").and_then(|bind| bind.find(ns::BIND_2, "inline")).expect("offered");
    assert!(bind.elements().any(|feature| feature.get("var") == Some(ns::CARBONS)));
    let fast: Vec<String> = inline.find(ns::FAST, "fast").expect("offered").elements().map(Element::own_text).collect();
    assert_eq!(fast, ["HT-SHA-256-NONE"]);

    let wishes = format!(
        "{}<bind xmlns='urn:xmpp:bind:0'><tag>Desk</tag><enable xmlns='urn:xmpp:carbons:2'/>\
         <enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>",
        agent(DESK)
    );
    let success = client.in_one_step("alice", &wishes).await;
    let jid = identifier(&success);
    assert!(jid.starts_with("alice@localhost/Desk/") && !jid.contains(DESK), "{jid}");
    let enabled = success.find(ns::BIND_2, "bound").expect("bound").find(ns::MANAGEMENT, "enabled").expect("counted");
    assert!(enabled.get("id").is_some());
    client.jid = jid;
    client.send("<presence/>").await;
    client.hears_about_itself().await;
    client.send("<r xmlns='urn:xmpp:sm:3'/>").await;
    loop {
        let answer = client.next().await;
        if answer.is(ns::MANAGEMENT, "a") {
            assert_eq!(answer.get("h"), Some("1"));
            break;
        }
    }

    // What another client says is told to it, as it asked for with the resource.
    let mut other = world.bound("alice", "Phone").await;
    other.say("bob", "m1", "hello").await;
    loop {
        let stanza = client.next().await;
        if stanza.find(ns::CARBONS, "sent").is_some() {
            break;
        }
        assert!(stanza.is(ns::MANAGEMENT, "r"), "{}", stanza.to_text());
    }
}

#[tokio::test(start_paused = true)]
async fn scram_proves_both_sides_in_sasl2_and_binds_to_the_channel() {
    let world = World::new().await;
    for (mechanism, header, binding) in
        [("SCRAM-SHA-256-PLUS", "p=tls-exporter,,", &[7; 32][..]), ("SCRAM-SHA-1", "n,,", &[])]
    {
        let (mut client, _) = world.open(inside_tls()).await;
        let bare = "n=alice,r=fyko+d2lbbFgONRv9qkxdawL";
        let challenge = client.authenticate(mechanism, format!("{header}{bare}").as_bytes(), BIND).await;
        assert!(challenge.is(ns::SASL_2, "challenge"));
        let first = said(&challenge);
        let field =
            |name| first.split(',').find_map(|field: &str| field.strip_prefix(name)).expect("a field").to_owned();
        let without_proof = format!("c={},r={}", STANDARD.encode([header.as_bytes(), binding].concat()), field("r="));
        let hash = if mechanism.contains("SHA-1") { "SHA-1" } else { "SHA-256" };
        let salt = STANDARD.decode(field("s=")).expect("base64");
        let rounds = field("i=").parse().expect("a number");
        let (proof, expected) = scram(hash, PASSWORD, &salt, rounds, &format!("{bare},{first},{without_proof}"));
        let response = STANDARD.encode(format!("{without_proof},p={proof}"));
        client.send(&format!("<response xmlns='{}'>{response}</response>", ns::SASL_2)).await;
        let success = client.next().await;
        let data = success.find(ns::SASL_2, "additional-data").expect("the server proves itself").own_text();
        assert_eq!(STANDARD.decode(data).expect("base64"), format!("v={expected}").as_bytes());
        assert!(identifier(&success).starts_with("alice@localhost/Desk/"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_installation_is_the_same_device_however_it_binds() {
    let world = World::new().await;
    let native = world.native("alice").await;
    let (mut first, _) = world.open(on_this_machine()).await;
    let one = identifier(&first.in_one_step("alice", &format!("{}{BIND}", agent(DESK))).await);
    let (mut second, _) = world.open(on_this_machine()).await;
    let two = identifier(&second.in_one_step("alice", &format!("{}{BIND}", agent(DESK))).await);
    assert_eq!(one, two);
    assert_eq!(first.ended().await, "conflict", "the older stream of the same device");

    // Without Bind 2 the features after the login have the old way.
    let (mut third, _) = world.open(on_this_machine()).await;
    assert_eq!(identifier(&third.in_one_step("alice", &agent(DESK)).await), "alice@localhost");
    third.bind("any").await;
    assert_eq!(second.ended().await, "conflict");
    let Ok(Reply::Devices(devices)) = world.engine.execute(&native, Command::ListDevices).await else {
        panic!("no list")
    };
    let names: Vec<&str> = devices.iter().map(|view| view.device.name.as_str()).collect();
    assert_eq!(names, ["Native", "Desk, Kiva's laptop"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_broke_goes_on_with_the_login_or_a_new_resource_is_bound() {
    let world = World::new().await;
    let (mut client, _) = world.open(on_this_machine()).await;
    let counted = "<bind xmlns='urn:xmpp:bind:0'><tag>Desk</tag><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>";
    let success = client.in_one_step("alice", &format!("{}{counted}", agent(DESK))).await;
    let enabled = success.find(ns::BIND_2, "bound").expect("bound").find(ns::MANAGEMENT, "enabled").expect("counted");
    let name = enabled.get("id").expect("can go on").to_owned();
    drop(client);
    let (mut client, _) = world.open(on_this_machine()).await;
    let resume = format!("<resume xmlns='urn:xmpp:sm:3' previd='{name}' h='0'/>");
    let success = client.in_one_step("alice", &format!("{}{resume}{BIND}", agent(DESK))).await;
    assert_eq!(success.find(ns::MANAGEMENT, "resumed").and_then(|resumed| resumed.get("previd")), Some(&*name));
    assert!(success.find(ns::BIND_2, "bound").is_none());
    assert!(identifier(&success).starts_with("alice@localhost/Desk/"));
    client.hears_nothing().await;

    let (mut client, _) = world.open(on_this_machine()).await;
    let resume = "<resume xmlns='urn:xmpp:sm:3' previd='nothing' h='0'/>";
    let success = client.in_one_step("alice", &format!("{}{resume}{BIND}", agent(DESK))).await;
    assert!(success.find(ns::MANAGEMENT, "failed").is_some() && success.find(ns::BIND_2, "bound").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_token_lets_its_client_in_again_by_its_own_mechanism_alone() {
    let world = World::new().await;
    let (bound, jid) = with_token(&world, inside_tls(), "HT-SHA-256-EXPR", DESK).await;
    let fast = format!("{}{BIND}<fast xmlns='urn:xmpp:fast:0'/>", agent(DESK));
    let (mut client, _) = world.open(inside_tls()).await;
    let success = client.by_token("alice", &bound, "HT-SHA-256-EXPR", &fast).await;
    assert_eq!(identifier(&success), jid);
    assert_eq!(token(&success), None, "it is new enough");
    let (mut client, _) = world.open(inside_tls()).await;
    assert_eq!(refused(&client.by_token("alice", &bound, "HT-SHA-256-NONE", &fast).await), "credentials-expired");
    let elsewhere = Security { binding: Some([8; 32]), ..inside_tls() };
    let (mut client, _) = world.open(elsewhere).await;
    assert_eq!(refused(&client.by_token("alice", &bound, "HT-SHA-256-EXPR", &fast).await), "credentials-expired");
    let (mut client, _) = world.open(on_this_machine()).await;
    assert_eq!(refused(&client.by_token("alice", &bound, "HT-SHA-256-EXPR", &fast).await), "invalid-mechanism");
}

#[tokio::test(start_paused = true)]
async fn whatever_is_wrong_with_a_token_is_answered_alike_and_tries_are_counted() {
    let world = World::new().await;
    let (good, _) = with_token(&world, on_this_machine(), "HT-SHA-256-NONE", DESK).await;
    let fast = |id: &str| format!("{}{BIND}<fast xmlns='urn:xmpp:fast:0'/>", agent(id));
    let mut answers = Vec::new();
    for (local, token, id) in
        [("alice", "wrong", DESK), ("alice", &*good, "another"), ("nobody", &*good, DESK), ("bob", &*good, DESK)]
    {
        let (mut client, _) = world.open(on_this_machine()).await;
        answers.push(client.by_token(local, token, "HT-SHA-256-NONE", &fast(id)).await.to_text());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");

    let world = World::with(|settings| settings.rates = Rates::default()).await;
    let mut later = 0;
    for _ in 0..8 {
        let answer = try_token(&world, "wrong", DESK, "").await;
        later += u32::from(refused(&answer) == "temporary-auth-failure");
    }
    assert_eq!(later, 3);
}

#[tokio::test(start_paused = true)]
async fn a_token_ends_with_its_device_its_password_its_time_and_by_its_clients_wish() {
    let world = World::new().await;
    let get = || with_token(&world, on_this_machine(), "HT-SHA-256-NONE", DESK);
    let native = world.native("alice").await;

    let (old, _) = get().await;
    let (new, _) = get().await;
    assert_eq!(refused(&try_token(&world, &old, DESK, "").await), "credentials-expired", "a newer one was given");
    assert!(try_token(&world, &new, DESK, "invalidate='true'").await.is(ns::SASL_2, "success"));
    assert_eq!(refused(&try_token(&world, &new, DESK, "").await), "credentials-expired", "it was given back");

    let (token, _) = get().await;
    let Ok(Reply::Devices(devices)) = world.engine.execute(&native, Command::ListDevices).await else {
        panic!("no list")
    };
    let desk = devices.iter().find(|view| view.device.name.starts_with("Desk")).expect("a device").device.id;
    world.engine.execute(&native, Command::RevokeDevice { device: desk }).await.expect("removed");
    assert_eq!(refused(&try_token(&world, &token, DESK, "").await), "credentials-expired", "the device is gone");

    let (token, _) = get().await;
    world.engine.admin_set_password(&address("alice"), Secret::new(PASSWORD.to_owned())).await.expect("changed");
    assert_eq!(refused(&try_token(&world, &token, DESK, "").await), "credentials-expired", "the password was set");

    let (token, _) = get().await;
    world.clock.advance_ms(4 * WEEK_MS);
    assert_eq!(refused(&try_token(&world, &token, DESK, "").await), "credentials-expired", "it is too old");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_each_week_and_the_old_one_is_good_until_the_new_one_is_used() {
    let world = World::new().await;
    let (old, _) = with_token(&world, on_this_machine(), "HT-SHA-256-NONE", DESK).await;
    world.clock.advance_ms(WEEK_MS);
    let next = token(&try_token(&world, &old, DESK, "").await).expect("a new one");
    let again = token(&try_token(&world, &old, DESK, "").await).expect("the new one may not have come");
    assert!(next == again && next != old);
    assert!(try_token(&world, &next, DESK, "").await.is(ns::SASL_2, "success"));
    assert_eq!(refused(&try_token(&world, &old, DESK, "").await), "credentials-expired");
}

#[tokio::test(start_paused = true)]
async fn a_login_that_is_for_somebody_else_or_interrupted_is_refused() {
    let world = World::new().await;
    let mut client = world.dial(on_this_machine());
    let open = crate::world::OPEN.replace("to='localhost'", "to='localhost' from='bob@localhost'");
    client.send(&open).await;
    client.item().await;
    client.next().await;
    let answer = client.authenticate("PLAIN", format!("\0alice\0{PASSWORD}").as_bytes(), BIND).await;
    assert_eq!(refused(&answer), "invalid-authzid");
    let answer = client.authenticate("PLAIN", b"\0alice\0wrong horse", BIND).await;
    assert_eq!(refused(&answer), "not-authorized");

    let (mut client, _) = world.open(on_this_machine()).await;
    assert!(client.authenticate("SCRAM-SHA-256", b"n,,n=alice,r=abc", "").await.is(ns::SASL_2, "challenge"));
    client.send(&format!("<abort xmlns='{}'/>", ns::SASL_2)).await;
    assert_eq!(refused(&client.next().await), "aborted");
    assert!(client.authenticate("SCRAM-SHA-256", b"n,,n=alice,r=abc", "").await.is(ns::SASL_2, "challenge"));
    client.send("<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>").await;
    assert_eq!(client.ended().await, "not-authorized", "nothing comes in between");

    let (mut client, _) = world.open(on_this_machine()).await;
    client.in_one_step("alice", "").await;
    client.send(&format!("<authenticate xmlns='{}' mechanism='PLAIN'/>", ns::SASL_2)).await;
    assert_eq!(client.ended().await, "not-authorized", "one login is enough");
}
