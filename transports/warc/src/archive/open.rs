//! From files to an index.

use super::fields::{Fields, bare};
use super::index::{Entry, How, Index, Place, What};
use super::records::{Record, Records, problem};
use super::replay::Replay;
use crate::digest::Hash;
use crate::error::{Error, Problem};
use crate::note::Note;
use core::fmt;
use crawlspace::{Method, Seed, Spec};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// WARC files, and where in them which answer is. Clones share both.
///
/// Reads WARC 1.0 and 1.1, compressed record by record, or not at all; records of the types `response`, `resource` and
/// `revisit`, and for how they came about `request` and `metadata`. The files must not change while they are in use.
#[derive(Clone)]
pub struct Archive(Arc<Inner>);

struct Inner {
    files: Vec<Source>,
    index: Index,
    seeds: Vec<String>,
    draws: Option<Seed>,
    problems: Vec<Error>,
}

/// A file, and the handles to it that nobody is reading with.
struct Source {
    path: PathBuf,
    idle: Mutex<Vec<File>>,
}

/// The most bytes of a block that are read for what stands in it, other than an answer.
const MAX_NOTE: usize = 64 * 1024;

/// The most bytes of a record about the archive itself, and of the seeds that all of them name.
const MAX_ABOUT: usize = 64 * 1024 * 1024;

/// The most problems that are remembered.
const MAX_PROBLEMS: usize = 1_000;

impl Archive {
    /// Reads files, in this order, and notes where the answers are; of two to the same request the later one counts.
    ///
    /// Takes as long as decompressing them. Records that are damaged by themselves are left out, and so is one that a
    /// file ends within; see [`Archive::problems`].
    ///
    /// # Errors
    ///
    /// [`Error`], if a file cannot be read, is not a WARC, or is damaged so that what follows cannot be found.
    pub fn open<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        let mut reading = Reading::default();
        let mut sources = Vec::new();
        for path in files {
            let path = path.as_ref();
            let number = u32::try_from(sources.len()).unwrap_or(u32::MAX);
            let file = File::open(path).map_err(|error| Error::new(path, Problem::Io(error)))?;
            let file = reading.read(path, number, file)?;
            sources.push(Source { path: path.to_owned(), idle: Mutex::new(vec![file]) });
        }
        let paths: Vec<_> = sources.iter().map(|source| source.path.clone()).collect();
        reading.resolve(&paths);
        let Reading { index, seeds, draws, problems, .. } = reading;
        Ok(Self(Arc::new(Inner { files: sources, index, seeds, draws, problems })))
    }

    /// How many answers there are, failures included.
    #[must_use]
    pub fn answers(&self) -> usize {
        self.0.index.len()
    }

    /// What the recorded crawl began with, if it was recorded by [`Recorder`](crate::Recorder) and said so; each once.
    pub fn seeds(&self) -> impl Iterator<Item = &str> {
        self.0.seeds.iter().map(String::as_str)
    }

    /// What the recorded crawl drew from, if that is said. A replay that is to give its report draws from the same.
    #[must_use]
    pub fn draws(&self) -> Option<Seed> {
        self.0.draws
    }

    /// Records that were left out, and why; a thousand at most.
    #[must_use]
    pub fn problems(&self) -> &[Error] {
        &self.0.problems
    }

    /// A transport that answers from these files, digesting by this specification.
    #[must_use]
    pub fn replay(&self, spec: Arc<Spec>) -> Replay {
        Replay::new(self.clone(), spec)
    }

    pub(super) fn index(&self) -> &Index {
        &self.0.index
    }

    /// Reads one record. The handle goes back when that is done, so that there are as many as there are readers.
    pub(super) fn with_record<T>(
        &self,
        place: Place,
        read: impl FnOnce(Record<'_, File>) -> T,
    ) -> Result<T, io::Error> {
        let source = self.0.files.get(place.file as usize).ok_or(io::ErrorKind::NotFound)?;
        let idle = source.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let file = match idle {
            Some(file) => file,
            None => File::open(&source.path)?,
        };
        let mut records = Records::at(file, place.offset)?;
        let result = match records.next() {
            Ok(Some(record)) => Ok(read(record)),
            Ok(None) | Err(_) => Err(io::ErrorKind::InvalidData.into()),
        };
        source.idle.lock().unwrap_or_else(PoisonError::into_inner).push(records.into_inner());
        result
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<_> = self.0.files.iter().map(|source| &source.path).collect();
        f.debug_struct("Archive")
            .field("files", &files)
            .field("answers", &self.answers())
            .finish_non_exhaustive()
    }
}

/// What is known while files are read.
#[derive(Default)]
struct Reading {
    index: Index,
    seeds: Vec<String>,
    /// The same, hashed.
    known_seeds: HashSet<u128>,
    seed_bytes: usize,
    draws: Option<Seed>,
    problems: Vec<Error>,
    /// By record id, hashed: answers.
    answers: HashMap<u128, u32>,
    /// By record id, hashed: how requests asked. `None`: in a way that no crawl does.
    requests: HashMap<u128, Option<Method>>,
    revisits: Vec<Revisit>,
}

/// A record that repeats another one, which may come later.
struct Revisit {
    number: u32,
    /// A record id, hashed.
    refers_to: Option<u128>,
    /// The key of a URL.
    url: Option<u128>,
    date: u64,
}

impl Reading {
    fn read(&mut self, path: &Path, file: u32, opened: File) -> Result<File, Error> {
        let unreadable = |error| Error::new(path, Problem::Io(error));
        let mut records = Records::at(opened, 0).map_err(unreadable)?;
        known_format(records.peek().map_err(unreadable)?).map_err(|problem| Error::new(path, problem))?;
        loop {
            let offset = records.offset();
            let taken = match records.next() {
                Ok(Some(record)) => self.take(record, Place { file, offset }),
                Ok(None) => break,
                Err(problem) => Err(problem),
            };
            match taken {
                Ok(()) => {}
                Err(Problem::Torn) if records.peek().map_err(unreadable)?.is_empty() => {
                    self.note(Error::at(path, offset, Problem::Torn));
                    break;
                }
                // A gzip member that ends before its record does; the next record begins behind it.
                Err(Problem::Torn) => self.note(Error::at(path, offset, Problem::Framing)),
                Err(problem @ (Problem::Digest | Problem::Note | Problem::AboutTooLong(_))) => {
                    self.note(Error::at(path, offset, problem))
                }
                Err(problem) => return Err(Error::at(path, offset, problem)),
            }
        }
        Ok(records.into_inner())
    }

    /// Takes one record, all of it: no answer is known whose record has no end.
    fn take(&mut self, record: Record<'_, File>, place: Place) -> Result<(), Problem> {
        let Record { fields, mut block } = record;
        let kind = fields.get("WARC-Type").unwrap_or_default().to_ascii_lowercase();
        let claimed = fields.get("WARC-Block-Digest");
        let mut hash = claimed.map(|_| Hash::default());
        let mut start = Vec::new();
        let most = match kind.as_str() {
            "warcinfo" => MAX_ABOUT,
            "request" | "metadata" => MAX_NOTE,
            _ => 0,
        };
        let is_whole = block.left() <= most as u64;
        if most > 0 {
            (&mut block).take(most as u64).read_to_end(&mut start).map_err(problem)?;
            hash.iter_mut().for_each(|hash| hash.update(&start));
        }
        let is_empty = fields.length() == Some(0);
        block.finish(|bytes| hash.iter_mut().for_each(|hash| hash.update(bytes)))?;
        if let (Some(hash), Some(claimed)) = (hash, claimed)
            && !hash.agrees(claimed)
        {
            return Err(Problem::Digest);
        }
        let url = fields.target().and_then(|target| Url::parse(target).ok());
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
        match (kind.as_str(), url) {
            ("warcinfo", _) if !is_whole => return Err(Problem::AboutTooLong(MAX_ABOUT)),
            ("warcinfo", _) => self.take_about(&start)?,
            ("request", Some(_)) => self.take_request(&fields, &start),
            ("metadata", Some(url)) => self.take_note(&fields, &url, place, &start)?,
            ("response", Some(url)) if fields.media().eq_ignore_ascii_case("application/http") => {
                self.add(&fields, &url, place, What::Response);
            }
            ("resource", Some(url)) => {
                self.add(&fields, &url, place, What::Resource);
            }
            ("revisit", Some(url)) => {
                // A 304 says nothing of its own: what it stands for is the original, head and all.
                let profile = fields.get("WARC-Profile").unwrap_or_default();
                let has_head = !is_empty && !profile.contains("server-not-modified");
                let what = What::Revisit { original: None, is_resource: false, has_head };
                let number = self.add(&fields, &url, place, what);
                let original = fields.get("WARC-Refers-To-Target-URI");
                let original = original.map_or(Some(url), |original| Url::parse(bare(original)).ok());
                self.revisits.push(Revisit {
                    number,
                    refers_to: fields.get("WARC-Refers-To").map(|id| self.index.hash(id)),
                    url: original.map(|url| self.index.key(&url)),
                    date: fields.date("WARC-Refers-To-Date"),
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// What the archive says of itself. Of several files the first counts.
    fn take_about(&mut self, block: &[u8]) -> Result<(), Problem> {
        for line in String::from_utf8_lossy(block).lines() {
            match line.split_once(": ") {
                Some((crate::SEED_FIELD, seed)) if self.known_seeds.insert(self.index.hash(seed)) => {
                    self.seed_bytes += seed.len();
                    if self.seed_bytes > MAX_ABOUT {
                        return Err(Problem::AboutTooLong(MAX_ABOUT));
                    }
                    self.seeds.push(seed.to_owned());
                }
                Some((crate::DRAWS_FIELD, draws)) => self.draws = self.draws.or(draws.parse().ok().map(Seed)),
                _ => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, fields: &Fields, url: &Url, place: Place, what: What) -> u32 {
        let requests =
            fields.all("WARC-Concurrent-To").filter_map(|id| self.requests.get(&self.index.hash(id)));
        let method = requests.last().copied().unwrap_or(Some(Method::Get));
        let number = self.index.add(url, place, fields.date("WARC-Date"), what, How::Others(method));
        if let Some(id) = fields.get("WARC-Record-ID") {
            self.answers.insert(self.index.hash(id), number);
        }
        number
    }

    /// Which of request and response comes first, and which of them names the other, is up to the tool.
    fn take_request(&mut self, fields: &Fields, block: &[u8]) {
        let method = match block.split(|byte| *byte == b' ').next() {
            Some(b"GET") => Some(Method::Get),
            Some(b"HEAD") => Some(Method::Head),
            _ => None,
        };
        if let Some(id) = fields.get("WARC-Record-ID") {
            self.requests.insert(self.index.hash(id), method);
        }
        for id in fields.all("WARC-Concurrent-To") {
            let answer =
                self.answers.get(&self.index.hash(id)).and_then(|number| self.index.get_mut(*number));
            if let Some(Entry { how: How::Others(known), .. }) = answer {
                *known = method;
            }
        }
    }

    fn take_note(&mut self, fields: &Fields, url: &Url, place: Place, block: &[u8]) -> Result<(), Problem> {
        let Some(note) = Note::from_block(block) else { return Ok(()) };
        let how = How::from(note.map_err(|_| Problem::Note)?);
        let answer = fields.get("WARC-Concurrent-To").and_then(|id| self.answers.get(&self.index.hash(id)));
        match answer.and_then(|number| self.index.get_mut(*number)) {
            Some(entry) => entry.how = how,
            None => {
                self.index.add(url, place, fields.date("WARC-Date"), What::Nothing, how);
            }
        }
        Ok(())
    }

    /// Finds what was only referred to.
    fn resolve(&mut self, paths: &[PathBuf]) {
        let revisits = core::mem::take(&mut self.revisits);
        let bodies = self.bodies(&revisits);
        for revisit in revisits {
            let original = self.original(&revisit, &bodies);
            let Some(entry) = self.index.get_mut(revisit.number) else { continue };
            match original {
                Some((place, resource)) => {
                    if let What::Revisit { original, is_resource, .. } = &mut entry.what {
                        (*original, *is_resource) = (Some(place), resource);
                    }
                }
                None => {
                    let place = entry.place;
                    // Nobody asks like that.
                    entry.how = How::Others(None);
                    if let Some(path) = paths.get(place.file as usize) {
                        self.note(Error::at(path, place.offset, Problem::NoOriginal));
                    }
                }
            }
        }
    }

    /// By its name, or by what it was about and when.
    fn original(&self, revisit: &Revisit, bodies: &Bodies) -> Option<(Place, bool)> {
        let named = revisit.refers_to.and_then(|id| self.answers.get(&id));
        let named = named.and_then(|number| self.index.get(*number)).and_then(body_of);
        named.or_else(|| bodies.get(&(revisit.url?, revisit.date)).copied())
    }

    /// Bodies of what may be repeated. The answers for each URL are gone through once, however many repeat one of
    /// them: an archive may be of one page, day after day.
    fn bodies(&self, revisits: &[Revisit]) -> Bodies {
        let urls: HashSet<u128> = revisits.iter().filter_map(|revisit| revisit.url).collect();
        let mut bodies = Bodies::new();
        for url in urls {
            // What a form was answered at the same address, in the same second, is another body.
            let is_asked = |entry: &&Entry| !matches!(entry.how, How::Others(None));
            let asked = self.index.of(url).filter(is_asked);
            let others = self.index.of(url).filter(|entry| !is_asked(entry));
            for entry in asked.chain(others) {
                let Some(body) = body_of(entry) else { continue };
                // Of equals the last one counts, and they come last first.
                bodies.entry((url, entry.date)).or_insert(body);
                bodies.entry((url, 0)).or_insert(body);
            }
        }
        bodies
    }

    fn note(&mut self, problem: Error) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// By the key of the URL and the date, or 0 for the last one: where a body is, and whether it has no head.
type Bodies = HashMap<(u128, u64), (Place, bool)>;

fn body_of(entry: &Entry) -> Option<(Place, bool)> {
    match entry.what {
        What::Response => Some((entry.place, false)),
        What::Resource => Some((entry.place, true)),
        What::Nothing | What::Revisit { .. } => None,
    }
}

fn known_format(start: &[u8]) -> Result<(), Problem> {
    match start {
        [] => Err(Problem::Empty),
        [0x1f, 0x8b, ..] => Ok(()),
        [b'P', b'K', 3 | 5, ..] => Err(Problem::Zip),
        // A frame of Zstandard (RFC 8878 section 3.1), or one that is skipped, as a dictionary is.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Err(Problem::Zstd),
        _ if start.starts_with(b"WARC/") => Ok(()),
        _ => Err(Problem::NotWarc),
    }
}
