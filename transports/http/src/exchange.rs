//! One request and its response.

use crate::decode::{Decoder, Flow};
use crate::tap::Tap;
use core::fmt;
use core::time::Duration;
use crawlspace::digest::{Appetite, Digester, End, Head, Transfer};
use crawlspace::{Failure, Kind, Method, Outcome, Request, Spec};
use std::sync::Arc;

/// When what happened, for statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// From the start of the fetch to the head of the response.
    pub first_byte: Duration,
    /// From the start of the fetch to its end.
    pub total: Duration,
}

/// One request and its response, without I/O: decoder, tap and digester in one.
///
/// Call [`head`](Self::head) once, [`chunk`](Self::chunk) while it says [`Appetite::More`], then
/// [`finish`](Self::finish); or, whenever something went wrong, [`fail`](Self::fail).
///
/// A transport need not be exact about what is still wanted: what comes after [`Appetite::Enough`] is ignored, and a
/// failure after it does not undo the answer.
pub struct Exchange {
    request: Request,
    spec: Arc<Spec>,
    tap: Option<Watch>,
    body: Option<Body>,
}

/// The response, once its head has come.
struct Body {
    digester: Digester,
    /// How the body ended for the digest, which is fed no more from then on, though a tap may want the rest.
    digest_end: Option<End>,
    /// `None` where nobody wants the decoded bytes.
    decoder: Option<Decoder>,
    /// More came than [`Request::body_cap`] allows: nobody gets more, whatever they want.
    capped: bool,
    transfer: Transfer,
}

/// A tap, and what it said once.
struct Watch {
    tap: Box<dyn Tap>,
    wants_all: bool,
    wants_decoded: bool,
    /// The content coding failed after the digest had had enough: a matter of the tap's alone.
    failure: Option<Failure>,
}

impl Watch {
    /// Whether the decoded bytes are wanted to the end.
    fn decodes_all(&self) -> bool {
        self.wants_all && self.wants_decoded
    }
}

impl Exchange {
    /// An exchange that begins with this request. Its [`Request::spec`] is the caller's to compare.
    #[must_use]
    pub fn new(request: &Request, spec: &Arc<Spec>, tap: Option<Box<dyn Tap>>) -> Self {
        let tap = tap.map(|tap| Watch {
            wants_all: tap.wants_all(),
            wants_decoded: tap.wants_decoded(),
            tap,
            failure: None,
        });
        Self { request: request.clone(), spec: Arc::clone(spec), tap, body: None }
    }

    /// The method to send: the request's own, or GET where a tap wants all.
    #[must_use]
    pub fn method(&self) -> Method {
        if self.tap.as_ref().is_some_and(|watch| watch.wants_all) { Method::Get } else { self.request.method }
    }

    /// Takes the final head (not a 1xx), and says whether the body is to be read.
    ///
    /// # Errors
    ///
    /// [`Failure::Encoding`], if the body is needed and its content coding cannot be undone. Hand it to
    /// [`fail`](Self::fail).
    pub fn head(&mut self, head: Head) -> Result<Appetite, Failure> {
        if let Some(watch) = &mut self.tap {
            watch.tap.head(&head);
        }
        let digester = Digester::new(&self.request, &self.spec, &head);
        let digest_end = (digester.appetite() == Appetite::Enough).then_some(End::Enough);
        let mut body =
            Body { digester, digest_end, decoder: None, capped: false, transfer: Transfer::default() };
        if digest_end.is_none() || self.tap.as_ref().is_some_and(Watch::decodes_all) {
            match (Decoder::for_head(&head.headers, self.request.body_cap), digest_end, &mut self.tap) {
                (Ok(decoder), _, _) if self.request.kind == Kind::Sitemap => {
                    body.decoder = Some(decoder.and_gzip_within());
                }
                (Ok(decoder), _, _) => body.decoder = Some(decoder),
                (Err(failure), Some(_), Some(watch)) => watch.failure = Some(failure),
                (Err(failure), _, _) => return Err(failure),
            }
        }
        self.body = Some(body);
        Ok(self.appetite())
    }

    /// Takes the next bytes of the body as they came, after HTTP's own framing was taken off, and says whether to go
    /// on reading.
    ///
    /// # Errors
    ///
    /// [`Failure::Encoding`], if the content coding is damaged. Hand it to [`fail`](Self::fail).
    pub fn chunk(&mut self, encoded: &[u8]) -> Result<Appetite, Failure> {
        if self.appetite() == Appetite::Enough {
            return Ok(Appetite::Enough);
        }
        if let Some(watch) = &mut self.tap {
            watch.tap.encoded(encoded);
        }
        if let Some(body) = &mut self.body {
            body.transfer.encoded = body.transfer.encoded.saturating_add(encoded.len() as u64);
            if body.decoder.is_none() && body.transfer.encoded > self.request.body_cap {
                body.capped = true;
            }
            body.decode(&mut self.tap, |decoder, out| decoder.push(encoded, out))?;
        }
        Ok(self.appetite())
    }

    /// The body ended as its framing said, or is not wanted further. A body whose content coding is not complete is
    /// [`Failure::Truncated`].
    #[must_use]
    pub fn finish(mut self, times: Times) -> Outcome {
        if self.appetite() == Appetite::More
            && let Some(body) = &mut self.body
        {
            if let Err(failure) = body.decode(&mut self.tap, |decoder, out| decoder.finish(out)) {
                return self.fail(failure);
            }
            body.digest_end.get_or_insert(End::Complete);
            // All of it came, even if what was decoded last went beyond the cap.
            let is_cut = body.capped && self.tap.as_ref().is_some_and(|watch| watch.wants_decoded);
            return self.close(Ok(if is_cut { End::TooLarge } else { End::Complete }), times);
        }
        match self
            .body
            .as_ref()
            .and_then(|body| if body.capped { Some(End::TooLarge) } else { body.digest_end })
        {
            Some(end) => self.close(Ok(end), times),
            None => self.fail(Failure::Closed),
        }
    }

    /// The transport failed, or a method of this exchange did. If the digest had had enough by then, the answer
    /// stands.
    #[must_use]
    pub fn fail(self, failure: Failure) -> Outcome {
        self.close(Err(failure), Times::default())
    }

    fn close(self, end: Result<End, Failure>, times: Times) -> Outcome {
        if let Some(mut watch) = self.tap {
            let end = match (&watch.failure, &end) {
                (Some(failure), _) | (None, Err(failure)) => Err(failure),
                (None, Ok(end)) => Ok(*end),
            };
            watch.tap.end(end);
        }
        match (self.body, end) {
            (Some(Body { digester, digest_end: Some(digest_end), transfer, .. }), _) => {
                let transfer = Transfer { first_byte: times.first_byte, total: times.total, ..transfer };
                Outcome::Answered(Box::new(digester.finish(digest_end, transfer)))
            }
            (_, Err(failure)) => Outcome::Failed(failure),
            (_, Ok(_)) => Outcome::Failed(Failure::Closed),
        }
    }

    fn appetite(&self) -> Appetite {
        let wants_all = self.tap.as_ref().is_some_and(|watch| watch.wants_all);
        match &self.body {
            Some(body) if !body.capped && (body.digest_end.is_none() || wants_all) => Appetite::More,
            _ => Appetite::Enough,
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("request", &self.request.id)
            .field("tap", &self.tap.is_some())
            .field("has_head", &self.body.is_some())
            .finish_non_exhaustive()
    }
}

impl Body {
    /// Runs the decoder, if there is one, and hands what comes out to tap and digester.
    fn decode(
        &mut self,
        tap: &mut Option<Watch>,
        run: impl FnOnce(&mut Decoder, &mut dyn FnMut(&[u8]) -> Appetite) -> Result<Flow, Failure>,
    ) -> Result<(), Failure> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let result = run(decoder, &mut |decoded| {
            self.transfer.decoded = self.transfer.decoded.saturating_add(decoded.len() as u64);
            if let Some(watch) = tap.as_mut().filter(|watch| watch.wants_decoded) {
                watch.tap.decoded(decoded);
            }
            if self.digest_end.is_none() && self.digester.push(decoded) == Appetite::Enough {
                self.digest_end = Some(End::Enough);
            }
            match (self.digest_end, &tap) {
                (Some(_), Some(watch)) if watch.decodes_all() => Appetite::More,
                (Some(_), _) => Appetite::Enough,
                (None, _) => Appetite::More,
            }
        });
        match result {
            Ok(Flow::More) => {}
            Ok(Flow::Enough) => self.decoder = None,
            Ok(Flow::TooLarge) => {
                self.capped = true;
                self.digest_end.get_or_insert(End::TooLarge);
            }
            Err(failure) => match tap {
                Some(watch) if self.digest_end.is_some() => {
                    watch.failure = Some(failure);
                    self.decoder = None;
                }
                _ => return Err(failure),
            },
        }
        Ok(())
    }
}
