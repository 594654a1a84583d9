//! Where which answer stands: offsets, never bodies.

use crate::note::{Asked, Ended, Note};
use core::time::Duration;
use crawlspace::{Failure, Identity, Method, Request};
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use url::Url;

/// The answers of an archive by URL. About a hundred bytes an answer, however large it is.
#[derive(Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    /// The last answer for each URL.
    urls: HashMap<u128, u32>,
    keys: (RandomState, RandomState),
}

/// One answer.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Where the record is: the file's number, and the byte.
    pub(super) place: Place,
    pub(super) what: What,
    /// When it was recorded; see `Fields::date`.
    pub(super) date: u64,
    pub(super) how: How,
    /// The answer for the same URL before this one.
    before: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: u32,
    pub(super) offset: u64,
}

/// What the record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Nothing: there was no response.
    Nothing,
    Response,
    /// A file, without a head.
    Resource,
    /// At most a head; the body is that of another record, once that is found.
    Revisit {
        original: Option<Place>,
        is_resource: bool,
        has_head: bool,
    },
}

/// How it came to be asked for, as far as that is known.
#[derive(Clone, Debug)]
pub(super) enum How {
    /// By another tool, with this method.
    Others(Option<Method>),
    /// By crawlspace.
    Own { asked: Asked, ended: Ended, first_byte: Duration, total: Duration },
}

impl From<Note> for How {
    fn from(note: Note) -> Self {
        let (first_byte, total) = (note.first_byte(), note.total());
        Self::Own { asked: note.asked, ended: note.ended, first_byte, total }
    }
}

impl Index {
    /// Adds an answer; gives its number.
    pub(super) fn add(&mut self, url: &Url, place: Place, date: u64, what: What, how: How) -> u32 {
        let number = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let key = self.key(url);
        let before = self.urls.insert(key, number);
        self.entries.push(Entry { place, what, date, how, before });
        number
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut Entry> {
        self.entries.get_mut(number as usize)
    }

    pub(super) fn get(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All answers for a URL, given by its [`key`](Self::key), the last one first.
    pub(super) fn of(&self, key: u128) -> impl Iterator<Item = &Entry> {
        let mut next = self.urls.get(&key).copied();
        core::iter::from_fn(move || {
            let entry = self.get(next?)?;
            next = entry.before;
            Some(entry)
        })
    }

    /// The answer to a request: the one to this very request, else the one to the most like it.
    pub(super) fn find(&self, request: &Request) -> Option<&Entry> {
        let asked = Asked::by(request);
        let mut best: Option<(Likeness, &Entry)> = None;
        for entry in self.of(self.key(&request.url)) {
            let Some(likeness) = entry.likeness(&asked) else { continue };
            // Of equals the last one counts, and they come last first.
            if best.as_ref().is_none_or(|(known, _)| likeness > *known) {
                best = Some((likeness, entry));
            }
        }
        best.map(|(_, entry)| entry)
    }

    /// Scheme, host, port, path and query, in the one spelling of all. User information is never sent, so it tells
    /// no answer from another.
    pub(super) fn key(&self, url: &Url) -> u128 {
        let mut url = url.clone();
        // Fails only for URLs that have no host, and so nothing to leave out.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        self.hash(Identity::of(&url).as_str())
    }

    /// What stands for a text, however long: a stranger's archive must not cost more than its records do.
    pub(super) fn hash(&self, text: &str) -> u128 {
        let (high, low) = (self.keys.0.hash_one(text), self.keys.1.hash_one(text));
        u128::from(high) << 64 | u128::from(low)
    }
}

/// How well an answer fits a request; greater is better. Ours come before others', the same method before another
/// one, then the same attempt, or the last before it, or the first after it.
type Likeness = (bool, bool, i64, bool, bool);

/// Less than any attempt before the one that is wanted.
const AFTER: i64 = -(1 << 33);

impl Entry {
    /// What it failed with when it was recorded.
    pub(super) fn failure(&self) -> Option<Failure> {
        match &self.how {
            How::Own { ended: Ended::Failed(failure), .. } => Some(failure.clone()),
            How::Own { .. } | How::Others(_) => None,
        }
    }

    /// `None` if it does not answer such a request at all.
    fn likeness(&self, asked: &Asked) -> Option<Likeness> {
        match &self.how {
            How::Own { asked: known, .. } => {
                let (wanted, has) = (i64::from(asked.attempt), i64::from(known.attempt));
                let nearness = if has <= wanted { has - wanted } else { AFTER - has };
                let (kind, need) = (known.kind == asked.kind, known.need == asked.need);
                Some((true, known.method == asked.method, nearness, kind, need))
            }
            How::Others(Some(Method::Get)) => Some((false, asked.method == Method::Get, 0, false, false)),
            How::Others(Some(Method::Head)) if asked.method == Method::Head => {
                Some((false, true, 0, false, false))
            }
            How::Others(_) => None,
        }
    }
}
