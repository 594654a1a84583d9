//! One connection, as the client sees it.

use crate::failure::{carry, wrapped};
use crate::head::{Found, Framing, HeadScan};
use crate::patience;
use crate::pool::Permit;
use core::fmt;
use crawlspace::{Failure, Phase, Protocol};
use crawlspace_http::HeadLimits;
use rustls::{ClientConnection, StreamOwned};
use std::io::{self, Read as _, Write as _};
use ureq::Error;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport, TransportAdapter};

/// Bytes of input that are read at once.
pub(crate) const INPUT: usize = 16 * 1024;
/// Bytes of output that are written at once: the longest line of a request, which holds the longest URL that an
/// engine's limits allow (32,768 bytes) or a long header.
pub(crate) const OUTPUT: usize = 36 * 1024;

/// A connection, plain or TLS, with a buffer that grows with a head up to its limit.
///
/// The client behind it sees a final head only once it is whole, and no informational one; a reset in the middle of a
/// body, or an end before the framing's own, is an error to it and not the end of the body.
pub(crate) struct Wire {
    stream: Stream,
    limits: HeadLimits,
    input: Vec<u8>,
    filled: usize,
    consumed: usize,
    progress: bool,
    output: Vec<u8>,
    /// While a head is awaited; its first byte is at `consumed`.
    head: Option<HeadScan>,
    framing: Framing,
    // Last, so that the connection is closed before its permit ends.
    _permit: Permit,
}

pub(crate) enum Stream {
    Plain(TransportAdapter),
    Tls(Box<StreamOwned<ClientConnection, TransportAdapter>>),
}

impl Wire {
    pub(crate) fn new(stream: Stream, limits: HeadLimits, permit: Permit) -> Self {
        Self {
            stream,
            limits,
            input: Vec::new(),
            filled: 0,
            consumed: 0,
            progress: false,
            output: Vec::new(),
            head: None,
            framing: Framing::default(),
            _permit: permit,
        }
    }

    /// Reads until the final head is whole; false at the end of the connection.
    fn await_head(&mut self, mut scan: HeadScan) -> Result<bool, Error> {
        loop {
            match scan.look(&self.input[self.consumed..self.filled]).map_err(carry)? {
                Found::Final(framing) => {
                    self.framing = framing;
                    return Ok(true);
                }
                Found::Foreign => return Ok(true),
                Found::Informational(len) => self.consumed += len,
                Found::More => {
                    if self.read(Phase::Head)? == 0 {
                        return Ok(false);
                    }
                }
            }
        }
    }

    fn await_body(&mut self) -> Result<bool, Error> {
        let read = self.read(Phase::Body)?;
        if read == 0 && !self.framing.until_close() {
            return Err(carry(Failure::Truncated));
        }
        Ok(read > 0)
    }

    fn read(&mut self, phase: Phase) -> Result<usize, Error> {
        self.make_room();
        if self.filled == self.input.len() {
            // A head is cut off at its limit before, so this is a line of chunked framing without an end.
            return Err(carry(Failure::Protocol(Protocol::Malformed)));
        }
        let read =
            self.stream.read(&mut self.input[self.filled..]).map_err(|error| carry(wrapped(error, phase)))?;
        self.filled += read;
        Ok(read)
    }

    fn make_room(&mut self) {
        if self.consumed > 0 {
            self.input.copy_within(self.consumed..self.filled, 0);
            self.filled -= self.consumed;
            self.consumed = 0;
        }
        if self.filled == self.input.len() && self.filled < self.limits.bytes.max(INPUT) {
            self.input.resize(self.filled + INPUT, 0);
        }
    }
}

impl Transport for Wire {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.head.is_none() {
            self.head = Some(HeadScan::new(self.limits, self.output.starts_with(b"HEAD ")));
        }
        self.stream.adapter().set_timeout(timeout);
        let written = self.stream.write_all(&self.output[..amount]);
        written.map_err(|error| carry(wrapped(error, Phase::Head)))
    }

    fn await_input(&mut self, mut timeout: NextTimeout) -> Result<bool, Error> {
        timeout.after = patience::cut(timeout.after).ok_or(Error::Timeout(timeout.reason))?;
        if let Some(scan) = self.head.take() {
            // The time between two pieces is bounded for bodies only.
            timeout.per_read = None;
            self.stream.adapter().set_timeout(timeout);
            return self.await_head(scan);
        }
        self.stream.adapter().set_timeout(timeout);
        self.await_body()
    }

    fn is_open(&mut self) -> bool {
        !self.framing.is_ambiguous() && self.stream.adapter().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }
}

impl Buffers for Wire {
    fn output(&mut self) -> &mut [u8] {
        self.output.resize(OUTPUT, 0);
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        if self.head.is_some() { &[] } else { &self.input[self.consumed..self.filled] }
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.make_room();
        &mut self.input[self.filled..]
    }

    fn input_appended(&mut self, amount: usize) {
        self.filled = self.input.len().min(self.filled + amount);
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.consumed = self.filled.min(self.consumed + amount);
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.make_room();
        self.output.resize(OUTPUT, 0);
        (&mut self.input[self.filled..], &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        self.progress && !self.input().is_empty()
    }
}

impl Stream {
    fn adapter(&mut self) -> &mut TransportAdapter {
        match self {
            Self::Plain(adapter) => adapter,
            Self::Tls(tls) => tls.get_mut(),
        }
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(adapter) => adapter.read(into),
            Self::Tls(tls) => tls.read(into),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(adapter) => adapter.write_all(bytes),
            Self::Tls(tls) => tls.write_all(bytes),
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("tls", &self.is_tls()).finish_non_exhaustive()
    }
}
