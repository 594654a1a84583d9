//! From files to an index.

use super::fields::{Fields, bare};
use super::index::{Entry, How, Index, Place, What};
use super::records::{Record, Records};
use super::replay::Replay;
use crate::digest::Hash;
use crate::error::{Error, Problem};
use crate::note::Note;
use core::fmt;
use crawlspace::{Method, Spec};
use std::collections::HashMap;
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
    problems: Vec<Error>,
}

/// A file, and the handles to it that nobody is reading with.
struct Source {
    path: PathBuf,
    idle: Mutex<Vec<File>>,
}

/// The most bytes of a block that are read for what stands in it, other than an answer.
const MAX_NOTE: usize = 64 * 1024;

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
        let Reading { index, seeds, problems, .. } = reading;
        Ok(Self(Arc::new(Inner { files: sources, index, seeds, problems })))
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
    problems: Vec<Error>,
    /// By record id: answers.
    answers: HashMap<String, u32>,
    /// By record id: how requests asked. `None`: in a way that no crawl does.
    requests: HashMap<String, Option<Method>>,
    revisits: Vec<Revisit>,
}

/// A record that repeats another one, which may come later.
struct Revisit {
    number: u32,
    refers_to: Option<String>,
    url: Option<Url>,
    date: u64,
}

impl Reading {
    fn read(&mut self, path: &Path, file: u32, opened: File) -> Result<File, Error> {
        let unreadable = |error| Error::new(path, Problem::Io(error));
        let mut records = Records::at(opened, 0).map_err(unreadable)?;
        known_format(records.peek().map_err(unreadable)?).map_err(|problem| Error::new(path, problem))?;
        loop {
            let offset = records.offset();
            let record = match records.next() {
                Ok(Some(record)) => record,
                Ok(None) => break,
                Err(Problem::Torn) => {
                    self.note(Error::at(path, offset, Problem::Torn));
                    break;
                }
                Err(problem) => return Err(Error::at(path, offset, problem)),
            };
            match self.take(record, Place { file, offset }) {
                Ok(()) => {}
                Err(Problem::Torn) => {
                    self.note(Error::at(path, offset, Problem::Torn));
                    break;
                }
                Err(problem @ (Problem::Digest | Problem::Note)) => {
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
        if matches!(kind.as_str(), "warcinfo" | "request" | "metadata") {
            let most = block.left().min(MAX_NOTE as u64);
            (&mut block).take(most).read_to_end(&mut start).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Problem::Torn,
                _ => Problem::Gzip,
            })?;
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
            ("warcinfo", _) => self.take_seeds(&start),
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
                self.revisits.push(Revisit {
                    number,
                    refers_to: fields.get("WARC-Refers-To").map(str::to_owned),
                    url: original.map_or(Some(url), |original| Url::parse(bare(original)).ok()),
                    date: fields.date("WARC-Refers-To-Date"),
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn take_seeds(&mut self, block: &[u8]) {
        for line in String::from_utf8_lossy(block).lines() {
            if let Some((crate::SEED_FIELD, seed)) = line.split_once(": ")
                && !self.seeds.iter().any(|known| known == seed)
            {
                self.seeds.push(seed.to_owned());
            }
        }
    }

    fn add(&mut self, fields: &Fields, url: &Url, place: Place, what: What) -> u32 {
        let requests = fields.all("WARC-Concurrent-To").filter_map(|id| self.requests.get(id));
        let method = requests.last().copied().unwrap_or(Some(Method::Get));
        let number = self.index.add(url, place, fields.date("WARC-Date"), what, How::Others(method));
        if let Some(id) = fields.get("WARC-Record-ID") {
            self.answers.insert(id.to_owned(), number);
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
            self.requests.insert(id.to_owned(), method);
        }
        for id in fields.all("WARC-Concurrent-To") {
            let answer = self.answers.get(id).and_then(|number| self.index.get_mut(*number));
            if let Some(Entry { how: How::Others(known), .. }) = answer {
                *known = method;
            }
        }
    }

    fn take_note(&mut self, fields: &Fields, url: &Url, place: Place, block: &[u8]) -> Result<(), Problem> {
        let Some(note) = Note::from_block(block) else { return Ok(()) };
        let how = How::from(note.map_err(|_| Problem::Note)?);
        let answer = fields.get("WARC-Concurrent-To").and_then(|id| self.answers.get(id));
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
        for revisit in core::mem::take(&mut self.revisits) {
            let original = self.original(&revisit).map(|entry| (entry.place, entry.what == What::Resource));
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
    fn original(&self, revisit: &Revisit) -> Option<&Entry> {
        let holds_body = |entry: &&Entry| matches!(entry.what, What::Response | What::Resource);
        let named = revisit.refers_to.as_ref().and_then(|id| self.answers.get(id));
        if let Some(entry) = named.and_then(|number| self.index.get(*number)).filter(holds_body) {
            return Some(entry);
        }
        let mut entries = self.index.of(revisit.url.as_ref()?).filter(holds_body);
        entries.find(|entry| revisit.date == 0 || entry.date == revisit.date)
    }

    fn note(&mut self, problem: Error) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
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
