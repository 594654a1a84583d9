//! Talking to a crawl from outside, while a loop runs it.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::Waker;
use crawlspace::{Snapshot, Stop};
use futures::channel::oneshot;
use futures::task::AtomicWaker;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use url::Url;

/// Talks to a running crawl, from any thread, any number of clones at once. Made by
/// [`Crawl::handle`](crate::Crawl::handle); what it is told before a loop runs is kept for it.
///
/// Each method wakes the loop and returns at once, but for [`Handle::snapshot`]. `Ok` says that the crawl had not
/// ended when it was told; one that ends before it looks starts nothing more, but still gives its snapshot.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

/// The crawl has ended, or was dropped: nothing can be asked of it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended;

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the crawl has ended and takes no more commands; its engine was given back by the loop that ran it")
    }
}

impl core::error::Error for Ended {}

impl Handle {
    /// Adds a URL by identity: if it is known, nothing changes.
    ///
    /// # Errors
    ///
    /// [`Ended`], as for all methods.
    pub fn add(&self, url: Url) -> Result<(), Ended> {
        self.0.send(Command::Add(url))
    }

    /// Adds a URL as an item of its own, even if it was asked for before.
    ///
    /// # Errors
    ///
    /// [`Ended`].
    pub fn add_each(&self, url: Url) -> Result<(), Ended> {
        self.0.send(Command::AddEach(url))
    }

    /// Stops the crawl; the loop then gives the engine back. Of a fetch that is answered after an abort was sent the
    /// answer does not count, so that a fetcher can abort the crawl before it answers.
    ///
    /// # Errors
    ///
    /// [`Ended`].
    pub fn stop(&self, how: Stop) -> Result<(), Ended> {
        self.0.send(Command::Stop(how))
    }

    /// The state of the crawl between two steps; blocks until the loop has answered. Not to be called from what the
    /// loop itself calls (an observer, an async transport), which would wait for itself.
    ///
    /// # Errors
    ///
    /// [`Ended`], also if the loop is dropped before it answers.
    pub fn snapshot(&self) -> Result<Snapshot, Ended> {
        let (reply, answer) = mpsc::sync_channel(1);
        self.0.send(Command::Snapshot(Box::new(move |snapshot| drop(reply.send(snapshot)))))?;
        answer.recv().map_err(|_| Ended)
    }

    /// The state of the crawl between two steps.
    ///
    /// # Errors
    ///
    /// [`Ended`], also if the loop is dropped before it answers.
    pub async fn snapshot_async(&self) -> Result<Snapshot, Ended> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Command::Snapshot(Box::new(move |snapshot| drop(reply.send(snapshot)))))?;
        answer.await.map_err(|_| Ended)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("ended", &self.0.queue().closed).finish_non_exhaustive()
    }
}

/// What a handle can ask for.
pub(crate) enum Command {
    Add(Url),
    AddEach(Url),
    Stop(Stop),
    Snapshot(Box<dyn FnOnce(Snapshot) + Send>),
}

/// The loop's end. Closed when it is dropped, however that comes about.
pub(crate) struct Inbox(Arc<Shared>);

impl Inbox {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            queue: Mutex::new(Queue { commands: Vec::new(), closed: false }),
            mail: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }))
    }

    pub(crate) fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.0))
    }

    /// Has `waker` woken by the next command. Ask [`Inbox::has_mail`] *after* this, before going to sleep.
    pub(crate) fn listen(&self, waker: &Waker) {
        self.0.waker.register(waker);
    }

    /// Whether there is a command to take: one load, so that it can be asked at every step.
    pub(crate) fn has_mail(&self) -> bool {
        self.0.mail.load(Ordering::Acquire)
    }

    pub(crate) fn take(&self) -> Vec<Command> {
        let mut queue = self.0.queue();
        self.0.mail.store(false, Ordering::Release);
        core::mem::take(&mut queue.commands)
    }

    /// Takes no more; gives what is left.
    pub(crate) fn close(&self) -> Vec<Command> {
        self.0.queue().closed = true;
        self.take()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        // Dropping the commands tells those who wait for a snapshot.
        drop(self.close());
    }
}

struct Shared {
    queue: Mutex<Queue>,
    /// Whether `queue.commands` holds something; changed under its lock.
    mail: AtomicBool,
    waker: AtomicWaker,
}

struct Queue {
    commands: Vec<Command>,
    closed: bool,
}

impl Shared {
    fn send(&self, command: Command) -> Result<(), Ended> {
        let mut queue = self.queue();
        if queue.closed {
            return Err(Ended);
        }
        queue.commands.push(command);
        self.mail.store(true, Ordering::Release);
        drop(queue);
        self.waker.wake();
        Ok(())
    }

    /// No code that could panic runs under the lock, so a poisoned one is whole.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
