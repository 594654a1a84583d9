//! One fetch, answered from an archive.

use super::body::Body;
use super::head;
use super::index::{Entry, How, Place, What};
use super::open::Archive;
use super::records::Record;
use crate::note::Ended;
use core::fmt;
use crawlspace::digest::{Appetite, End, Head};
use crawlspace::{Failure, Kind, Local, Outcome, Request, Spec};
use crawlspace_http::{Exchange, Taps, Times};
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use std::fs::File;
use std::io::BufRead;
use std::sync::Arc;

/// Answers from an archive, and never from anywhere else. Cloning is cheap; any number of threads may fetch at once.
///
/// A request is answered by what is recorded for its URL, method and attempt. An archive of crawlspace's own tells
/// these; where it was crawled in another way, or by another tool, what is most like it answers: a GET also for HEAD,
/// the attempt before also for one more. Of several the last one counts.
#[derive(Clone)]
pub struct Replay {
    archive: Archive,
    spec: Arc<Spec>,
    taps: Option<Arc<dyn Taps>>,
}

impl Replay {
    pub(super) fn new(archive: Archive, spec: Arc<Spec>) -> Self {
        Self { archive, spec, taps: None }
    }

    /// Who looks on. Nobody by default.
    #[must_use]
    pub fn taps(self, taps: Arc<dyn Taps>) -> Self {
        Self { taps: Some(taps), ..self }
    }

    /// Carries out one fetch; blocks for as long as reading takes. Budget and time do not matter.
    ///
    /// What failed when it was recorded fails the same. [`Failure::NotInArchive`] is the outcome where nothing is
    /// recorded for the URL; only a robots.txt is then answered with 404, since nobody needs leave to read a file.
    /// What cannot be read is [`Local::File`].
    #[must_use]
    pub fn fetch(&self, request: &Request) -> Outcome {
        let tap = self.taps.as_ref().and_then(|taps| taps.open(request));
        let mut exchange = Exchange::new(request, &self.spec, tap);
        let played = match self.archive.index().find(request) {
            Some(entry) => self.play(entry, &mut exchange),
            None if request.kind == Kind::Robots => {
                exchange.head(head::bare(StatusCode::NOT_FOUND)).map(|_| Played::default())
            }
            None => Err(Failure::NotInArchive),
        };
        match played {
            Ok(Played { times, length }) => {
                let mut outcome = exchange.finish(times);
                if let (Outcome::Answered(digest), Some(length)) = (&mut outcome, length) {
                    // Of what nobody wants no more is read here than is needed.
                    digest.transfer.encoded = length;
                }
                outcome
            }
            Err(failure) => exchange.fail(failure),
        }
    }

    /// Plays a record through an exchange, as far as that has appetite.
    fn play(&self, entry: &Entry, exchange: &mut Exchange) -> Result<Played, Failure> {
        match entry.what {
            What::Nothing => Err(entry.failure().unwrap_or(Failure::NotInArchive)),
            What::Response => self.with(entry.place, |record| respond(record, None, &entry.how, exchange)),
            What::Resource => self.with(entry.place, |record| serve(record, None, exchange)),
            What::Revisit { original, is_resource, has_head } => {
                let original = original.ok_or(Failure::NotInArchive)?;
                let head = match has_head {
                    true => Some(self.with(entry.place, |mut record| head::read(&mut record.block))?),
                    false => None,
                };
                self.with(original, |record| match is_resource {
                    true => serve(record, head, exchange),
                    false => respond(record, head, &entry.how, exchange),
                })
            }
        }
    }

    fn with<T>(
        &self,
        place: Place,
        read: impl FnOnce(Record<'_, File>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.archive.with_record(place, read).unwrap_or(Err(Failure::Local(Local::File)))
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").field("archive", &self.archive).finish_non_exhaustive()
    }
}

/// What was recorded of a transfer.
#[derive(Default)]
struct Played {
    times: Times,
    /// Bytes of body as they came.
    length: Option<u64>,
}

/// A response with its head; or with another's, where the record is only repeated.
fn respond(
    mut record: Record<'_, File>,
    repeats: Option<Head>,
    how: &How,
    exchange: &mut Exchange,
) -> Result<Played, Failure> {
    let own = head::read(&mut record.block)?;
    let head = match repeats {
        Some(Head { status, headers }) => Head { status, headers: with_framing_of(headers, &own.headers) },
        None => own,
    };
    let length = record.block.left();
    match how {
        How::Own { ended, first_byte, total, .. } => {
            let rest = match ended {
                Ended::Failed(failure) => Some(failure.clone()),
                Ended::Body(End::TooLarge) => Some(Failure::Truncated),
                Ended::Body(End::Complete | End::Enough) => None,
            };
            pour(head, Body::new(record.block, false), rest, exchange)?;
            let times = Times { first_byte: *first_byte, total: *total };
            Ok(Played { times, length: Some(length) })
        }
        How::Others(_) => {
            let rest = record.fields.get("WARC-Truncated").map(|_| Failure::Truncated);
            let mut body = Body::new(record.block, is_chunked(&head.headers));
            let head = without_false_coding(head, body.peek()?);
            pour(head, body, rest, exchange)?;
            Ok(Played::default())
        }
    }
}

/// A file, as a server would give it.
fn serve(
    record: Record<'_, File>,
    repeats: Option<Head>,
    exchange: &mut Exchange,
) -> Result<Played, Failure> {
    let media = record.fields.get("Content-Type").unwrap_or_default();
    let head = match repeats {
        Some(Head { status, headers }) => {
            Head { status, headers: with_framing_of(headers, &HeaderMap::new()) }
        }
        None => head::of_resource(media),
    };
    pour(head, Body::new(record.block, false), None, exchange)?;
    Ok(Played::default())
}

/// Hands an exchange what it has appetite for. `rest` is why there is no more, where the body is not all there.
fn pour<B: BufRead>(
    head: Head,
    mut body: Body<B>,
    rest: Option<Failure>,
    exchange: &mut Exchange,
) -> Result<(), Failure> {
    let mut appetite = exchange.head(head)?;
    while appetite == Appetite::More {
        let bytes = body.peek()?;
        if bytes.is_empty() {
            return rest.map_or(Ok(()), Err);
        }
        let length = bytes.len();
        appetite = exchange.chunk(bytes)?;
        body.take(length)?;
    }
    Ok(())
}

/// How a body is coded and framed is its own record's to say.
fn with_framing_of(mut headers: HeaderMap, own: &HeaderMap) -> HeaderMap {
    for name in [CONTENT_ENCODING, TRANSFER_ENCODING, CONTENT_LENGTH] {
        headers.remove(&name);
        for value in own.get_all(&name) {
            headers.append(name.clone(), value.clone());
        }
    }
    headers
}

fn is_chunked(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(TRANSFER_ENCODING).iter();
    values.any(|value| value.as_bytes().to_ascii_lowercase().ends_with(b"chunked"))
}

/// Some recorders write the body decoded, and leave the coding's name in the head.
fn without_false_coding(mut head: Head, body: &[u8]) -> Head {
    let names_gzip = head.headers.get(CONTENT_ENCODING).is_some_and(|value| {
        ["gzip", "x-gzip"].iter().any(|name| value.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
    });
    if names_gzip && !body.is_empty() && !body.starts_with(&[0x1f]) {
        head.headers.remove(CONTENT_ENCODING);
    }
    head
}
