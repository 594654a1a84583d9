//! The URL table and visited set in one: every URL the crawl knows, its text stored once.

mod saved;

use super::output::UrlId;
use crate::fetch::Need;
use crate::seed::HashKey;
use crate::store::{Arena, Chunks, TextRef};
use hashbrown::HashTable;

/// What has become of a URL so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Known by name, but no link that counts leads there (yet).
    Named,
    /// Decided not to be asked for; `detail` says why.
    OutOfScope,
    /// Text that is not a URL.
    Invalid,
    /// Held back by a limit that a shorter way may lift; `detail` says which.
    Held,
    /// Found, and waiting for its depth to come up (ordered mode).
    Candidate,
    /// Waiting for its host's turn.
    Queued,
    /// Waiting to be tried again.
    Waiting,
    /// Being fetched.
    InFlight,
    /// Answered, and not by a redirect that is followed; `detail` holds its [`Facts`].
    Answered,
    /// Answered by a redirect; `detail` is its number.
    Redirected,
    /// No answer could be had; `detail` is the failure's number.
    Failed,
    /// Its turn came, and it was not asked for; `detail` says why.
    Skipped,
}

impl State {
    pub(super) const fn is_terminal(self) -> bool {
        matches!(self, Self::Answered | Self::Redirected | Self::Failed | Self::Skipped)
    }
}

/// One URL. Kept small: a crawl has millions.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) rest: TextRef,
    pub(super) origin: u32,
    /// Meaning depends on `state`.
    pub(super) detail: u32,
    /// Number of the document it answered with, or [`Row::NO_PAGE`].
    pub(super) page: u32,
    pub(super) depth: u16,
    pub(super) status: u16,
    pub(super) state: State,
    /// What the answer was asked for.
    pub(super) got: Need,
    pub(super) attempts: u8,
    /// Redirects in a row that lead here, counted from a URL that is linked to; the least over all ways.
    pub(super) hops: u8,
    pub(super) flags: Flags,
}

impl Row {
    pub(super) const NO_PAGE: u32 = u32::MAX;

    /// What the ways to it need of an answer that is only checked, as far as they are known.
    pub(super) const fn need(&self) -> Need {
        if self.flags.has(Flags::NEEDS_IDS) { Need::Ids } else { Need::Status }
    }
}

const _: () = assert!(size_of::<Row>() == 28, "a crawl has millions of rows");

/// What an answer showed, one bit each: the detail of a URL that is [`State::Answered`].
pub(super) struct Facts;

impl Facts {
    /// It bears the marks of a bot wall.
    pub(super) const CHALLENGE: u32 = 1;
    /// Its body was larger than the cap.
    pub(super) const TOO_LARGE: u32 = 1 << 1;
    /// It redirects to what is not a URL.
    pub(super) const BAD_LOCATION: u32 = 1 << 2;
}

/// Facts of a URL, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(pub(super) u16);

impl Flags {
    /// Given by the embedder.
    pub(super) const SEED: Self = Self(1);
    /// Given as an item of its own.
    pub(super) const EACH: Self = Self(1 << 1);
    /// In reach: to be crawled.
    pub(super) const CRAWL: Self = Self(1 << 2);
    /// Named by a link to follow, not only by one to a resource.
    pub(super) const FOLLOWED: Self = Self(1 << 3);
    /// Counted against the page limit.
    pub(super) const PAGE_COUNTED: Self = Self(1 << 4);
    /// HEAD brought no clear answer: to be asked for with GET.
    pub(super) const NO_HEAD: Self = Self(1 << 5);
    /// GET was tried without HEAD and brought no good answer: to be asked for with HEAD, whatever is known of its host.
    pub(super) const ASKS_HEAD: Self = Self(1 << 8);
    /// What GET has brought is kept in the row, in case that HEAD brings nothing better.
    pub(super) const GET_KEPT: Self = Self(1 << 9);
    /// Linked to, or given: a row of the report.
    pub(super) const LINKED: Self = Self(1 << 6);
    /// Counted against its host's limit.
    pub(super) const HOST_COUNTED: Self = Self(1 << 10);
    /// In the queue of things to pass on.
    pub(super) const SPREADING: Self = Self(1 << 11);
    /// A link names a fragment of it.
    pub(super) const NEEDS_IDS: Self = Self(1 << 13);
    /// Asked for at least once.
    pub(super) const ASKED: Self = Self(1 << 12);
    /// Named by a link that a crawl may go through, where robots are obeyed.
    pub(super) const OPEN: Self = Self(1 << 7);
    /// Where a seed redirects within its site.
    pub(super) const SEED_LEADS_HERE: Self = Self(1 << 14);

    /// Whether what is of its origin belongs to what the crawl is for.
    pub(super) const fn leads_a_crawl(self) -> bool {
        self.has(Self::SEED) || self.has(Self::SEED_LEADS_HERE)
    }

    /// Whether it is a page, and not counted against the page limit yet.
    pub(super) const fn is_uncounted_page(self) -> bool {
        self.has(Self::CRAWL) && self.has(Self::FOLLOWED) && !self.has(Self::PAGE_COUNTED)
    }

    pub(super) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    /// Whether all of these are set.
    pub(super) const fn has_all(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    pub(super) const fn set(&mut self, flag: Self) {
        self.0 |= flag.0;
    }

    pub(super) fn clear(&mut self, flag: Self) {
        self.0 &= !flag.0;
    }
}

/// All URLs in order of discovery, and the way to find one by its text.
#[derive(Clone, Debug)]
pub(super) struct Urls {
    key: HashKey,
    index: HashTable<u32>,
    rows: Chunks<Row>,
    arena: Arena,
}

impl Urls {
    pub(super) fn new(key: HashKey) -> Self {
        Self { key, index: HashTable::new(), rows: Chunks::default(), arena: Arena::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The URL with this text, added if it is new; whether it is. `None` once the table is full (4 GiB of text).
    pub(super) fn intern(&mut self, origin: u32, rest: &str) -> Option<(UrlId, bool)> {
        let Self { key, index, rows, arena } = self;
        let hash = hash(*key, origin, rest);
        let same = |&id: &u32| {
            let row: &Row = &rows[id];
            row.origin == origin && arena.get(row.rest) == rest
        };
        if let Some(&id) = index.find(hash, same) {
            return Some((UrlId(id), false));
        }
        let id = Self::append(rows, arena, origin, rest)?;
        index.insert_unique(hash, id.0, |&id| {
            let row = &rows[id];
            self::hash(*key, row.origin, arena.get(row.rest))
        });
        Some((id, true))
    }

    /// The URL with this text, if it is known.
    pub(super) fn find(&self, origin: u32, rest: &str) -> Option<UrlId> {
        let same = |&id: &u32| self.rows[id].origin == origin && self.arena.get(self.rows[id].rest) == rest;
        self.index.find(hash(self.key, origin, rest), same).map(|id| UrlId(*id))
    }

    /// A URL of its own, even if its text is known, which no link finds.
    pub(super) fn append_item(&mut self, origin: u32, rest: &str) -> Option<UrlId> {
        Self::append(&mut self.rows, &mut self.arena, origin, rest)
    }

    fn append(rows: &mut Chunks<Row>, arena: &mut Arena, origin: u32, rest: &str) -> Option<UrlId> {
        let id = u32::try_from(rows.len()).ok().filter(|id| *id < u32::MAX)?;
        rows.push(Row {
            rest: arena.push(rest)?,
            origin,
            detail: 0,
            page: Row::NO_PAGE,
            depth: u16::MAX,
            status: 0,
            state: State::Named,
            got: Need::Status,
            attempts: 0,
            hops: u8::MAX,
            flags: Flags::default(),
        });
        Some(UrlId(id))
    }

    /// Path and query.
    pub(super) fn rest(&self, id: UrlId) -> &str {
        self.arena.get(self.rows[id.0].rest)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = UrlId> + use<> {
        (0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)).map(UrlId)
    }
}

impl core::ops::Index<UrlId> for Urls {
    type Output = Row;

    fn index(&self, id: UrlId) -> &Row {
        &self.rows[id.0]
    }
}

impl core::ops::IndexMut<UrlId> for Urls {
    fn index_mut(&mut self, id: UrlId) -> &mut Row {
        &mut self.rows[id.0]
    }
}

fn hash(key: HashKey, origin: u32, rest: &str) -> u64 {
    // The origin's number goes into the key, which saves hashing it.
    HashKey(key.0 ^ u64::from(origin), key.1).hash(rest.as_bytes())
}
