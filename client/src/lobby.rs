//! The lobby as one client sees it: under which name it is there, and up to which message it has been told.
//!
//! Joins, notifications and polls come in; news that were not told before leave. The server keeps the lobby's messages,
//! so nothing of it is stored here. Invariant: no message is told twice, whatever overlaps.

use tokio::sync::oneshot;

use belfry_wire::v1;

use crate::error::ClientError;
use crate::model::LobbyNews;

/// Told how a guest's first join ended.
pub(crate) type Joining = oneshot::Sender<Result<LobbyNews, ClientError>>;

#[derive(Debug, Default)]
pub(crate) struct Lobby {
    /// Under which name this client wants to be there; empty: an account under its own.
    pub(crate) wanted: Option<String>,
    /// A guest's token, to come back under the same name.
    pub(crate) token: Option<String>,
    /// The last message that was told.
    cseq: u64,
    participants_version: u64,
    /// Who asked to join as a guest and waits for the answer.
    pub(crate) joining: Option<Joining>,
}

impl Lobby {
    /// What a join brings; on a return only what was missed.
    pub(crate) fn joined(&mut self, reply: v1::LobbyJoinReply) -> LobbyNews {
        if !reply.token.is_empty() {
            self.token = Some(reply.token);
        }
        self.wanted = Some(reply.name);
        let first = self.cseq == 0;
        let oldest = reply.messages.first().map_or(reply.cseq + 1, |message| message.cseq);
        // The first join shows what is there; older messages are no gap, they can be asked for.
        let gap = !first && oldest > self.cseq + 1;
        self.participants_version = reply.participants_version;
        LobbyNews { messages: self.fresh(reply.messages, reply.cseq), participants: Some(reply.participants), gap }
    }

    /// What an update brings.
    pub(crate) fn updated(&mut self, update: v1::LobbyUpdate) -> LobbyNews {
        let participants = update.participants_changed.then_some(update.participants);
        self.participants_version = update.participants_version;
        LobbyNews { messages: self.fresh(update.messages, update.cseq), participants, gap: update.gap }
    }

    /// Asks for what was missed.
    pub(crate) fn poll(&self) -> v1::LobbyPollRequest {
        v1::LobbyPollRequest { after_cseq: self.cseq, participants_version: self.participants_version, wait_ms: 0 }
    }

    /// Gone from there; the place stays, for a return.
    pub(crate) fn left(&mut self) {
        self.wanted = None;
        self.token = None;
    }

    fn fresh(&mut self, mut messages: Vec<v1::LobbyMessage>, cseq: u64) -> Vec<v1::LobbyMessage> {
        // A lobby that began anew numbers from the start: everything is new again.
        if cseq < self.cseq {
            self.cseq = 0;
        }
        messages.retain(|message| message.cseq > self.cseq);
        self.cseq = self.cseq.max(cseq);
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(range: std::ops::RangeInclusive<u64>) -> Vec<v1::LobbyMessage> {
        range.map(|cseq| v1::LobbyMessage { cseq, ..Default::default() }).collect()
    }

    fn numbers(news: &LobbyNews) -> Vec<u64> {
        news.messages.iter().map(|message| message.cseq).collect()
    }

    fn join(range: std::ops::RangeInclusive<u64>) -> v1::LobbyJoinReply {
        v1::LobbyJoinReply { cseq: *range.end(), messages: messages(range), ..Default::default() }
    }

    fn update(range: std::ops::RangeInclusive<u64>) -> v1::LobbyUpdate {
        v1::LobbyUpdate { cseq: *range.end(), messages: messages(range), ..Default::default() }
    }

    #[test]
    fn what_overlaps_is_told_once() {
        let mut lobby = Lobby::default();
        assert_eq!(numbers(&lobby.joined(join(3..=5))), [3, 4, 5]);
        assert_eq!(numbers(&lobby.updated(update(5..=6))), [6]);
        let back = lobby.joined(join(4..=8));
        assert_eq!((numbers(&back), back.gap), (vec![7, 8], false));
        let late = lobby.joined(join(20..=21));
        assert_eq!((numbers(&late), late.gap), (vec![20, 21], true));
    }

    #[test]
    fn a_lobby_that_began_anew_is_told_anew() {
        let mut lobby = Lobby::default();
        lobby.joined(join(3..=50));
        assert_eq!(numbers(&lobby.joined(join(1..=2))), [1, 2]);
    }
}
