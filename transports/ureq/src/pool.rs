//! Which connections are open: those in use and those kept for the next request.
//!
//! The client's own pool bounds idle connections only, so that as many again could be in use, and walks all of them
//! for each request. It is set to keep none; what it lets go of comes back here.

use crate::wire::Wire;
use core::fmt;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use ureq::Error;
use ureq::http::Uri;
use ureq::http::uri::Authority;
use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

/// How long a connection may be idle and still be used again: servers close idle ones without a word, and a request
/// that crosses with that is lost.
const IDLE: Duration = Duration::from_secs(15);

/// Scheme, host and port: whom a connection leads to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    tls: bool,
    authority: Authority,
}

impl Origin {
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        Some(Self { tls: uri.scheme_str()? == "https", authority: uri.authority()?.clone() })
    }
}

/// The connections of a client.
pub(crate) struct Pool {
    most: usize,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    open: usize,
    /// Longest idle first.
    idle: VecDeque<Idle>,
}

struct Idle {
    origin: Origin,
    since: Instant,
    wire: Wire,
}

/// The right to one open connection; lives with its socket. It does not keep the pool, which may hold that socket: idle
/// connections are closed with their client.
pub(crate) struct Permit(Weak<Pool>);

impl Pool {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, books: Mutex::default() })
    }

    /// A connection to this origin that is idle and still open, the one last used.
    pub(crate) fn take(self: &Arc<Self>, origin: &Origin) -> Option<Loan> {
        loop {
            let mut books = self.books();
            let old = books.idle.partition_point(|idle| idle.since.elapsed() > IDLE);
            let old: Vec<_> = books.idle.drain(..old).collect();
            let found = books.idle.iter().rposition(|idle| idle.origin == *origin);
            let found = found.and_then(|at| books.idle.remove(at));
            // Closing a connection ends its permit, which comes back here.
            drop(books);
            drop(old);
            let mut wire = found?.wire;
            if wire.is_open() {
                return Some(Loan::new(wire, origin.clone(), Arc::clone(self)));
            }
        }
    }

    /// Leave to open one more connection. Where there are as many as may be, what has been idle for longest is closed
    /// before; only with more threads than connections can there be nothing idle.
    pub(crate) fn permit(self: &Arc<Self>) -> Permit {
        loop {
            let mut books = self.books();
            let first = if books.open >= self.most { books.idle.pop_front() } else { None };
            let Some(first) = first else {
                books.open += 1;
                return Permit(Arc::downgrade(self));
            };
            drop(books);
            drop(first);
        }
    }

    /// Keeps a connection for the next request.
    fn rest(&self, origin: Origin, wire: Wire) {
        let mut books = self.books();
        let unwanted = if books.open > self.most {
            Some(wire)
        } else {
            books.idle.push_back(Idle { origin, since: Instant::now(), wire });
            None
        };
        drop(books);
        drop(unwanted);
    }

    /// The books are right at every moment where a panic could come.
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.books().open -= 1;
        }
    }
}

/// A connection in the client's hands. When the client lets go of it, having asked whether it could be used again, it
/// goes back to the pool; else it is closed.
pub(crate) struct Loan {
    /// Taken only as this is dropped.
    wire: Option<Wire>,
    origin: Origin,
    home: Arc<Pool>,
    reusable: bool,
}

impl Loan {
    pub(crate) fn new(wire: Wire, origin: Origin, home: Arc<Pool>) -> Self {
        Self { wire: Some(wire), origin, home, reusable: false }
    }

    fn wire(&mut self) -> &mut Wire {
        self.wire.as_mut().expect("taken only as this is dropped")
    }
}

impl Transport for Loan {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.wire().buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.reusable = false;
        self.wire().transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.wire().await_input(timeout)
    }

    /// Asked once a response has been read to its end.
    fn is_open(&mut self) -> bool {
        self.reusable = self.wire().is_open();
        self.reusable
    }

    fn is_tls(&self) -> bool {
        self.wire.as_ref().is_some_and(Transport::is_tls)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(wire) = self.wire.take()
            && self.reusable
        {
            self.home.rest(self.origin.clone(), wire);
        }
    }
}

impl fmt::Debug for Loan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan").field("wire", &self.wire).finish_non_exhaustive()
    }
}
