//! People with XMPP clients and people with native devices, in every pair that has an XMPP client in it.
//!
//! What XMPP cannot express and is therefore not played here: registering by a phone number, linking by a code, guests
//! and the lobby, drafts, stars, pins, messages deleted for oneself, disappearing messages, retention, invitations,
//! searching, privacy settings; a reply to a second device's draft. Groups are not here yet through any door.

use anyhow::{Context, Result, ensure};
use belfry_testkit::someone::{Known, Tick};
use belfry_testkit::xmpp::Way;
use belfry_testkit::{Door, Person, Server, Someone, Stock};
use belfry_wire::{operation, v1};

/// Presence is told at once: how long it may settle is tested where time can be stopped.
const AT_ONCE: &str = "[presence]\nsettle = \"0 s\"\ninterval = \"0 s\"\nlinger = \"0 s\"\n";

const PASSWORD: &str = "correct horse";

/// What somebody comes in by.
#[derive(Clone, Copy, Debug)]
enum By {
    Native(Door),
    Stock(Way),
}

impl By {
    async fn arrive(self, server: &Server, address: &str) -> Result<Someone> {
        Ok(match self {
            By::Native(door) => Person::companion(server, door, address, PASSWORD).await?.into(),
            By::Stock(way) => {
                let mut stock = Stock::arrive(server, way, address, PASSWORD, &format!("{way:?}")).await?;
                // One of them counts stanzas, the others show by pings what they have.
                if way == Way::StartTls {
                    stock.count().await?;
                }
                stock.into()
            }
        })
    }
}

/// All pairs with an XMPP client in them: each way with each way, and each door with the ways in turn, on both sides.
fn pairs() -> Vec<(By, By)> {
    let mut pairs = Vec::new();
    for one in Way::ALL {
        pairs.extend(Way::ALL.map(|other| (By::Stock(one), By::Stock(other))));
    }
    let way = |at: usize| Way::ALL[at % Way::ALL.len()];
    for (at, door) in Door::ALL.into_iter().enumerate() {
        let (one, other) = (way(at), way(at + 1));
        pairs.extend([(By::Stock(one), By::Native(door)), (By::Native(door), By::Stock(other))]);
    }
    pairs
}

fn account(server: &Server, name: &str) -> Result<String> {
    let address = format!("{name}@localhost");
    let added = server.cli(&["account", "add", &address, "--password", PASSWORD])?;
    ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    Ok(address)
}

/// Two people of one pair who are both there.
async fn two(server: &Server, number: usize, pair: (By, By)) -> Result<(Someone, Someone)> {
    let (alice, bob) = (account(server, &format!("alice{number}"))?, account(server, &format!("bob{number}"))?);
    Ok((pair.0.arrive(server, &alice).await?, pair.1.arrive(server, &bob).await?))
}

/// Runs a play once for every pair.
macro_rules! for_every_pair {
    ($server:expr, $play:path) => {
        for (number, pair) in pairs().into_iter().enumerate() {
            let (mut alice, mut bob) = two($server, number, pair).await?;
            $play(&mut alice, &mut bob).await.with_context(|| format!("{pair:?}"))?;
        }
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn xmpp_clients_and_native_devices_talk_both_ways_and_see_their_ticks() -> Result<()> {
    let server = Server::start("")?;
    for_every_pair!(&server, talk);
    Ok(())
}

async fn talk(alice: &mut Someone, bob: &mut Someone) -> Result<()> {
    let (at_alice, at_bob) = (alice.address(), bob.address());
    let hello = "hello <b>&amp; ☃ 'you'</b>\n\tthere";
    let sent = alice.say(&at_bob, "m1", hello).await?;
    let heard = bob.hear().await?;
    ensure!((heard.text.as_str(), &heard.from) == (hello, &at_alice), "{heard:?}");
    alice.ticked(&sent, Tick::Delivered).await.context("delivered")?;
    bob.mark_read(&at_alice, &heard.place).await?;
    alice.ticked(&sent, Tick::Read).await.context("read")?;
    let answer = bob.answer(&at_alice, "m2", "hello yourself", &heard.place).await?;
    let heard = alice.hear().await?;
    ensure!(heard.text == "hello yourself" && heard.answers.as_ref() == Some(&sent), "{heard:?} answers {sent:?}");
    bob.ticked(&answer, Tick::Delivered).await.context("the answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_message_both_sides_see_between_xmpp_clients_and_native_devices() -> Result<()> {
    let server = Server::start("")?;
    for_every_pair!(&server, changes);
    Ok(())
}

async fn changes(alice: &mut Someone, bob: &mut Someone) -> Result<()> {
    let (at_alice, at_bob) = (alice.address(), bob.address());
    // Who is writing is told to those alone who have answered before, or list them.
    bob.say(&at_alice, "c0", "hey").await?;
    alice.hear().await?;
    for active in [true, false] {
        alice.write(&at_bob, active).await?;
        bob.sees_writing(&at_alice, active).await.context("writing")?;
    }
    let sent = alice.say(&at_bob, "c1", "helo").await?;
    let heard = bob.hear().await?;
    for text in ["hello", "hello!"] {
        alice.edit(&at_bob, &sent, text).await?;
        ensure!(bob.sees_edit(&heard.place).await.with_context(|| format!("edit {text}"))? == text);
    }
    for emoji in ["👍", "🎉", ""] {
        bob.react(&at_alice, &heard.place, emoji).await?;
        alice.sees_reaction(&at_bob, &sent, emoji).await.with_context(|| format!("reaction {emoji}"))?;
    }
    alice.recall(&at_bob, &sent).await?;
    bob.sees_recall(&heard.place).await.context("recall")?;
    // What is somebody else's cannot be changed, and what cannot be changed changes nothing.
    let theirs = bob.say(&at_alice, "c2", "mine").await?;
    let heard = alice.hear().await?;
    let _refused = alice.edit(&at_bob, &heard.place, "not mine").await;
    let _refused = alice.recall(&at_bob, &heard.place).await;
    alice.react(&at_bob, &heard.place, "👍").await?;
    bob.sees_reaction(&at_alice, &theirs, "👍").await.context("and nothing before it")
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_wait_for_an_xmpp_client_that_is_gone_and_come_in_order_and_once() -> Result<()> {
    let server = Server::start("")?;
    for (number, pair) in pairs().into_iter().enumerate() {
        let By::Stock(_) = pair.1 else { continue };
        let (mut alice, mut bob) = two(&server, number, pair).await?;
        waits(&server, &mut alice, &mut bob).await.with_context(|| format!("{pair:?}"))?;
    }
    Ok(())
}

async fn waits(server: &Server, alice: &mut Someone, bob: &mut Someone) -> Result<()> {
    const COUNT: usize = 120;
    let at_bob = bob.address();
    bob.stock()?.leave().await?;
    for n in 0..COUNT {
        alice.say(&at_bob, &format!("w{n}"), &n.to_string()).await?;
    }
    bob.stock()?.log_in(server).await?;
    for n in 0..COUNT {
        let heard = bob.hear().await?;
        ensure!(heard.text == n.to_string(), "{} came instead of {n}", heard.text);
    }
    // It has shown that it has them: at the next login nothing of them comes again.
    bob.stock()?.all().await?;
    bob.stock()?.leave().await?;
    bob.stock()?.log_in(server).await?;
    alice.say(&at_bob, "last", "the last").await?;
    let heard = bob.hear().await?;
    ensure!(heard.text == "the last", "{} came again", heard.text);
    Ok(())
}

/// How many messages a native device has not read.
async fn unread(person: &mut Person) -> Result<u32> {
    let request = v1::ListConversationsRequest::default();
    let list: v1::ListConversationsReply = person.ask(operation::LIST_CONVERSATIONS, &request).await?;
    Ok(list.conversations.first().context("a conversation")?.unread)
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_of_one_account_have_what_its_xmpp_client_sends_and_reads_and_the_other_way_round() -> Result<()> {
    let server = Server::start("")?;
    let bob = account(&server, "bob")?;
    let mut bob = By::Native(Door::Bare).arrive(&server, &bob).await?;
    for (number, way) in Way::ALL.into_iter().enumerate() {
        let alice = account(&server, &format!("alice{number}"))?;
        let mut phone = By::Native(Door::ALL[number]).arrive(&server, &alice).await?;
        let mut desk = By::Stock(way).arrive(&server, &alice).await?;
        let mut desk2 = Someone::from(Stock::arrive(&server, way, &alice, PASSWORD, "second").await?);
        for n in 0..3 {
            bob.say(&alice, &format!("d{number}-{n}"), &format!("for you {n}")).await?;
        }
        let mut last = None;
        for device in [&mut phone, &mut desk, &mut desk2] {
            for n in 0..3 {
                let heard = device.hear().await?;
                ensure!(heard.text == format!("for you {n}"), "{way:?}: {heard:?}");
                last = Some(heard);
            }
        }
        let last = last.context("heard")?;
        ensure!(unread(phone.native()?).await? == 3, "{way:?}");
        desk2.mark_read(&last.from, &last.place).await?;
        desk2.stock()?.all().await?;
        ensure!(unread(phone.native()?).await? == 0, "{way:?}: read at the desk");
        desk.say(&last.from, "own", "from the desk").await?;
        ensure!(phone.sees_own().await? == "from the desk" && desk2.sees_own().await? == "from the desk");
        ensure!(bob.hear().await?.text == "from the desk");
        phone.say(&last.from, "own", "from the phone").await?;
        ensure!(desk.sees_own().await? == "from the phone" && desk2.sees_own().await? == "from the phone");
        ensure!(bob.hear().await?.text == "from the phone");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_ask_accept_refuse_name_remove_and_see_each_other_between_xmpp_and_native() -> Result<()> {
    let server = Server::start(AT_ONCE)?;
    for_every_pair!(&server, contacts);
    Ok(())
}

async fn contacts(alice: &mut Someone, bob: &mut Someone) -> Result<()> {
    let (at_alice, at_bob) = (alice.address(), bob.address());
    ensure!(alice.knows(&at_bob).await?.is_none() && bob.knows(&at_alice).await?.is_none(), "strangers");
    alice.request(&at_bob, "we met").await?;
    ensure!(bob.sees_request(&at_alice).await.context("request")? == "we met");
    let hers = alice.knows(&at_bob).await?.context("she has asked")?;
    ensure!(hers.asks && !hers.to && !hers.from, "{hers:?}");
    bob.decide(&at_alice, false).await?;
    settled(alice, &at_bob, "refused", |known| !known.asks && !known.to).await?;
    alice.request(&at_bob, "do you not remember").await?;
    ensure!(bob.sees_request(&at_alice).await.context("second request")? == "do you not remember");
    bob.decide(&at_alice, true).await?;
    settled(alice, &at_bob, "accepted", |known| known.to && !known.asks).await?;
    if let Someone::Stock(_) = bob
        && let Someone::Stock(_) = alice
    {
        alice.sees_request(&at_bob).await.context("the other way")?;
        alice.decide(&at_bob, true).await?;
    } else if !alice.knows(&at_bob).await?.is_some_and(|known| known.from) {
        alice.decide(&at_bob, true).await?;
    }
    settled(bob, &at_alice, "both ways", |known| known.to && known.from && !known.asks).await?;
    settled(alice, &at_bob, "both ways", |known| known.to && known.from && !known.asks).await?;
    alice.name(&at_bob, "Bobby", "Work").await?;
    settled(alice, &at_bob, "named", |known| known.name == "Bobby" && known.labels == ["Work"] && known.to).await?;
    there(alice, bob).await.context("presence of bob")?;
    there(bob, alice).await.context("presence of alice")?;
    alice.remove(&at_bob).await?;
    ensure!(alice.knows(&at_bob).await?.is_none(), "removed");
    settled(bob, &at_alice, "left by her", |known| !known.to && !known.from).await
}

/// One is seen by the other in all the ways that both doors know.
async fn there(seer: &mut Someone, seen: &mut Someone) -> Result<()> {
    let polls = |one: &Someone| match one {
        Someone::Native(person) => matches!(person.door, Door::HttpProtobuf | Door::HttpJson),
        Someone::Stock(_) => false,
    };
    if polls(seer) || polls(seen) {
        return Ok(()); // who only asks has no link by which they would be there, or be told
    }
    let at = seen.address();
    for (show, status) in [("away", "at lunch"), ("dnd", "not now"), ("", "back <here>")] {
        seen.be(show, status).await?;
        seer.sees(&at, show, status).await.with_context(|| format!("{show} {status}"))?;
    }
    Ok(())
}

/// Waits until somebody has a contact like this: the other side's deed may still be on its way.
async fn settled(who: &mut Someone, peer: &str, what: &str, like: impl Fn(&Known) -> bool) -> Result<()> {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let known = who.knows(peer).await?.unwrap_or_default();
        if like(&known) {
            return Ok(());
        }
        ensure!(std::time::Instant::now() < until, "not {what}: {known:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_reaches_who_blocks_between_xmpp_and_native_and_what_was_withheld_never_comes() -> Result<()> {
    let server = Server::start(AT_ONCE)?;
    for_every_pair!(&server, blocked);
    Ok(())
}

async fn blocked(alice: &mut Someone, bob: &mut Someone) -> Result<()> {
    let (at_alice, at_bob) = (alice.address(), bob.address());
    let before = bob.say(&at_alice, "b0", "before").await?;
    alice.hear().await?;
    bob.ticked(&before, Tick::Delivered).await?;
    alice.block(&at_bob, true).await?;
    // All that Bob can do to her, while she blocks him.
    bob.say(&at_alice, "b1", "withheld").await?;
    bob.edit(&at_alice, &before, "edited withheld").await?;
    bob.react(&at_alice, &before, "😡").await?;
    bob.write(&at_alice, true).await?;
    bob.request(&at_alice, "withheld request").await?;
    if let Someone::Stock(stock) = bob {
        stock.all().await?; // the server has taken all of it before she lets him in again
    }
    // She does not write to him either.
    match alice {
        Someone::Native(_) => ensure!(alice.say(&at_bob, "b2", "not sent").await.is_err(), "she blocks him"),
        Someone::Stock(_) => {
            alice.say(&at_bob, "b2", "not sent").await?;
            let wanted = |stanza: &belfry_xmpp::xml::Element| {
                (stanza.get("id") == Some("b2") && stanza.get("type") == Some("error")).then_some(())
            };
            alice.stock()?.next(wanted).await?;
        }
    }
    alice.block(&at_bob, false).await?;
    bob.say(&at_alice, "b3", "after").await?;
    let heard = alice.hear().await?;
    ensure!(heard.text == "after", "{heard:?}");
    let all = match alice {
        Someone::Native(person) => format!("{:?}", person.read_all().await?),
        Someone::Stock(stock) => {
            let kept: Vec<String> = stock.all().await?.iter().map(belfry_xmpp::xml::Element::to_text).collect();
            kept.join("\n")
        }
    };
    for text in ["withheld", "😡", "composing"] {
        ensure!(!all.contains(text), "{text} has reached her: {all}");
    }
    Ok(())
}
