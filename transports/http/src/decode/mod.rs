//! Undoing content codings (RFC 9110 section 8.4): one push decoder for every transport.
//!
//! Decoded bytes come out in steps of at most [`STEP`] bytes and are capped, so that memory and time are bounded
//! whatever the peer sends: a few hundred bytes of brotli can stand for a gigabyte.
//!
//! ```
//! use crawlspace::digest::Appetite;
//! use crawlspace_http::decode::{Decoder, Flow};
//! # let gzipped: Vec<u8> = {
//! #     use std::io::Write;
//! #     let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
//! #     encoder.write_all(b"hello")?;
//! #     encoder.finish()?
//! # };
//!
//! let headers = [(http::header::CONTENT_ENCODING, http::HeaderValue::from_static("gzip"))];
//! let mut decoder = Decoder::for_head(&headers.into_iter().collect(), 1 << 20).map_err(|f| f.to_string())?;
//! let mut body = Vec::new();
//! let mut take = |bytes: &[u8]| {
//!     body.extend_from_slice(bytes);
//!     Appetite::More
//! };
//! for chunk in gzipped.chunks(3) {
//!     decoder.push(chunk, &mut take).map_err(|f| f.to_string())?;
//! }
//! assert_eq!(decoder.finish(&mut take), Ok(Flow::More));
//! assert_eq!(body, b"hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod brotli;
mod coding;
mod deflate;
mod stage;
mod zstd;

use coding::Coding;
use core::fmt;
use crawlspace::Failure;
use crawlspace::digest::Appetite;
use http::HeaderMap;
use stage::Stage;

/// The `Accept-Encoding` field to send: what [`Decoder`] can undo.
pub const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// The most bytes that are decoded at a time.
pub const STEP: usize = 16 * 1024;

/// How many codings on top of each other are undone.
pub const MAX_STACKED: usize = 2;

/// How many bytes more than its decoded size may be a body's coded size, or that of a coding in between.
///
/// A coding that makes a body much larger is no use to anyone but an attacker, who would have us work for nothing.
const OVERHEAD: u64 = 64 * 1024;

/// Whether the decoder can take more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Flow {
    /// Go on.
    More,
    /// The receiver of the decoded bytes has had enough.
    Enough,
    /// There is more than the cap allows; what fits under it has been handed out.
    TooLarge,
}

/// Undoes a response's content codings as the bytes arrive.
///
/// Understood are `gzip` (also `x-gzip`; RFC 1952, any number of members up to a bound), `deflate` (RFC 1950, and the
/// bare RFC 1951 that some servers send under this name), `br` (RFC 7932), `zstd` (RFC 8878, with the window of at most
/// 8 MiB that RFC 9659 allows) and `identity`; two on top of each other. Bytes behind the end of the coded stream are
/// ignored, as browsers do. An empty body is complete under every coding.
///
/// Memory is bounded by the codings' windows: 32 KiB for gzip and deflate, 8 MiB for zstd, 16 MiB for brotli, as far as
/// a body fills them. Work is bounded by the cap: neither a body nor a coding in between may have many more coded bytes
/// than decoded ones are allowed.
///
/// How the coded bytes are cut into chunks does not matter: they are gathered into pieces of one size before they are
/// decoded. Once a call gave anything but [`Flow::More`], further calls give the same.
pub struct Decoder {
    /// Outermost first: the last one that was applied.
    stages: Vec<Stage>,
    /// Coded bytes that wait for more, fewer than [`STEP`].
    pending: Vec<u8>,
    cap: u64,
    /// Decoded bytes that may still come.
    left: u64,
    over: Option<Result<Flow, Failure>>,
}

impl Decoder {
    /// A decoder for the body under this head, which gives out at most `cap` bytes.
    ///
    /// # Errors
    ///
    /// [`Failure::Encoding`]: [`Stacked`](crawlspace::Encoding::Stacked) if there are more than [`MAX_STACKED`],
    /// [`Unsupported`](crawlspace::Encoding::Unsupported) if one is not known.
    pub fn for_head(headers: &HeaderMap, cap: u64) -> Result<Self, Failure> {
        let stages = coding::of_head(headers)?.into_iter().map(Coding::stage).collect();
        Ok(Self { stages, pending: Vec::new(), cap, left: cap, over: None })
    }

    /// Undoes gzip in the content too, if that begins as gzip does (RFC 1952 section 2.3.1): for files that are
    /// compressed by themselves, whatever media type they come with, such as `sitemap.xml.gz`. The cap is the same.
    #[must_use]
    pub fn and_gzip_within(mut self) -> Self {
        self.stages.push(Stage::new(Box::new(deflate::Within::new())));
        self
    }

    /// Whether there is nothing to undo.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.stages.is_empty()
    }

    /// Takes the next coded bytes, and hands what they stand for to `out`, in steps; less than [`STEP`] coded bytes
    /// may be held back until more comes. Stops when `out` says so.
    ///
    /// # Errors
    ///
    /// [`Failure::Encoding`]: [`Corrupt`](crawlspace::Encoding::Corrupt) or
    /// [`Window`](crawlspace::Encoding::Window). Some of what came before it may not have been handed out,
    /// though always the same, however the coded bytes were cut.
    pub fn push(&mut self, coded: &[u8], out: &mut dyn FnMut(&[u8]) -> Appetite) -> Result<Flow, Failure> {
        if self.stages.is_empty() || self.over.is_some() {
            return self.run(coded, out);
        }
        let mut rest = coded;
        while self.pending.len() + rest.len() >= STEP {
            let (head, tail) = rest.split_at(STEP - self.pending.len());
            rest = tail;
            let flow = if self.pending.is_empty() {
                self.run(head, out)?
            } else {
                self.pending.extend_from_slice(head);
                let mut piece = core::mem::take(&mut self.pending);
                let result = self.run(&piece, out);
                piece.clear();
                self.pending = piece;
                result?
            };
            if flow != Flow::More {
                return Ok(flow);
            }
        }
        self.pending.extend_from_slice(rest);
        Ok(Flow::More)
    }

    /// Hands out what is left, once the body is at its end.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push); and [`Failure::Truncated`] if a coding is not at its end.
    pub fn finish(&mut self, out: &mut dyn FnMut(&[u8]) -> Appetite) -> Result<Flow, Failure> {
        let piece = core::mem::take(&mut self.pending);
        if self.run(&piece, out)? == Flow::More && !self.stages.iter().all(Stage::is_complete) {
            self.over = Some(Err(Failure::Truncated));
        }
        self.over.clone().unwrap_or(Ok(Flow::More))
    }

    fn run(&mut self, piece: &[u8], out: &mut dyn FnMut(&[u8]) -> Appetite) -> Result<Flow, Failure> {
        if let Some(over) = &self.over {
            return over.clone();
        }
        let left = &mut self.left;
        let result =
            stage::pump(&mut self.stages, self.cap.saturating_add(OVERHEAD), piece, &mut |decoded| {
                give(decoded, left, out)
            });
        if result != Ok(Flow::More) {
            self.over = Some(result.clone());
        }
        result
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("stages", &self.stages.len())
            .field("cap", &self.cap)
            .field("left", &self.left)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

/// Hands on what the cap allows.
fn give(decoded: &[u8], left: &mut u64, out: &mut dyn FnMut(&[u8]) -> Appetite) -> Flow {
    let fits = usize::try_from(*left).map_or(decoded.len(), |left| left.min(decoded.len()));
    let (within, beyond) = decoded.split_at(fits);
    *left -= fits as u64;
    for step in within.chunks(STEP) {
        if out(step) == Appetite::Enough {
            return Flow::Enough;
        }
    }
    if beyond.is_empty() { Flow::More } else { Flow::TooLarge }
}
