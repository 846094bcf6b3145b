//! Streams over requests, for pages that can have no WebSocket. XEP-0124, XEP-0206.
//!
//! A POST comes in, its elements go to the session that it names, its answer leaves when there is something to tell.
//! Invariant: who knows the name of a session is its client; names cannot be guessed.

mod session;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use belfry_engine::Peer;
use parking_lot::Mutex;
use tokio::time::timeout;

use self::session::{Brought, Carried, Session, Taken, Wishes, wrap};
use super::{Admitted, Refused, Web, admit, said};
use crate::door::serve_frames;
use crate::limits::{BODY_ROOM, BODY_TIME, BOSH_SESSIONS_MAX, BOSH_WAIT_MAX};
use crate::ns;
use crate::xml::{Element, Fault, Item, Limits, Opening, alone};

/// All sessions by their names.
#[derive(Default)]
pub(super) struct Sessions {
    by_sid: Mutex<HashMap<String, Arc<Session>>>,
}

pub(super) async fn bind(State(web): State<Web>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let admitted = match admit(&web, &parts) {
        Ok(admitted) => admitted,
        Err(refused) => return refused.answer(),
    };
    let read = timeout(BODY_TIME, to_bytes(body, Limits::MEMBER.stanza_bytes + BODY_ROOM)).await;
    let refused = match read {
        Ok(Ok(text)) => {
            let answer = answer(&web, &admitted, &text).await;
            return admitted.dress(said(StatusCode::OK, "text/xml; charset=utf-8", answer));
        }
        Ok(Err(_)) => Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "The body broke off, or is larger than a stanza."),
        Err(_) => Refused::new(StatusCode::REQUEST_TIMEOUT, "The body came too slowly."),
    };
    admitted.dress(refused.answer())
}

async fn answer(web: &Web, admitted: &Admitted, text: &[u8]) -> String {
    let whole = Limits { stanza_bytes: Limits::MEMBER.stanza_bytes + BODY_ROOM };
    let body = alone(text, whole).ok().filter(|body| body.is(ns::HTTP_BIND, "body"));
    let Some(body) = body else { return terminate("bad-request") };
    let Some(rid) = number(&body, "rid") else { return terminate("bad-request") };
    let session = match body.get("sid") {
        None => begin(web, admitted, &body, rid),
        Some(sid) => web.inner.sessions.by_sid.lock().get(sid).cloned(),
    };
    let Some(session) = session else {
        return terminate(if body.get("sid").is_some() { "item-not-found" } else { "policy-violation" });
    };
    let limits = session.limits();
    if limits == Limits::MEMBER {
        web.inner.listener.logged_in();
    }
    let items = if text.len() > limits.stanza_bytes + BODY_ROOM {
        vec![Err(Fault::TooMuch("the bytes that one stanza may have"))]
    } else {
        items(&body)
    };
    let pause = number(&body, "pause").map(Duration::from_secs);
    match session.take(Brought { rid, items, pause }) {
        Taken::Again(text) => text,
        Taken::Unknown => terminate("item-not-found"),
        Taken::Held(mut answer) => match timeout(session.wait(), &mut answer).await {
            Ok(answered) => answered.unwrap_or_else(|_replaced| empty()),
            Err(_elapsed) => {
                session.expire(rid);
                answer.try_recv().unwrap_or_else(|_replaced| empty())
            }
        },
    }
}

/// What the body of a request says.
fn items(body: &Element) -> Vec<Result<Item, Fault>> {
    let restart = body.attributes.iter().any(|known| known.ns == ns::XBOSH && known.name == "restart");
    let opens = restart || body.get("sid").is_none();
    let opening = opens.then(|| Ok(Item::Open(opening(body))));
    let elements = body.elements().map(|element| Ok(Item::Stanza(element.clone())));
    let closes = (body.get("type") == Some("terminate")).then_some(Ok(Item::Close));
    opening.into_iter().chain(elements).chain(closes).collect()
}

/// The beginning of a stream, as XEP-0206 §2 and §5 put it.
fn opening(body: &Element) -> Opening {
    let version = body.attributes.iter().find(|known| known.ns == ns::XBOSH && known.name == "version");
    // A stream that begins anew is what it was.
    let version = version.map(|known| known.value.clone()).or(body.get("sid").map(|_| "1.0".to_owned()));
    Opening { version, ..Opening::of(body) }
}

/// A new session and its stream; `None`: there are too many.
fn begin(web: &Web, admitted: &Admitted, body: &Element, rid: u64) -> Option<Arc<Session>> {
    let seconds = |name| number(body, name).unwrap_or(0);
    let wishes = Wishes {
        sid: web.inner.door.engine().random_text(),
        wait: Duration::from_secs(seconds("wait")).min(BOSH_WAIT_MAX),
        holds: seconds("hold") > 0,
    };
    let sid = wishes.sid.clone();
    let session = Arc::new(Session::new(wishes, rid));
    {
        let mut by_sid = web.inner.sessions.by_sid.lock();
        if by_sid.len() >= BOSH_SESSIONS_MAX {
            return None;
        }
        by_sid.insert(sid.clone(), session.clone());
    }
    let peer = Peer { carrier: if admitted.tls { "xmpp-bosh+tls" } else { "xmpp-bosh" }, ..admitted.peer.clone() };
    let (web, security, frames) = (web.clone(), admitted.security(), Carried(session.clone()));
    let _task = web.inner.tasks.clone().spawn(async move {
        let stop = web.inner.stop.clone();
        // How it ended is in the log of the door.
        let _outcome = serve_frames(frames, peer, security, &web.inner.door, stop).await;
        web.inner.sessions.by_sid.lock().remove(&sid);
    });
    Some(session)
}

fn number(body: &Element, name: &str) -> Option<u64> {
    // XEP-0124 §14: no number is over 2^53.
    body.get(name)?.parse().ok().filter(|number| *number <= 1 << 53)
}

fn empty() -> String {
    wrap(&Element::new(ns::HTTP_BIND, "body"), "")
}

/// XEP-0124 §17.
fn terminate(condition: &str) -> String {
    wrap(&Element::new(ns::HTTP_BIND, "body").attr("type", "terminate").attr("condition", condition), "")
}
