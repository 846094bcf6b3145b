//! A proxy between clients and a good server that lies, in sixteen ways: `belfry verify` finds each lie and names it.
//!
//! The proxy speaks bare frames, so it can change what passes. It tells its lie now and then; what else is allowed to be found follows from the lie: a device that was not told a message
//! acknowledges it all the same, for example, and so the tick is false too.

#![expect(clippy::disallowed_methods, reason = "a test owns its tasks")]

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use belfry::admin::client::ask;
use belfry::admin::{Answer, Password, Request};
use belfry::cli::verify::{Account, Door, Outcome, Plan, Target, run};
use belfry_client::ledger::Kind;
use belfry_domain::Secret;
use belfry_testkit::Server;
use belfry_wire::frame::FRAME_BYTES_MAX;
use belfry_wire::v1::event::Item;
use belfry_wire::{Decoder, Frame, Framing, operation, v1};
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Messages of a run; enough that every lie finds its chance.
const MESSAGES: u64 = 90;

/// A lie is told at every third chance: one that falls on a notification that the client does not take is no lie.
const CHANCE: u32 = 3;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lie {
    /// None.
    Honest,
    /// Answers a send itself and never passes it on.
    Swallow,
    /// Passes a send on twice, the second time under another id.
    ForgetTheId,
    /// Sends something that nobody wrote.
    Invent,
    /// Says that a message is stored elsewhere than it is.
    NameAnotherPlace,
    /// Says that a message is refused, which is stored.
    Refuse,
    /// Leaves a message out of a notification, and moves the key past it.
    Skip,
    /// Changes a text.
    ChangeTheText,
    /// Changes the sender.
    ChangeTheSender,
    /// Tells somebody a message between two others.
    TellAStranger,
    /// Says delivered before it is.
    SayDelivered,
    /// Says read before it is.
    SayRead,
    /// Takes a receipt back.
    TakeBack,
    /// Gives a key that lies before the one that the device has.
    GiveAnOldKey,
    /// Hides a message from the history.
    Hide,
    /// Has a message twice in the history.
    Double,
    /// Exchanges two messages of the history.
    Exchange,
    /// Hides the receipts from the history.
    HideReceipts,
}

/// Each lie, as what it has to be found, and what may be found with it.
const LIES: [(Lie, Kind, &[Kind]); 17] = [
    (Lie::Swallow, Kind::Lost, &[]),
    (Lie::ForgetTheId, Kind::Duplicated, &[Kind::Reordered]),
    (Lie::Invent, Kind::Phantom, &[]),
    (Lie::NameAnotherPlace, Kind::Reordered, &[]),
    (Lie::Refuse, Kind::Resurrected, &[]),
    (Lie::Skip, Kind::Skipped, &[Kind::FalseDelivered]),
    (Lie::ChangeTheText, Kind::Altered, &[]),
    (Lie::ChangeTheSender, Kind::Altered, &[]),
    (Lie::TellAStranger, Kind::Leaked, &[]),
    (Lie::SayDelivered, Kind::FalseDelivered, &[Kind::ReceiptTakenBack]),
    (Lie::SayRead, Kind::FalseRead, &[Kind::ReceiptTakenBack]),
    (Lie::TakeBack, Kind::ReceiptTakenBack, &[]),
    (Lie::GiveAnOldKey, Kind::KeyWentBack, &[]),
    (Lie::Hide, Kind::Lost, &[Kind::Vanished]),
    (Lie::Double, Kind::Duplicated, &[]),
    (Lie::Exchange, Kind::Reordered, &[]),
    (Lie::HideReceipts, Kind::ReceiptLost, &[Kind::ReceiptTakenBack]),
];

/// What all connections of one proxy share.
struct Liar {
    lie: Lie,
    chances: u32,
    /// A message that passed, for those whom it does not concern.
    overheard: Option<v1::Event>,
}

/// One connection.
#[derive(Default)]
struct Line {
    account: String,
    /// What was asked under which number of the client.
    asked: HashMap<u32, (u32, Bytes)>,
    /// Receipts that passed, by conversation.
    receipts: HashMap<u64, u32>,
}

impl Liar {
    /// Whether this is the chance.
    fn now(&mut self, lie: Lie) -> bool {
        if self.lie != lie {
            return false;
        }
        self.chances += 1;
        self.chances.is_multiple_of(CHANCE)
    }

    /// A frame of the client: what goes to the server, and what comes back to the client at once. Numbers are doubled,
    /// so that the proxy has numbers of its own between them.
    fn up(&mut self, line: &mut Line, frame: &Frame) -> (Vec<Frame>, Vec<Frame>) {
        line.asked.insert(frame.seq_id, (frame.operation, frame.body.clone()));
        let passed = Frame { seq_id: frame.seq_id * 2, ..frame.clone() };
        if frame.operation != operation::SEND {
            return (vec![passed], Vec::new());
        }
        if self.now(Lie::Swallow) {
            let reply = v1::SendReply {
                conversation_id: 1,
                cseq: 1_000_000 + u64::from(self.chances),
                sent_at_ms: 1,
                ..Default::default()
            };
            return (Vec::new(), vec![Frame { body: reply.encode_to_vec().into(), ..frame.clone() }]);
        }
        let mut own = None;
        if let Ok(mut request) = v1::SendRequest::decode(frame.body.clone()) {
            request.client_message_id.push_str("-again");
            if self.now(Lie::Invent) {
                request.content.get_or_insert_default().text = "what nobody wrote".to_owned();
                own = Some(request);
            } else if self.now(Lie::ForgetTheId) {
                own = Some(request);
            }
        }
        let own = own.map(|request| Frame {
            seq_id: frame.seq_id * 2 + 1,
            operation: operation::SEND,
            body: request.encode_to_vec().into(),
        });
        (std::iter::once(passed).chain(own).collect(), Vec::new())
    }

    /// A frame of the server, as the client gets it.
    fn down(&mut self, line: &mut Line, frame: Frame) -> Option<Frame> {
        if frame.seq_id == 0 {
            return Some(if frame.operation == operation::NOTIFY { self.notify(line, frame) } else { frame });
        }
        if frame.seq_id % 2 == 1 {
            return None; // the answer to a request of the proxy's own
        }
        let mut frame = Frame { seq_id: frame.seq_id / 2, ..frame };
        let (asked, request) = line.asked.remove(&frame.seq_id).unwrap_or_default();
        if frame.operation != asked {
            return Some(frame);
        }
        match asked {
            operation::LOGIN => {
                line.account = v1::LoginReply::decode(frame.body.clone()).unwrap_or_default().address;
            }
            operation::SEND => self.answer(&mut frame),
            operation::SYNC => {
                let request = v1::SyncRequest::decode(request).unwrap_or_default();
                let from_the_beginning = request.key.is_none_or(|key| key.list.is_empty()) && !request.subscribe;
                if from_the_beginning && let Ok(mut reply) = v1::SyncReply::decode(frame.body.clone()) {
                    self.history(&mut reply);
                    frame.body = reply.encode_to_vec().into();
                }
            }
            _ => {}
        }
        Some(frame)
    }

    fn answer(&mut self, frame: &mut Frame) {
        if self.now(Lie::NameAnotherPlace) {
            let mut reply = v1::SendReply::decode(frame.body.clone()).unwrap_or_default();
            reply.cseq += 1_000_000;
            (reply.previous, reply.key) = (None, None);
            frame.body = reply.encode_to_vec().into();
        } else if self.now(Lie::Refuse) {
            let error = v1::Error { code: "forbidden".into(), message: "No.".into(), retry_after_ms: 0 };
            frame.operation = operation::ERROR;
            frame.body = error.encode_to_vec().into();
        }
    }

    fn notify(&mut self, line: &mut Line, mut frame: Frame) -> Frame {
        let Ok(mut notify) = v1::Notify::decode(frame.body.clone()) else { return frame };
        let foreign = |event: &v1::Event| match &event.item {
            Some(Item::Message(message)) => message.from != line.account,
            _ => false,
        };
        if let Some(at) = notify.events.iter().position(foreign) {
            if self.now(Lie::Skip) {
                notify.events.remove(at);
            } else if self.now(Lie::GiveAnOldKey) {
                for value in &mut notify.key.get_or_insert_default().list {
                    value.val = value.val.saturating_sub(3);
                }
            } else if let Some(Item::Message(message)) = &mut notify.events[at].item {
                if self.now(Lie::ChangeTheText) {
                    message.content.get_or_insert_default().text.push('!');
                } else if self.now(Lie::ChangeTheSender) {
                    message.from = "mallory@localhost".to_owned();
                } else if self.lie == Lie::TellAStranger && self.overheard.is_none() {
                    self.overheard = Some(notify.events[at].clone());
                }
            }
        }
        for event in &mut notify.events {
            let Some(Item::Receipt(receipt)) = &mut event.item else { continue };
            let passed = line.receipts.entry(receipt.conversation_id).or_default();
            *passed += 1;
            let unread = receipt.read_cseq < receipt.delivered_cseq;
            if self.now(Lie::SayDelivered) {
                receipt.delivered_cseq += 1_000;
            } else if unread && self.now(Lie::SayRead) {
                receipt.read_cseq = receipt.delivered_cseq + 1_000;
            } else if *passed > 2 && self.now(Lie::TakeBack) {
                (receipt.delivered_cseq, receipt.read_cseq) = (0, 0);
            } else if let Some(Item::Message(message)) = self.overheard.as_ref().and_then(|event| event.item.as_ref())
                && message.from != line.account
                && message.to != line.account
            {
                event.item = Some(Item::Message(message.clone()));
                self.overheard = None;
                // A telling may be passed over by a sync that overtakes it, but not three.
                self.chances += 1;
                if self.chances == 3 {
                    self.lie = Lie::Honest;
                }
            }
        }
        frame.body = notify.encode_to_vec().into();
        frame
    }

    fn history(&mut self, reply: &mut v1::SyncReply) {
        let is_message = |event: &v1::Event| matches!(event.item, Some(Item::Message(_)));
        let messages: Vec<usize> = (0..reply.events.len()).filter(|at| is_message(&reply.events[*at])).collect();
        match self.lie {
            Lie::HideReceipts => reply.events.retain(|event| !matches!(event.item, Some(Item::Receipt(_)))),
            Lie::Hide if messages.len() > 4 && self.chances == 0 => {
                reply.events.remove(messages[3]);
                self.chances = 1;
            }
            Lie::Double if messages.len() > 4 && self.chances == 0 => {
                let copy = reply.events[messages[3]].clone();
                reply.events.insert(messages[3] + 1, copy);
                self.chances = 1;
            }
            Lie::Exchange if messages.len() > 4 && self.chances == 0 => {
                let conversation = |at: usize| match &reply.events[at].item {
                    Some(Item::Message(message)) => message.conversation_id,
                    _ => 0,
                };
                let first = messages[0];
                if let Some(second) = messages[1..].iter().find(|at| conversation(**at) == conversation(first)) {
                    reply.events.swap(first, *second);
                    self.chances = 1;
                }
            }
            _ => {}
        }
    }
}

/// Opens a port that leads to the server, past the liar.
async fn lying(server: SocketAddr, lie: Lie) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let liar = Arc::new(Mutex::new(Liar { lie, chances: 0, overheard: None }));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            // A connection that ends is the clients' business.
            tokio::spawn(line(client, server, liar.clone()));
        }
    });
    Ok(address)
}

async fn line(mut client: TcpStream, server: SocketAddr, liar: Arc<Mutex<Liar>>) -> Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let mut preamble = [0; 8];
    client.read_exact(&mut preamble).await?;
    server.write_all(&preamble).await?;
    server.read_exact(&mut preamble).await?;
    client.write_all(&preamble).await?;
    let mut decoder = Decoder::new(Framing::Sync);
    decoder.set_frame_bytes_max(FRAME_BYTES_MAX);
    let (mut from_client, mut from_server) = (BytesMut::new(), BytesMut::new());
    let mut line = Line::default();
    loop {
        let read = tokio::select! {
            read = client.read_buf(&mut from_client) => read?,
            read = server.read_buf(&mut from_server) => read?,
        };
        ensure!(read > 0, "the end");
        let (mut up, mut down) = (BytesMut::new(), BytesMut::new());
        while let Some(frame) = decoder.decode(&mut from_client)? {
            let (passed, answered) = liar.lock().up(&mut line, &frame);
            passed.iter().for_each(|frame| frame.encode(Framing::Sync, &mut up));
            answered.iter().for_each(|frame| frame.encode(Framing::Sync, &mut down));
        }
        while let Some(frame) = decoder.decode(&mut from_server)? {
            if let Some(frame) = liar.lock().down(&mut line, frame) {
                frame.encode(Framing::Sync, &mut down);
            }
        }
        server.write_all(&up).await?;
        client.write_all(&down).await?;
    }
}

async fn accounts(server: &Server, lie: Lie) -> Result<Vec<Account>> {
    let mut accounts = Vec::new();
    for name in ["ann", "ben", "cleo"] {
        let address = format!("{name}-{}@localhost", format!("{lie:?}").to_lowercase());
        let password = "correct horse battery staple".to_owned();
        let secret = Some(Password(Secret::new(password.clone())));
        let request = Request::AccountAdd { address: address.clone(), password: secret };
        let answer = ask(&server.data().join("admin.sock"), &request).await?;
        ensure!(answer == Answer::Done, "{answer:?}");
        accounts.push(Account { address, password });
    }
    Ok(accounts)
}

async fn verified(server: &Server, lie: Lie) -> Result<Outcome> {
    let at = lying(server.address, lie).await?;
    let plan = Plan {
        target: Target { host: at.ip().to_string(), port: at.port(), tls: None, tls_everywhere: false, process: None },
        accounts: accounts(server, lie).await?,
        doors: vec![Door::Tcp],
        faults: Vec::new(),
        messages: Some(MESSAGES),
        time: Duration::from_secs(60),
        seed: 1,
        heal: Duration::from_secs(60),
    };
    run(&plan, &|_| {}).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_lie_of_a_server_is_found_and_named_and_an_honest_one_is_clean() -> Result<()> {
    let server = Server::start("")?;
    let honest = verified(&server, Lie::Honest).await?;
    ensure!(honest.is_clean(), "{:#?}", honest.report.violations);
    ensure!(honest.report.acknowledged as u64 == MESSAGES, "{:?}", honest.report);
    let mut wrong = Vec::new();
    for (lie, kind, follows) in LIES {
        let outcome = verified(&server, lie).await.map_err(|error| error.context(format!("{lie:?}")))?;
        let found = outcome.report.kinds();
        println!("{lie:?}: {:?}", outcome.report.counts);
        let right = found.contains(&kind) && found.iter().all(|found| *found == kind || follows.contains(found));
        if !right {
            wrong.push(format!("{lie:?} is to be found as {kind:?}: {:#?}", outcome.report.violations));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
