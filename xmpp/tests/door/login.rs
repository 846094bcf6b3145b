//! Logging in: what is offered to whom, what proves who somebody is, and what is refused.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use belfry_engine::{Command, Peer, Rates, Reply};
use belfry_xmpp::xml::Element;
use belfry_xmpp::{Condition, EndPoint, Outcome, Security, ns};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::world::{Client, OPEN, PASSWORD, World, on_this_machine, said};

pub(crate) fn inside_tls() -> Security {
    Security { tls: true, binding: Some([7; 32]), ..Security::default() }
}

fn from_elsewhere() -> Security {
    Security { starttls: true, ..Security::default() }
}

fn mechanisms(features: &Element) -> Vec<String> {
    let offered = features.find(ns::SASL, "mechanisms");
    offered.map_or(Vec::new(), |offered| offered.elements().map(Element::own_text).collect())
}

/// What a SCRAM client proves and expects, over what both sides said.
pub(crate) fn scram(hash: &str, password: &str, salt: &[u8], rounds: u32, message: &str) -> (String, String) {
    macro_rules! with {
        ($hash:ty, $bytes:literal) => {{
            let mut salted = [0; $bytes];
            pbkdf2::pbkdf2_hmac::<$hash>(password.as_bytes(), salt, rounds, &mut salted);
            let keyed = |key: &[u8], text: &[u8]| {
                let mut mac = <Hmac<$hash> as Mac>::new_from_slice(key).expect("any length");
                mac.update(text);
                mac.finalize().into_bytes().to_vec()
            };
            let client = keyed(&salted, b"Client Key");
            let signature = keyed(&<$hash>::digest(&client), message.as_bytes());
            let proof: Vec<u8> = client.iter().zip(signature).map(|(a, b)| a ^ b).collect();
            (STANDARD.encode(proof), STANDARD.encode(keyed(&keyed(&salted, b"Server Key"), message.as_bytes())))
        }};
    }
    if hash == "SHA-1" { with!(Sha1, 20) } else { with!(Sha256, 32) }
}

/// Logs in by SCRAM; the server's last word, and what a genuine server would have said.
async fn by_scram(
    client: &mut Client,
    mechanism: &str,
    user: &str,
    password: &str,
    header: &str,
    binding: &[u8],
) -> (Element, String) {
    let bare = format!("n={user},r=fyko+d2lbbFgONRv9qkxdawL");
    let challenge = client.auth(mechanism, &format!("{header}{bare}")).await;
    if !challenge.is(ns::SASL, "challenge") {
        return (challenge, String::new());
    }
    let first = said(&challenge);
    let field = |name: &str| first.split(',').find_map(|field| field.strip_prefix(name)).expect("a field").to_owned();
    let salt = STANDARD.decode(field("s=")).expect("base64");
    let bound = STANDARD.encode([header.as_bytes(), binding].concat());
    let without_proof = format!("c={bound},r={}", field("r="));
    let hash = if mechanism.contains("SHA-1") { "SHA-1" } else { "SHA-256" };
    let rounds = field("i=").parse().expect("a number");
    let (proof, expected) = scram(hash, password, &salt, rounds, &format!("{bare},{first},{without_proof}"));
    (client.respond(&format!("{without_proof},p={proof}")).await, expected)
}

#[tokio::test(start_paused = true)]
async fn a_client_logs_in_by_password_and_gets_the_resource_it_wishes() {
    let world = World::new().await;
    let (mut client, features) = world.open(on_this_machine()).await;
    assert_eq!(mechanisms(&features), ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]);
    client.plain("alice", PASSWORD).await;
    client.bind("Phone").await;
    assert_eq!(client.jid, "alice@localhost/Phone");
    client.hears_nothing().await;
    client.send("</stream:stream>").await;
    assert!(matches!(client.outcome().await, Outcome::Left));
}

#[tokio::test(start_paused = true)]
async fn scram_proves_both_sides_with_either_hash_bound_to_the_channel_or_not() {
    let world = World::new().await;
    for (mechanism, header, binding) in [
        ("SCRAM-SHA-256-PLUS", "p=tls-exporter,,", &[7; 32][..]),
        ("SCRAM-SHA-1-PLUS", "p=tls-exporter,,", &[7; 32]),
        ("SCRAM-SHA-256", "n,,", &[]),
        ("SCRAM-SHA-1", "n,a=alice@localhost,", &[]),
    ] {
        let (mut client, features) = world.open(inside_tls()).await;
        assert!(mechanisms(&features).contains(&mechanism.to_owned()));
        assert!(features.find(ns::SASL_BINDING, "sasl-channel-binding").is_some());
        let (success, expected) = by_scram(&mut client, mechanism, "alice", PASSWORD, header, binding).await;
        assert!(success.is(ns::SASL, "success"), "{mechanism}: {}", success.to_text());
        assert_eq!(said(&success), format!("v={expected}"));
        client.open().await;
        client.bind("desk").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_is_another_or_was_hidden_is_refused() {
    let world = World::new().await;
    for (mechanism, header, binding, condition) in [
        ("SCRAM-SHA-256-PLUS", "p=tls-exporter,,", &[8; 32][..], "not-authorized"),
        ("SCRAM-SHA-256-PLUS", "p=tls-unique,,", &[7; 32], "malformed-request"),
        ("SCRAM-SHA-256-PLUS", "n,,", &[], "malformed-request"),
        ("SCRAM-SHA-256", "y,,", &[], "not-authorized"),
        ("SCRAM-SHA-256", "p=tls-exporter,,", &[7; 32], "malformed-request"),
        ("SCRAM-SHA-256", "n,a=bob@localhost,", &[], "invalid-authzid"),
        ("DIGEST-MD5", "n,,", &[], "invalid-mechanism"),
    ] {
        let (mut client, _) = world.open(inside_tls()).await;
        let (failure, _) = by_scram(&mut client, mechanism, "alice", PASSWORD, header, binding).await;
        assert!(failure.find(ns::SASL, condition).is_some(), "{mechanism} {header}: {}", failure.to_text());
    }
    // Where the channel cannot be bound, a client that could bind says so.
    let (mut client, _) = world.open(on_this_machine()).await;
    let (success, _) = by_scram(&mut client, "SCRAM-SHA-256", "alice", PASSWORD, "y,,", &[]).await;
    assert!(success.is(ns::SASL, "success"));
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_bound_by_the_servers_certificate_too_where_that_is_known() {
    let world = World::new().await;
    let newer = Security { end_point: EndPoint::new(&[9; 48]), ..inside_tls() };
    let older = Security { binding: None, ..newer };
    for (security, kinds) in
        [(newer, &["tls-exporter", "tls-server-end-point"][..]), (older, &["tls-server-end-point"])]
    {
        let (mut client, features) = world.open(security).await;
        let offered = features.find(ns::SASL_BINDING, "sasl-channel-binding").expect("offered");
        assert_eq!(offered.elements().filter_map(|kind| kind.get("type")).collect::<Vec<_>>(), kinds);
        assert!(mechanisms(&features).contains(&"SCRAM-SHA-256-PLUS".to_owned()));
        let header = "p=tls-server-end-point,,";
        let (success, expected) =
            by_scram(&mut client, "SCRAM-SHA-256-PLUS", "alice", PASSWORD, header, &[9; 48]).await;
        assert_eq!(said(&success), format!("v={expected}"));
        for (mechanism, header, binding, condition) in [
            ("SCRAM-SHA-256-PLUS", header, &[8; 48][..], "not-authorized"),
            ("SCRAM-SHA-256-PLUS", header, &[9; 32], "not-authorized"),
            ("SCRAM-SHA-256-PLUS", "p=tls-unique,,", &[9; 48], "malformed-request"),
            ("SCRAM-SHA-256", "y,,", &[], "not-authorized"),
        ] {
            let (mut client, _) = world.open(security).await;
            let (failure, _) = by_scram(&mut client, mechanism, "alice", PASSWORD, header, binding).await;
            assert!(failure.find(ns::SASL, condition).is_some(), "{mechanism} {header}: {}", failure.to_text());
        }
    }
    assert_eq!(EndPoint::new(&[0; 65]), None);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_not_there_is_asked_and_refused_like_one_that_is() {
    let world = World::new().await;
    let mut salts = Vec::new();
    for user in ["nobody", "nobody", "alice", "somebody"] {
        let (mut client, _) = world.open(on_this_machine()).await;
        let challenge = client.auth("SCRAM-SHA-256", &format!("n,,n={user},r=abc")).await;
        let first = said(&challenge);
        let fields: Vec<&str> = first.split(',').collect();
        assert_eq!((fields.len(), fields[2]), (4, "i=4096"));
        salts.push(fields[1].to_owned());
        let failure = client.respond(&format!("c=biws,{},p={}", fields[0], STANDARD.encode([0; 32]))).await;
        assert_eq!(
            failure.find(ns::SASL, "text").expect("a sentence").own_text(),
            "Address, password or secret is wrong."
        );
        assert!(failure.find(ns::SASL, "not-authorized").is_some());
    }
    assert_eq!(salts[0], salts[1], "the same each time");
    assert_eq!(salts.iter().map(String::len).max(), salts.iter().map(String::len).min());
    assert_ne!(salts[0], salts[3]);
}

#[tokio::test(start_paused = true)]
async fn a_password_that_is_wrong_or_for_somebody_else_is_refused_and_tries_are_few() {
    let world = World::new().await;
    let (mut client, _) = world.open(on_this_machine()).await;
    let wrong = client.auth("PLAIN", "\0alice\0wrong horse").await;
    assert!(wrong.find(ns::SASL, "not-authorized").is_some(), "{}", wrong.to_text());
    let other = client.auth("PLAIN", &format!("bob@localhost\0alice\0{PASSWORD}")).await;
    assert!(other.find(ns::SASL, "invalid-authzid").is_some(), "{}", other.to_text());
    let long = client.auth("PLAIN", &format!("\0alice\0{}", "x".repeat(1025))).await;
    assert!(long.find(ns::SASL, "malformed-request").is_some(), "{}", long.to_text());
    assert_eq!(client.ended().await, "policy-violation");
}

#[tokio::test(start_paused = true)]
async fn the_account_cannot_be_tried_again_and_again_from_many_streams() {
    let world = World::with(|settings| settings.rates = Rates::default()).await;
    let mut refused = 0;
    for _ in 0..12 {
        let (mut client, _) = world.open(on_this_machine()).await;
        let failure = client.auth("PLAIN", "\0alice\0wrong horse").await;
        refused += u32::from(failure.find(ns::SASL, "temporary-auth-failure").is_some());
    }
    assert!(refused >= 6, "{refused}");
}

#[tokio::test(start_paused = true)]
async fn broken_steps_of_a_login_are_malformed() {
    let world = World::new().await;
    for said in ["", "n", "n,,", "n,,n=alice", "n,,n=alice,r=", "n,,m=x,n=alice,r=a", "x,,n=alice,r=a", "n,,n=a=zz,r=a"]
    {
        let (mut client, _) = world.open(on_this_machine()).await;
        let mut answer = client.auth("SCRAM-SHA-256", said).await;
        if said.is_empty() {
            assert!(answer.is(ns::SASL, "challenge") && answer.own_text().is_empty(), "the client is to begin");
            answer = client.respond("").await;
        }
        assert!(answer.find(ns::SASL, "malformed-request").is_some(), "{said}: {}", answer.to_text());
    }
    let (mut client, _) = world.open(on_this_machine()).await;
    client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>not base64!</auth>").await;
    assert!(client.next().await.find(ns::SASL, "incorrect-encoding").is_some());
    client.send("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>").await;
    assert!(client.next().await.find(ns::SASL, "aborted").is_some());
}

#[tokio::test(start_paused = true)]
async fn from_elsewhere_nothing_is_taken_but_the_wish_for_tls() {
    let world = World::new().await;
    let (mut client, features) = world.open(from_elsewhere()).await;
    assert!(features.find(ns::TLS, "starttls").expect("offered").find(ns::TLS, "required").is_some());
    assert_eq!(mechanisms(&features), [""; 0]);
    let failure = client.auth("PLAIN", &format!("\0alice\0{PASSWORD}")).await;
    assert!(failure.find(ns::SASL, "encryption-required").is_some());
    client.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await;
    assert!(client.next().await.is(ns::TLS, "proceed"));
    assert!(client.for_tls().await.is_some());
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_ahead_of_tls_is_never_taken_for_protected() {
    let world = World::new().await;
    let (mut client, _) = world.open(from_elsewhere()).await;
    client.send(&format!("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>{OPEN}<message/>")).await;
    assert_eq!(client.ended().await, "policy-violation");
    assert!(client.for_tls().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn strangers_get_their_stream_ended_for_whatever_is_not_a_login() {
    let world = World::new().await;
    let message = "<message to='bob@localhost'><body>hello</body></message>";
    let bind = "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    for (said, condition) in [
        (message, "not-authorized"),
        (bind, "not-authorized"),
        ("<x xmlns='urn:x'/>", "unsupported-stanza-type"),
        ("<!DOCTYPE x>", "restricted-xml"),
        ("<a:b/>", "bad-namespace-prefix"),
        ("hello", "bad-format"),
        (&"<a>".repeat(40), "policy-violation"),
        (&"x".repeat(20_000).replacen('x', "<", 1), "policy-violation"),
        (&format!("<a>{}", "x".repeat(20_000)), "policy-violation"),
    ] {
        let (mut client, _) = world.open(on_this_machine()).await;
        client.send(said).await;
        assert_eq!(client.ended().await, condition, "{said:.60}");
    }
    for (opening, condition) in [
        (OPEN.replace("to='localhost'", "to='example.org'"), "host-unknown"),
        (OPEN.replace("to='localhost'", "to='alice@localhost'"), "host-unknown"),
        (OPEN.replace(" version='1.0'>", ">"), "unsupported-version"),
        (OPEN.replace("jabber:client", "jabber:server"), "invalid-namespace"),
        ("<html>".to_owned(), "invalid-namespace"),
    ] {
        let mut client = world.dial(on_this_machine());
        client.send(&opening).await;
        assert_eq!(client.ended().await, condition, "{opening}");
    }
    assert_eq!(world.door.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_log_in_in_time_is_cut_off_however_it_drips() {
    let world = World::new().await;
    let (mut client, _) = world.open(on_this_machine()).await;
    for _ in 0..19 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.send(" ").await;
    }
    assert_eq!(world.door.waiting(), 1);
    assert_eq!(client.ended().await, "connection-timeout");
    assert_eq!(world.door.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn strangers_of_one_address_are_few() {
    let world = World::new().await;
    let peer = Peer { ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), port: 1, exempt: false, carrier: "xmpp" };
    let mut held = Vec::new();
    for _ in 0..64 {
        let mut client = world.dial_from(peer.clone(), inside_tls());
        client.open().await;
        held.push(client);
    }
    let mut one_more = world.dial_from(peer, inside_tls());
    assert_eq!(one_more.ended().await, "resource-constraint");
    let _another_address = world.open(inside_tls()).await;
}

#[tokio::test(start_paused = true)]
async fn a_resource_is_a_device_that_comes_back_and_its_older_stream_ends() {
    let world = World::new().await;
    let native = world.native("alice").await;
    let mut first = world.bound("alice", "Phone").await;
    let mut second = world.bound("alice", "Phone").await;
    assert_eq!(first.ended().await, "conflict");
    second.hears_nothing().await;
    let _other = world.bound("alice", "Tablet").await;
    let Ok(Reply::Devices(devices)) = world.engine.execute(&native, Command::ListDevices).await else {
        panic!("no list")
    };
    let names: Vec<&str> = devices.iter().map(|view| view.device.name.as_str()).collect();
    assert_eq!(names, ["Native", "Phone", "Tablet"]);
}

#[tokio::test(start_paused = true)]
async fn clients_without_a_resource_get_one_each_and_leave_few_devices() {
    let world = World::new().await;
    let native = world.native("alice").await;
    let mut one = world.bound("alice", "").await;
    let two = world.bound("alice", "").await;
    assert_ne!(one.jid, two.jid);
    one.hears_nothing().await;
    drop((one, two));
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        let mut client = world.bound("alice", "").await;
        client.send("</stream:stream>").await;
        assert!(client.item().await.is_some());
        client.outcome().await;
    }
    let Ok(Reply::Devices(devices)) = world.engine.execute(&native, Command::ListDevices).await else {
        panic!("no list")
    };
    assert!(devices.len() <= 4, "{}", devices.len());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_a_new_resource_each_time_takes_the_place_of_its_oldest() {
    let world = World::new().await;
    let native = world.native("alice").await;
    for n in 0..15 {
        world.clock.advance_ms(1_000);
        let mut client = world.bound("alice", &format!("random-{n}")).await;
        client.send("</stream:stream>").await;
        client.item().await;
        client.outcome().await;
    }
    let Ok(Reply::Devices(devices)) = world.engine.execute(&native, Command::ListDevices).await else {
        panic!("no list")
    };
    let names: Vec<&str> = devices.iter().map(|view| view.device.name.as_str()).collect();
    assert_eq!(names.len(), 10);
    assert!(names.contains(&"Native") && names.contains(&"random-14") && !names.contains(&"random-0"), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_cannot_be_one_is_refused_and_another_can_be_tried() {
    let world = World::new().await;
    let (mut client, _) = world.open(on_this_machine()).await;
    client.plain("alice", PASSWORD).await;
    for resource in ["\u{7F}".to_owned(), "x".repeat(1024)] {
        let bind = format!("<bind xmlns='{}'><resource>{resource}</resource></bind>", ns::BIND);
        assert_eq!(client.ask("set", "", &bind).await.get("type"), Some("error"));
    }
    client.bind("desk").await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_a_reason_when_the_server_stops() {
    let world = World::new().await;
    let (mut stranger, _) = world.open(on_this_machine()).await;
    let mut member = world.bound("alice", "desk").await;
    world.stop.cancel();
    assert_eq!(stranger.ended().await, "system-shutdown");
    assert_eq!(member.ended().await, "system-shutdown");
    assert!(matches!(member.outcome().await, Outcome::Closed(Condition::SystemShutdown)));
}
