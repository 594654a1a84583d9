//! One exchange, as it passes by.

use super::fields::{Fields, date, record_id};
use super::pack::{Packer, spool};
use super::recorder::Recorder;
use super::redact::{request_head, response_head, target};
use crate::digest::Hash;
use crate::error::{Error, Problem};
use crate::note::{Asked, Ended, Note};
use core::time::Duration;
use crawlspace::digest::{End, Head};
use crawlspace::{Failure, Method, Request};
use crawlspace_http::Tap;
use http::HeaderMap;
use std::io::{self, Write as _};
use std::time::{Instant, SystemTime};
use tempfile::SpooledTempFile;
use url::Url;

/// Gathers an exchange until its length is known, and has it written when it is over.
pub(super) struct Recording {
    recorder: Recorder,
    asked: Asked,
    url: Url,
    fields: HeaderMap,
    budget: Duration,
    date: SystemTime,
    begun: Instant,
    answer: Option<Answer>,
    is_over: bool,
}

/// A response as far as it has come.
struct Answer {
    first_byte: Duration,
    head: Vec<u8>,
    body: SpooledTempFile,
    length: u64,
    payload: Hash,
    /// Of head and body.
    block: Hash,
}

/// An exchange that is over.
pub(super) struct Exchange {
    url: Url,
    date: SystemTime,
    /// The head of the request, and what came back; `None` if nothing did.
    message: Option<(Vec<u8>, Answer)>,
    note: Note,
}

impl Recording {
    pub(super) fn new(recorder: Recorder, request: &Request) -> Self {
        let fields = recorder.fields(request);
        Self {
            asked: Asked::by(request),
            url: target(&request.url, recorder.keeps_secrets()),
            fields,
            budget: request.budget,
            date: SystemTime::now(),
            begun: Instant::now(),
            answer: None,
            is_over: false,
            recorder,
        }
    }

    fn finish(&mut self, ended: Ended) {
        self.is_over = true;
        let answer = self.answer.take();
        let first_byte = answer.as_ref().map_or(Duration::ZERO, |answer| answer.first_byte);
        let note = Note::new(self.asked, ended, first_byte, self.begun.elapsed());
        // Whatever was asked for, it was asked for with this.
        let method = Method::Get.as_str();
        let keep = self.recorder.keeps_secrets();
        let message = answer.map(|answer| (request_head(method, &self.url, &self.fields, keep), answer));
        self.recorder.write(Exchange { url: self.url.clone(), date: self.date, message, note });
    }
}

impl Tap for Recording {
    fn wants_all(&self) -> bool {
        true
    }

    fn wants_decoded(&self) -> bool {
        false
    }

    fn head(&mut self, head: &Head) {
        let head = response_head(head, self.recorder.keeps_secrets());
        self.answer = Some(Answer {
            first_byte: self.begun.elapsed(),
            block: Hash::of(&head),
            head,
            body: spool(self.recorder.folder()),
            length: 0,
            payload: Hash::default(),
        });
    }

    fn encoded(&mut self, bytes: &[u8]) {
        let Some(answer) = &mut self.answer else { return };
        match answer.body.write_all(bytes) {
            Ok(()) => {
                answer.length += bytes.len() as u64;
                answer.payload.update(bytes);
                answer.block.update(bytes);
            }
            Err(error) => self.recorder.fail(Error::new(self.recorder.folder(), Problem::Io(error))),
        }
    }

    fn decoded(&mut self, _: &[u8]) {}

    fn end(&mut self, end: Result<End, &Failure>) {
        self.finish(match end {
            Ok(end) => Ended::Body(end),
            Err(failure) => Ended::Failed(failure.clone()),
        });
    }
}

impl Drop for Recording {
    /// A fetch that is dropped has either lapsed, which is an outcome, or is not wanted any more, which is none.
    fn drop(&mut self) {
        /// The engine's clock began a little earlier.
        const EARLIER: Duration = Duration::from_millis(250);
        if !self.is_over && self.begun.elapsed() + EARLIER >= self.budget {
            self.answer = None;
            self.finish(Ended::Failed(Failure::Lapsed));
        }
    }
}

impl Exchange {
    /// Writes its records: the request, the response, and what there is to say of them.
    pub(super) fn pack(self, packer: &mut Packer, records: &mut SpooledTempFile) -> io::Result<()> {
        let (url, date) = (self.url.as_str(), date(self.date));
        let begin = |kind: &str, id: &str, concurrent: Option<&str>, media: &str| {
            let mut fields = Fields::new(kind, id, &date);
            fields.add("WARC-Target-URI", url);
            if let Some(concurrent) = concurrent {
                fields.add("WARC-Concurrent-To", concurrent);
            }
            fields.add("Content-Type", media);
            fields
        };
        let mut response_id = None;
        if let Some((request, mut answer)) = self.message {
            let id = &*response_id.insert(record_id());
            let mut fields = begin("request", &record_id(), Some(id), "application/http; msgtype=request");
            fields.add("WARC-Block-Digest", &Hash::of(&request).label());
            let fields = fields.end(request.len() as u64);
            packer.record(&[fields.as_bytes(), &request], None, records)?;

            let mut fields = begin("response", id, None, "application/http; msgtype=response");
            fields.add("WARC-Payload-Digest", &answer.payload.label());
            fields.add("WARC-Block-Digest", &answer.block.label());
            if let Some(reason) = truncated(&self.note.ended) {
                fields.add("WARC-Truncated", reason);
            }
            let fields = fields.end(answer.head.len() as u64 + answer.length);
            packer.record(&[fields.as_bytes(), &answer.head], Some(&mut answer.body), records)?;
        }
        let note = self.note.to_block();
        let mut fields = begin("metadata", &record_id(), response_id.as_deref(), "application/warc-fields");
        fields.add("WARC-Block-Digest", &Hash::of(note.as_bytes()).label());
        let fields = fields.end(note.len() as u64);
        packer.record(&[fields.as_bytes(), note.as_bytes()], None, records)
    }
}

/// Why a response is not all there (WARC 1.1 section 5.13).
fn truncated(ended: &Ended) -> Option<&'static str> {
    match ended {
        Ended::Body(End::Complete | End::Enough) => None,
        Ended::Body(End::TooLarge) => Some("length"),
        Ended::Failed(Failure::Timeout(_) | Failure::Lapsed) => Some("time"),
        Ended::Failed(Failure::Truncated | Failure::Closed) => Some("disconnect"),
        Ended::Failed(_) => Some("unspecified"),
    }
}
