//! Records a crawl as it goes.

use super::error::JournalError;
use super::frame::Chain;
use super::record::{Input, Record};
use super::store::{File, Open, Store};
use core::time::Duration;
use crawlspace::codec::Answers;
use crawlspace::{Engine, Output, Time};

/// How a crawl is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) sync_every: Duration,
    pub(crate) sync_bytes: u64,
    /// How far a journal may grow before a new snapshot takes its place; or [further](Recorder::most), if the snapshot before
    /// it or the crawl is large. Further apart, snapshots cost less time and journals more room. While one takes the
    /// place of another, both are on the disk.
    pub(crate) rotate_after: u64,
    pub(crate) keep_history: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sync_every: Duration::from_secs(1),
            sync_bytes: 8 << 20,
            rotate_after: 8 << 20,
            keep_history: false,
        }
    }
}

/// What a state may take on the disk for each URL that is asked for, and for each link, beside their texts.
const BYTES_A_URL: u64 = 40;
const BYTES_A_LINK: u64 = 20;

/// Records that are not yet written may take this much.
const MOST_PENDING: usize = 1 << 20;

/// What has to be written, and where to.
///
/// The file has all that led to a fetch before that fetch is carried out, and all inputs before the loop rests: what
/// a killed process knew is known again but for the answers that it had not yet looked at. `fsync` comes after a time
/// or a number of bytes; a loss of power takes back what came after the last one.
pub(crate) struct Recorder {
    store: Store,
    settings: Settings,
    open: Open,
    /// What the journal tells already, for answers to refer to.
    answers: Answers,
    /// Records that are not yet written, behind room for the head of their frame.
    pending: Vec<u8>,
    /// Whether they tell more than that time has passed.
    has_news: bool,
    /// Polls since the last record.
    polled: u64,
    /// Bytes of the journal.
    written: u64,
    /// Of these, not yet synced.
    unsynced: u64,
    last_sync: Time,
}

impl Recorder {
    /// Puts the engine's state in place, and records what comes after it.
    pub(crate) fn begin(mut store: Store, settings: Settings, engine: &Engine) -> Result<Self, JournalError> {
        let open = store.begin(&engine.snapshot(), settings.keep_history)?;
        Ok(Self {
            store,
            settings,
            open,
            answers: Answers::default(),
            pending: Chain::ROOM.to_vec(),
            has_news: false,
            polled: 0,
            written: 0,
            unsynced: 0,
            last_sync: engine.now(),
        })
    }

    /// A turn begins: each poll until the next one is at this time.
    pub(crate) fn turn(&mut self, engine: &Engine, now: Time) -> Result<(), JournalError> {
        if self.written > self.settings.rotate_after
            && !self.settings.keep_history
            && self.written > self.most(engine)
        {
            self.rotate(engine)?;
        }
        if self.sync_due().is_some_and(|due| due <= now) || self.unsynced > self.settings.sync_bytes {
            self.sync(now)?;
        }
        self.push_polled();
        self.push(&Record::Turn(now));
        Ok(())
    }

    /// The engine is about to be given this.
    pub(crate) fn input(&mut self, input: &Input) -> Result<(), JournalError> {
        self.push_polled();
        input.encode(&mut self.answers, &mut self.pending);
        self.has_news = true;
        if self.pending.len() > MOST_PENDING { self.commit() } else { Ok(()) }
    }

    /// The engine was polled, and this came of it.
    pub(crate) fn polled(&mut self, output: &Output) -> Result<(), JournalError> {
        self.polled += 1;
        // That it will be polled on is not recorded: a replay goes on until there is nothing to do, as a turn does.
        if matches!(output, Output::Fetch(_)) && self.pending.len() > Chain::ROOM.len() {
            self.commit()
        } else {
            Ok(())
        }
    }

    /// The loop is about to rest.
    pub(crate) fn rest(&mut self) -> Result<(), JournalError> {
        if self.has_news { self.commit() } else { Ok(()) }
    }

    /// When the loop should have another turn at the latest, for the sake of what is not yet synced.
    pub(crate) fn sync_due(&self) -> Option<Time> {
        (self.unsynced > 0).then(|| self.last_sync + self.settings.sync_every)
    }

    /// The crawl is over, or given up for now. What is written is all of it: a snapshot would cost more than a replay.
    pub(crate) fn finish(&mut self, engine: &Engine) -> Result<(), JournalError> {
        self.push_polled();
        self.commit()?;
        self.sync(engine.now())
    }

    /// How far the journal may grow: as far as the snapshot before it, or for as long as both together take three
    /// quarters of what a state may.
    fn most(&self, engine: &Engine) -> u64 {
        let progress = engine.progress();
        let state = BYTES_A_URL * progress.admitted + BYTES_A_LINK * progress.discovered;
        let snapshot = self.open.snapshot;
        snapshot.max((state / 4 * 3).saturating_sub(snapshot))
    }

    fn rotate(&mut self, engine: &Engine) -> Result<(), JournalError> {
        // All that is pending is in the engine already.
        self.pending.truncate(Chain::ROOM.len());
        self.answers = Answers::default();
        (self.has_news, self.polled) = (false, 0);
        self.open = self.store.begin(&engine.snapshot(), false)?;
        (self.written, self.unsynced) = (0, 0);
        Ok(())
    }

    fn push_polled(&mut self) {
        if self.polled > 0 {
            self.push(&Record::Polled(self.polled));
            self.polled = 0;
        }
    }

    fn push(&mut self, record: &Record) {
        record.encode(&mut self.answers, &mut self.pending);
    }

    fn commit(&mut self) -> Result<(), JournalError> {
        self.has_news = false;
        let appended = if self.open.chain.close(&mut self.pending) {
            self.open.sink.append(&self.pending)
        } else {
            Err(std::io::Error::from(std::io::ErrorKind::FileTooLarge))
        };
        let length = self.pending.len() as u64;
        self.pending.truncate(Chain::ROOM.len());
        let file = File::Journal(self.open.number);
        appended.map_err(|error| self.store.error(Some(file), "cannot be written", error))?;
        self.written += length;
        self.unsynced += length;
        Ok(())
    }

    fn sync(&mut self, now: Time) -> Result<(), JournalError> {
        let file = File::Journal(self.open.number);
        let synced = self.open.sink.sync();
        synced.map_err(|error| self.store.error(Some(file), "cannot be written", error))?;
        (self.unsynced, self.last_sync) = (0, now);
        Ok(())
    }
}
